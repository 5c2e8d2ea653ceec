/** A file that follows from the kept figures of the bench. */
export interface ResultFile {
  /** Absolute. */
  path: string;
  content: string;
}

/** RESULTS.md and its pictures, as they follow from the figures that are kept. */
export function resultFiles(): ResultFile[];
