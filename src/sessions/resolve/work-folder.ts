import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { errorCode } from '../../system/problem.js';
import type { Workplace } from '../../claude/workplace.js';

/**
 * Real path of a folder that the user names as the option `cwd`, from the current one; of the current one itself if
 * none is named. Throws USAGE if it is not there or no folder, and for an empty name, which is a variable that is not
 * set.
 */
export function realFolder(named: string | undefined, { cwd }: Pick<Workplace, 'cwd'>): string {
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

/** Real path that a path will have once it is there, whatever of it is missing yet. */
export function realPathToBe(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return join(realPathToBe(dirname(path)), basename(path));
  }
}
