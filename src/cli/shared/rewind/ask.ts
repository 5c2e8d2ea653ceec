import { CcsessError } from '../../../system/errors.js';
import type { Context, Questions } from '../../context.js';

/** Returns who can be asked for confirmation. Throws USAGE where nobody can. */
export async function someoneToAsk({ global, questions }: Context): Promise<Questions> {
  const someone = global.json ? null : await questions();
  if (someone !== null) return someone;
  const what = global.json ? '--json never asks for confirmation' : 'cannot ask for confirmation without a terminal';
  throw new CcsessError('USAGE', `${what}: pass --yes, or -n for a dry run.`);
}
