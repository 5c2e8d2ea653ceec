/** A filter for absolute paths of files. */
export interface PathFilter {
  /** Files, and folders with everything below them. */
  paths: readonly string[];
  /** Patterns; all paths that one matches begin with its `start`. */
  globs: readonly { start: string; isMatch(path: string): boolean }[];
}
