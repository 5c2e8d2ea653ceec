import { resolve } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import type { TouchedFile } from './file-record.js';
import { call, phrase } from '../../system/phrase.js';

const MAX_NAMED = 5;

/**
 * Returns the file of a session that a path names: absolute, relative to one of the folders, or the end of exactly one
 * file's path. Throws NOT_FOUND or AMBIGUOUS with the paths to type.
 */
export function findFile(files: readonly TouchedFile[], path: string, folders: readonly string[]): TouchedFile {
  const wanted = new Set(folders.map((folder) => resolve(folder, path)));
  const exact = files.find((file) => file.path === path || wanted.has(file.path));
  if (exact !== undefined) return exact;
  const end = `/${path.replace(/^(?:\.?\/)+/, '')}`;
  const [only, ...others] = files.filter((file) => file.path.endsWith(end));
  if (only === undefined)
    throw new CcsessError('NOT_FOUND', `the tools of the session touched no file '${path}'.`, {
      hint: phrase`${call('listTouchedFiles', ['<session>'])}`,
    });
  if (others.length === 0) return only;
  throw new CcsessError('AMBIGUOUS', `'${path}' is the end of ${others.length + 1} paths. Name one:`, {
    hint: [only, ...others.slice(0, MAX_NAMED - 1)].map((file) => file.path).join('\n'),
  });
}
