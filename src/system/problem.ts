/** Kinds of problems; docs/json.md says what each means. More may be added, none changes its meaning. */
export type ProblemCode =
  | 'damaged-line'
  | 'damaged-manifest'
  | 'glued-records'
  | 'huge-line'
  | 'line-too-long'
  | 'more-problems'
  | 'not-a-file'
  | 'not-an-object'
  | 'not-compressed'
  | 'not-deleted'
  | 'not-ours'
  | 'nul-run'
  | 'odd-usage'
  | 'slow-regexp'
  | 'torn-tail'
  | 'unchanged'
  | 'unknown-price'
  | 'unreadable'
  | 'unreadable-job'
  | 'unreadable-registry'
  | 'unsafe-trash'
  | 'vanished';

/** Something that was not as expected; never a reason to stop. Rendered as is in JSON. */
export interface Problem {
  code: ProblemCode;
  message: string;
  file: string;
  /** 1-based line, where one is meant. */
  line: number | null;
  byteOffset: number | null;
}

/** A problem with a whole file or folder, at no line in particular. */
export function fileProblem(code: ProblemCode, message: string, file: string): Problem {
  return { code, message, file, line: null, byteOffset: null };
}

/** The problem of a file or folder that the system will not let us read; `error` is what it said. */
export function unreadable(file: string, error: unknown): Problem {
  return fileProblem('unreadable', `Cannot be read (${errorCode(error) ?? 'unknown error'}).`, file);
}

/** The code of a failed system call, such as `ENOSPC`. */
export type SystemErrorCode = `E${string}`;

/** Returns true for the code of a failed system call. */
export function isSystemErrorCode(code: string): code is SystemErrorCode {
  return code.startsWith('E');
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
