import type { ChalkInstance } from 'chalk';
import type { Fit } from './fit.js';

/** The terminal and the reader, as far as rendering needs to know them. */
export interface Screen {
  width: number;
  color: ChalkInstance;
  home: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** Names of the config dirs by their paths, if there are several: they distinguish sessions. */
  configDirNames?: ReadonlyMap<string, string>;
}

/** A screen a page of text goes to; in a pipe its width is infinite. */
export interface PageScreen extends Screen {
  fit: Fit;
}
