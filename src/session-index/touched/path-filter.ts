/** A filter for absolute paths of files. */
export interface PathFilter {
  /** Files, and folders with everything below them. */
  paths: readonly string[];
  /** Patterns: what they match begins with `start`. */
  globs: readonly { start: string; isMatch(path: string): boolean }[];
}
