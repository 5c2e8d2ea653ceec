/** Something that was not as expected; never a reason to stop. Rendered as is in JSON. */
export interface Problem {
  /** Stable kebab-case code, e.g. `damaged-line`, `nul-run`, `unreadable`, `not-a-file`. */
  code: string;
  message: string;
  file: string;
  /** 1-based line, where one is meant. */
  line: number | null;
  byteOffset: number | null;
}

/** A problem with a whole file or folder, at no line in particular. */
export function fileProblem(code: string, message: string, file: string): Problem {
  return { code, message, file, line: null, byteOffset: null };
}

/** The problem of a file or folder that the system will not let us read; `error` is what it said. */
export function unreadable(file: string, error: unknown): Problem {
  return fileProblem('unreadable', `Cannot be read (${errorCode(error) ?? 'unknown error'}).`, file);
}

/** The system's code of a failed call (`ENOENT`, `EACCES` …); `null` for any other error. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/**
 * Returns true for the error of a disk that is full, or of a quota that is used up, also as the cause of another error.
 */
export function isNoSpace(error: unknown): boolean {
  if (['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')) return true;
  return error instanceof Error && error.cause !== undefined && isNoSpace(error.cause);
}
