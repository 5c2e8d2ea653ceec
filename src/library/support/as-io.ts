import { CcsessError } from '../../system/errors.js';
import { describeSystemError, errorCode } from '../../system/problem.js';

/** Returns a system error as an IO error that says what failed, and any other error unchanged. */
export function asIo(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CcsessError || errorCode(error) === null) return error;
  return new CcsessError('IO', `${describeSystemError(error)}.`, { cause: error });
}

/** Calls a function and returns its result; throws its errors as `asIo` returns them. */
export function throwAsIo<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asIo(error);
  }
}

/** Resolves to the result of a promise; rejects with its errors as `asIo` returns them. */
export async function rejectAsIo<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw asIo(error);
  });
}
