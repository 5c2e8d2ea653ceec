import type { ChalkInstance } from 'chalk';

/** What rendering needs to know of the terminal and the reader. */
export interface Screen {
  width: number;
  color: ChalkInstance;
  home: string;
  /** Milliseconds since the epoch. */
  now: number;
}
