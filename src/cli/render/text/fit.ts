/** Fits texts to the width of a page: on a terminal by columns (`wrap.ts`), in a pipe not at all. */
export interface Fit {
  /** Returns the number of columns of a text. */
  widthOf(text: string): number;
  /** Cuts a text at its end to at most `width` columns. */
  cut(text: string, width: number): string;
  /** Wraps a line into lines of at most `width` columns. */
  wrap(line: string, width: number): string[];
}

/** Neither wraps nor cuts, for pipes, so that the module that measures text need not be loaded. */
export const UNBROKEN: Fit = {
  widthOf: (text) => text.length,
  cut: (text) => text,
  wrap: (line) => [line],
};
