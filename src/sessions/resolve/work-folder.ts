import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { errorCode } from '../../system/problem.js';
import type { Environment } from '../../claude/environment.js';

/**
 * Returns the real path of the folder given as the option `cwd`, relative to the current one; without the option, of
 * the current one. Throws USAGE if it does not exist or is not a folder, and for an empty name (an unset variable).
 */
export function realFolder(named: string | undefined, { cwd }: Pick<Environment, 'cwd'>): string {
  if (named === '') throw new CcsessError('USAGE', phrase`${option('cwd')} needs a value.`);
  const path = resolve(cwd, named ?? '.');
  const label = named === undefined ? `the current folder ${path}` : phrase`${option('cwd')} ${named}`;
  try {
    if (statSync(path).isDirectory()) return realpathSync(path);
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    throw new CcsessError(
      'USAGE',
      phrase`${label}: ${code === 'ENOENT' ? 'no such folder' : `cannot be used (${code})`}.`,
      {
        cause: error,
      },
    );
  }
  throw new CcsessError('USAGE', phrase`${label}: not a folder.`);
}

/** Returns the real path that a path will have once its missing parts exist. */
export function realPathToBe(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return join(realPathToBe(dirname(path)), basename(path));
  }
}
