import type { ChalkInstance } from 'chalk';
import type { Fit } from './fit.js';

/** The terminal and its user, as far as rendering depends on them. */
export interface Screen {
  width: number;
  color: ChalkInstance;
  home: string;
  /** How suggested commands begin (`Context`). */
  invocation: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** Names of several config dirs by path, to distinguish their sessions. */
  configDirNames?: ReadonlyMap<string, string>;
}

/** Returns a text as lines of at most `width` columns, without control characters except colours. */
export type TextLayout = (text: string, width: number) => string[];

/** The screen of a page of text. In a pipe its width is infinite. */
export interface PageScreen extends Screen {
  fit: Fit;
  /** Lays out the Markdown of answers; null if it is printed as written. */
  markdown: TextLayout | null;
}
