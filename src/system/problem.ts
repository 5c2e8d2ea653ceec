/** Kinds of problems, explained in docs/json.md. More may be added; none changes its meaning. */
export type ProblemCode =
  | 'damaged-file'
  | 'damaged-line'
  | 'damaged-manifest'
  | 'glued-records'
  | 'huge-line'
  | 'interrupted-move'
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

/** Something unexpected that did not stop the work. JSON as it is. */
export interface Problem {
  code: ProblemCode;
  message: string;
  file: string;
  /** Line number, counted from 1; null if the problem is not at a line. */
  line: number | null;
  byteOffset: number | null;
}

/** Returns a problem with a whole file or folder. */
export function fileProblem(code: ProblemCode, message: string, file: string): Problem {
  return { code, message, file, line: null, byteOffset: null };
}

/** Returns the problem of a file or folder that cannot be read; `error` is Node's. */
export function unreadable(file: string, error: unknown): Problem {
  return fileProblem('unreadable', `Cannot be read (${errorCode(error) ?? 'unknown error'}).`, file);
}

/** The code of a failed system call, such as `ENOSPC`. */
export type SystemErrorCode = `E${string}`;

/** Returns true for the code of a failed system call. */
export function isSystemErrorCode(code: string): code is SystemErrorCode {
  return code.startsWith('E');
}

/** Returns the code of a failed system call (`ENOENT`, `EACCES` …); null for any other error. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Returns true for the error of a file or folder that may not be read, or whose disk fails. */
export function isUnreadable(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EIO'].includes(errorCode(error) ?? '');
}

/** Returns true for the error of a full disk or an exhausted quota, even if it is the cause of another error. */
export function isDiskFull(error: unknown): boolean {
  if (['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')) return true;
  return error instanceof Error && error.cause !== undefined && isDiskFull(error.cause);
}

/** The message of anything that was thrown; of a system error, what `describeSystemError` says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? describeSystemError(error) : String(error);
}

/** Words for what failed, by the name of the system call. */
const ACTIONS: Readonly<Record<string, string>> = {
  open: 'open',
  read: 'read',
  lstat: 'read',
  stat: 'read',
  scandir: 'list',
  write: 'write',
  mkdir: 'create',
  unlink: 'delete',
  rmdir: 'delete',
  rename: 'rename',
};

/** Node's message for a system error: `EACCES: permission denied, open '/x'`. */
const NODE_MESSAGE = /^(?<code>E[A-Z0-9]+): (?<reason>[^,]+), (?<call>\w+)(?<rest>.*)$/s;

/**
 * Describes a failed system call as `cannot open /x: permission denied (EACCES)`, without a full stop. Returns Node's
 * message for a call whose name would say nothing to a reader.
 */
export function describeSystemError({ message }: Error): string {
  const { code, reason, call = '', rest = '' } = NODE_MESSAGE.exec(message)?.groups ?? {};
  const action = ACTIONS[call];
  if (action === undefined) return message;
  // Two paths are written `'/x' -> '/y'`.
  const paths = rest.replace(/^ '|'$/g, '').replace("' -> '", ' to ');
  return `cannot ${action}${paths === '' ? '' : ` ${paths}`}: ${reason} (${code})`;
}
