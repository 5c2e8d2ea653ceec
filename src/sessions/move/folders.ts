import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize, sep } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import type { Workplace } from '../../claude/workplace.js';
import { isFolder } from '../../system/look.js';
import { absolutePath } from '../../system/real-path.js';

/** An old folder: every name under which sessions may have recorded it, the one it was given by first. */
export interface OldFolder {
  path: string;
  names: readonly string[];
}

/**
 * The folder sessions move to, as Claude Code will record it: its real path. Throws USAGE if there is no such folder,
 * since moving sessions does not make it.
 */
export function newFolder(name: string, start: Pick<Workplace, 'cwd' | 'home'>): string {
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
 * The folder sessions move from, which need not exist any more. It may be a link to the new one by now, left for those
 * who know the old name. Throws USAGE if it is the new one itself.
 */
export function oldFolder(name: string, to: string, start: Pick<Workplace, 'cwd' | 'home'>): OldFolder {
  const path = absolute(name, start);
  const names = [...new Set([path, realPathOfGone(path)])].filter((each) => each !== to);
  if (names.length === 0) throw new CcsessError('USAGE', `${path} is the new folder already.`);
  return { path, names };
}

/** New path of a folder at or below the old one: the same way below the new one. `null` for other folders. */
export function destination(cwd: string, { names }: OldFolder, to: string): string | null {
  const folder = normalize(cwd);
  const name = names.find((each) => isWithin(folder, each));
  return name === undefined ? null : realPathOfGone(join(to, folder.slice(name.length)));
}

/** True if a folder is another or is below it. */
export function isWithin(folder: string, other: string): boolean {
  return folder === other || folder.startsWith(asStart(other));
}

function asStart(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep;
}

/** As `absolutePath`. Throws USAGE for an empty name: a variable that is not set, and not the current folder. */
function absolute(name: string, { cwd, home }: Pick<Workplace, 'cwd' | 'home'>): string {
  if (name === '') throw new CcsessError('USAGE', 'a folder name cannot be empty.');
  return absolutePath(name, { cwd, home });
}

/**
 * The real path as far as folders exist, the rest as it is written: what Claude Code recorded when all of it was there.
 */
function realPathOfGone(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPathOfGone(above), basename(path));
  }
}
