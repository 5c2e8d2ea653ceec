import type { ConfigDir } from './model.js';
import type { System } from '../system/system.js';

/** What changing sessions needs of the world outside; nothing of it is taken from the process itself. */
export interface Workplace {
  configDirs: readonly ConfigDir[];
  /** Milliseconds since the epoch. */
  now(): number;
  /** Tells who holds a session. */
  system: System;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  cwd: string;
}
