import { CcsessError } from '../system/errors.js';
import { errorCode } from '../system/problem.js';

/** What the system would not let us do as an IO error, in the system's words; any other error as it is. */
export function asIo(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CcsessError || errorCode(error) === null) return error;
  return new CcsessError('IO', `${error.message}.`, { cause: error });
}

/** What the work comes to. Throws as it does, system errors as `asIo`. */
export function orIo<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asIo(error);
  }
}

/** As `orIo`, for work that takes its time. */
export async function orIoLater<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw asIo(error);
  });
}
