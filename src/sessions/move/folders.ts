import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize, sep } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import type { Environment } from '../../claude/environment.js';
import { isFolder } from '../../system/stat.js';
import { absolutePath } from '../../system/real-path.js';

/** An old folder with every path that sessions may have recorded for it, first the one that was given. */
export interface OldFolder {
  path: string;
  names: readonly string[];
}

/**
 * Returns the folder that sessions move to, by the real path that Claude Code will record. Throws USAGE if it does not
 * exist, since moving sessions does not create it.
 */
export function newFolder(name: string, start: Pick<Environment, 'cwd' | 'home'>): string {
  const path = absolute(name, start);
  if (!isFolder(path)) {
    const hint = 'ccsess moves sessions, not the folder: move the folder first.';
    throw new CcsessError(
      'USAGE',
      `${path} is ${statSync(path, { throwIfNoEntry: false }) === undefined ? 'not there' : 'not a folder'}: ${hint}`,
    );
  }
  return realpathSync(path);
}

/**
 * Returns the folder that sessions move from. It need not exist any more, and may now be a link to the new one. Throws
 * USAGE if it is the new folder itself.
 */
export function oldFolder(name: string, to: string, start: Pick<Environment, 'cwd' | 'home'>): OldFolder {
  const path = absolute(name, start);
  const names = [...new Set([path, realPathOfGone(path)])].filter((each) => each !== to);
  if (names.length === 0) throw new CcsessError('USAGE', `${path} is the new folder already.`);
  return { path, names };
}

/**
 * Returns the new path of a folder at or below the old one: the same relative path below the new one. Null for other
 * folders.
 */
export function destination(cwd: string, { names }: OldFolder, to: string): string | null {
  const folder = normalize(cwd);
  const name = names.find((each) => isWithin(folder, each));
  return name === undefined ? null : realPathOfGone(join(to, folder.slice(name.length)));
}

/** True if a folder is the same as another one or below it. */
export function isWithin(folder: string, other: string): boolean {
  return folder === other || folder.startsWith(asStart(other));
}

function asStart(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep;
}

/**
 * Returns an absolute path. Throws USAGE for an empty name, since an unset variable must not mean the current folder.
 */
function absolute(name: string, { cwd, home }: Pick<Environment, 'cwd' | 'home'>): string {
  if (name === '') throw new CcsessError('USAGE', 'a folder name cannot be empty.');
  return absolutePath(name, { cwd, home });
}

/**
 * Returns the real path of the existing part of a path, and the rest as written: the path Claude Code recorded while
 * all of it existed.
 */
function realPathOfGone(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPathOfGone(above), basename(path));
  }
}
