import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { makeFolders } from '../../system/make-folders.js';
import type { ConfigDir } from '../../claude/model.js';
import { errorCode, fileProblem, type Problem } from '../../system/problem.js';
import { requirePlainFolder, UnsafePath } from '../../system/safe-path.js';
import { ownUid } from '../../system/system.js';
import type { Environment } from '../../claude/environment.js';
import { PRIVATE_FOLDER } from '../../system/write-file.js';
import { ownFolder } from '../lock.js';
import { absolutePath, realPathOrSelf } from '../../system/real-path.js';
import { COPY } from './manifest.js';

/** Pattern of a run folder's name: a trash that was named may hold much else. */
const RUN_NAME = /^\d{4}-\d{2}-\d{2}T[\w-]+$/;

/**
 * Returns the absolute path of the trash folder that an option or `CCSESS_TRASH_DIR` names; `null` if each config dir
 * has its own. Throws USAGE for a path that is not a folder, or is inside `projects`.
 */
export function namedTrashDir(
  flag: string | undefined,
  { configDirs, env, home, cwd }: Pick<Environment, 'configDirs' | 'env' | 'home' | 'cwd'>,
): string | null {
  const named = flag ?? env['CCSESS_TRASH_DIR'] ?? '';
  if (named === '') {
    if (flag !== undefined) throw new CcsessError('USAGE', phrase`${option('trashDir')}: name a folder.`);
    return null;
  }
  const path = absolutePath(named, { cwd, home });
  const inProjects = configDirs.some(({ path: configDir, projectsRoot }) =>
    [join(configDir, 'projects'), projectsRoot].some((root) => `${path}${sep}`.startsWith(root + sep)),
  );
  if (inProjects) throw new CcsessError('USAGE', `the trash cannot be inside projects/: ${path}.`);
  if (isOtherThanFolder(path)) throw new CcsessError('USAGE', `the trash is not a folder: ${path}.`);
  return path;
}

/** Returns false for a path that cannot be read: the attempt to create the folder reports that. */
function isOtherThanFolder(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Returns the trash folder for the sessions of a config dir. */
export function trashDirOf(configDir: ConfigDir, named: string | null): string {
  return named ?? join(ownFolder(configDir), 'trash');
}

/** Returns the trash folders of some config dirs, each once. */
export function trashDirsOf(configDirs: readonly ConfigDir[], named: string | null): string[] {
  return [...new Set(configDirs.map((configDir) => trashDirOf(configDir, named)))];
}

/** Returns the name of the run that a path in a trash belongs to; empty if there is none. */
export function runNameIn(path: string): string {
  return path.split(sep).findLast((part) => RUN_NAME.test(part)) ?? '';
}

/** Creates the folder of a run, named after it, and returns its path. Throws IO if that fails. */
export function makeRunFolder(trashDir: string, pruneId: string): string {
  // The id may come from a file, and a plan may be applied twice.
  const safe = pruneId.replaceAll(/[^\w-]/g, '-');
  const name = RUN_NAME.test(safe) ? safe : `0000-00-00T-${safe}`;
  try {
    makeFolders(trashDir);
    for (let n = 1; ; n++) {
      const folder = join(trashDir, n === 1 ? name : `${name}-${n}`);
      if (tryMakeFolder(folder)) return requireOwnFolder(folder);
    }
  } catch (error) {
    throw new CcsessError(
      'IO',
      `the trash cannot be written: ${trashDir} (${errorCode(error) ?? 'unknown error'}). Nothing was moved.`,
      { cause: error },
    );
  }
}

/**
 * Throws, with the folder removed, if the file system gave it to another user, since its entries would then be ignored.
 */
function requireOwnFolder(folder: string): string {
  if (lstatSync(folder).uid === ownUid()) return folder;
  rmdirSync(folder);
  throw Object.assign(new Error('it belongs to another user'), { code: 'EPERM' });
}

function tryMakeFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: PRIVATE_FOLDER });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Returns false, with a problem added, if a config dir's own trash is reached through a link. */
export function isOwnTrash(configDir: ConfigDir, problems: Problem[]): boolean {
  const folder = ownFolder(configDir);
  try {
    for (const path of [folder, join(folder, 'trash')]) requirePlainFolder(path);
    return true;
  } catch (error) {
    if (!(error instanceof UnsafePath)) return true;
    problems.push(fileProblem('unsafe-trash', `The trash is not read: ${error.message}.`, folder));
    return false;
  }
}

/** Codes of paths at which nothing can be: no folder, a link that leads to itself, a name that is too long. */
const NOWHERE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

/**
 * The folders that runs have made in a trash, oldest name first; none where there is no trash. Those of other users
 * and renamed ones are left out, and noted as problems. Throws IO for a trash that cannot be read.
 */
export function runFoldersIn(trashDir: string, problems: Problem[]): string[] {
  try {
    return readdirSync(trashDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(trashDir, name))
      .filter((path) => hasRunName(path, problems) && isOwn(path, problems))
      .sort();
  } catch (error) {
    const code = errorCode(error) ?? 'unknown error';
    if (NOWHERE.includes(code)) return [];
    throw new CcsessError('IO', `the trash cannot be read: ${trashDir} (${code}).`, { cause: error });
  }
}

/** Returns false for a folder that is not named like a run; one with a manifest in it is a problem. */
function hasRunName(path: string, problems: Problem[]): boolean {
  if (RUN_NAME.test(basename(path))) return true;
  if (existsSync(join(path, COPY))) {
    const message = 'Skipped in the trash: not named like a run, for example 2026-11-23T06-46-02Z-7a6f; rename it.';
    problems.push(fileProblem('unsafe-trash', message, path));
  }
  return false;
}

function isOwn(path: string, problems: Problem[]): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.uid === ownUid()) return stats !== undefined;
  problems.push(fileProblem('not-ours', 'Skipped in the trash: owned by another user.', path));
  return false;
}

/** A trash folder, and the config dirs whose sessions are read from it. */
export interface TrashSource {
  dir: string;
  /** The config dir whose own trash it is; `null` for one that was named, which other runs may be using. */
  owner: ConfigDir | null;
  /** Paths of the config dirs in use. */
  configDirs: readonly string[];
}

/** Returns the trash folders of some config dirs and those that are named, each once. */
export function trashSources(configDirs: readonly ConfigDir[], named: readonly (string | null)[]): TrashSource[] {
  const paths = configDirs.map(({ path }) => path);
  const own = configDirs.map((owner): TrashSource => ({ dir: trashDirOf(owner, null), owner, configDirs: paths }));
  const known = new Set(own.map(({ dir }) => realPathOrSelf(dir)));
  const others = named.flatMap((dir) => {
    if (dir === null || known.has(realPathOrSelf(dir))) return [];
    known.add(realPathOrSelf(dir));
    return [{ dir, owner: null, configDirs: paths }];
  });
  return [...own, ...others];
}
