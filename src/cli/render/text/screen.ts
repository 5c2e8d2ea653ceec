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

/** Returns a text as lines of at most `width` columns, without control characters but colours. */
export type TextLayout = (text: string, width: number) => string[];

/** A screen a page of text goes to; in a pipe its width is infinite. */
export interface PageScreen extends Screen {
  fit: Fit;
  /** Lays out the Markdown of answers; null where it is printed as written. */
  markdown: TextLayout | null;
}
