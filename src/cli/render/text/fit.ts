/** How texts are fitted to the width of a page: on a terminal by columns (`wrap.ts`), in a pipe not at all. */
export interface Fit {
  /** Returns the number of columns that a text takes. */
  widthOf(text: string): number;
  /** Cuts a text at its end if it is wider. */
  cut(text: string, width: number): string;
  /** Wraps a line into as many lines as it takes. */
  wrap(line: string, width: number): string[];
}

/** For a pipe: nothing is wrapped or cut, so the module that measures text need not be loaded. */
export const UNBROKEN: Fit = {
  widthOf: (text) => text.length,
  cut: (text) => text,
  wrap: (line) => [line],
};
