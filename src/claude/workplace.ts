import type { ConfigDir } from './model.js';
import type { System } from '../system/system.js';

/** Environment of a command that changes sessions. Nothing is read from the process itself. */
export interface Workplace {
  configDirs: readonly ConfigDir[];
  /** Current time in milliseconds since the epoch. */
  now(): number;
  /** Processes of the machine, for finding holders. */
  system: System;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  cwd: string;
}
