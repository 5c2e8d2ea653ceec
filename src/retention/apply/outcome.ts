import { CcsessError } from '../../system/errors.js';
import { errorCode, isSystemErrorCode, messageOf } from '../../system/problem.js';
import type { FailureCode, KeepCode, Reason, Removal } from '../model.js';

/** The outcome for a session of a plan. */
export type Outcome = Pick<Removal, 'status' | 'error'>;

/** The outcome of a session that is removed. */
export const REMOVED: Outcome = { status: 'removed', error: null };
/** The outcome of a session that is kept because its files differ from the plan, or are gone. */
export const CHANGED: Outcome = { status: 'changed', error: null };

/** Returns the outcome of a session that is kept for a reason. */
export function protectedBy({ code, detail }: Reason<KeepCode>): Outcome {
  return { status: 'protected', error: { code, message: detail === null ? code : `${code}: ${detail}` } };
}

/** Returns the outcome of a session that could not be removed. */
export function failedWith(error: unknown): Outcome {
  return { status: 'failed', error: { code: failureCode(error), message: messageOf(error) } };
}

function failureCode(error: unknown): FailureCode {
  if (error instanceof CcsessError) return error.code;
  const code = errorCode(error);
  return code !== null && isSystemErrorCode(code) ? code : 'INTERNAL';
}
