/** A file that the bench makes from the stored figures. */
export interface ResultFile {
  /** Absolute. */
  path: string;
  content: string;
}

/** RESULTS.md and its pictures, as they follow from the figures that are kept. */
export function resultFiles(): ResultFile[];
