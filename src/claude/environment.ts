import type { ConfigDir } from './model.js';
import type { System } from '../system/system.js';

/**
 * Everything that the core needs to know about its surroundings: config dirs, clock, processes, environment variables
 * and folders. The core reads none of it from the process itself, so tests and the library can pass their own.
 */
export interface Environment {
  configDirs: readonly ConfigDir[];
  /** Current time in milliseconds since the epoch. */
  now(): number;
  /** Processes of the machine, for finding holders. */
  system: System;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  cwd: string;
}
