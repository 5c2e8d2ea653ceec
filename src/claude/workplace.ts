import type { ConfigDir } from './model.js';
import type { System } from '../system/system.js';

/** Surroundings of a command that changes sessions; nothing is taken from the process itself. */
export interface Workplace {
  configDirs: readonly ConfigDir[];
  /** Milliseconds since the epoch. */
  now(): number;
  /** Processes of the machine, for finding holders. */
  system: System;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  cwd: string;
}
