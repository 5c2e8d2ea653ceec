/** How a page's text is made to fit its width: on a terminal by columns (`wrap.ts`), in a pipe not at all. */
export interface Fit {
  /** Columns a text takes. */
  widthOf(text: string): number;
  /** Cut at its end, if it is wider. */
  cut(text: string, width: number): string;
  /** One line, broken into as many as it takes. */
  wrap(line: string, width: number): string[];
}

/** For a pipe: nothing is broken or cut, and what measures text need not be loaded. */
export const UNBROKEN: Fit = {
  widthOf: (text) => text.length,
  cut: (text) => text,
  wrap: (line) => [line],
};
