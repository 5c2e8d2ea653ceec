import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { ConfigDir, TranscriptFile } from '../../../claude/model.js';
import { statOrNull } from '../../../system/stat.js';

/** Tests if a folder is in a config dir and not reached through a link in it. */
export type IsOurs = (folder: string, configDir: ConfigDir) => boolean;

/** Returns an `IsOurs` that examines each folder once; false for a folder that is gone. */
export function ourFolders(configDirs: readonly ConfigDir[]): IsOurs {
  const known = new Map<string, boolean>();
  const ours = new Map<ConfigDir, readonly Base[]>();
  const parents = new Map<string, string | null>();
  return (folder, configDir) => {
    const result = known.get(folder);
    if (result !== undefined) return result;
    const bases = ours.get(configDir) ?? basesOf(configDir, configDirs);
    ours.set(configDir, bases);
    const base = bases.find(({ path }) => folder === path || folder.startsWith(path + sep));
    // A restore follows no link, so nothing is moved from below one.
    const isOurs = base !== undefined && realPathIn(folder, parents) === base.real + folder.slice(base.path.length);
    known.set(folder, isOurs);
    return isOurs;
  };
}

/**
 * Returns an `IsOurs` for sessions that are moved one after the other: each call reads the folder's state, and resolves
 * its path again if it has become another folder.
 */
export function ourFoldersNow(configDirs: readonly ConfigDir[]): IsOurs {
  const known = new Map<string, { dev: number; ino: number; isOurs: boolean }>();
  return (folder, configDir) => {
    const stats = statOrNull(folder);
    if (stats?.isDirectory() !== true) return ourFolders(configDirs)(folder, configDir);
    const { dev, ino } = stats;
    const seen = known.get(folder);
    if (seen?.dev === dev && seen.ino === ino) return seen.isOurs;
    const isOurs = ourFolders(configDirs)(folder, configDir);
    known.set(folder, { dev, ino, isOurs });
    return isOurs;
  };
}

/** A folder that may be reached through links, and its real path. */
interface Base {
  path: string;
  real: string;
}

/** Returns `projects`, which may be a link, and then the config dirs that share it. */
function basesOf(configDir: ConfigDir, configDirs: readonly ConfigDir[]): Base[] {
  const { projectsRoot } = configDir;
  const sharing = [configDir, ...configDirs.filter((other) => other.projectsRoot === projectsRoot)];
  return [
    { path: projectsRoot, real: projectsRoot },
    ...sharing.map(({ path }) => ({ path: join(path, 'projects'), real: projectsRoot })),
    ...sharing.flatMap(({ path }) => {
      const real = realPath(path);
      return real === null ? [] : [{ path, real }];
    }),
  ];
}

/** Returns the real path; null if it cannot be resolved. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/**
 * Returns the real path of a folder, with those of parents kept in `parents`, since hundreds of project dirs have the
 * same one; null if it cannot be resolved.
 */
function realPathIn(folder: string, parents: Map<string, string | null>): string | null {
  const stats = statOrNull(folder);
  if (stats?.isDirectory() !== true) return realPath(folder);
  const parent = dirname(folder);
  let real = parents.get(parent);
  if (real === undefined) parents.set(parent, (real = realPath(parent)));
  return real === null ? null : join(real, basename(folder));
}

/** Tests if a transcript is in a project dir of its config dir that is not reached through a link. */
export type IsOurDir = (file: TranscriptFile) => boolean;

/** Returns an `IsOurDir` that is fast for transcripts grouped by project dir, as they are in an index. */
export function ourProjectDirs(isOurs: IsOurs): IsOurDir {
  let last: { configDir: ConfigDir; projectDir: string; isOurs: boolean } | undefined;
  return (file) => {
    const { configDir, projectDir } = file;
    if (last?.configDir !== configDir || last.projectDir !== projectDir)
      last = { configDir, projectDir, isOurs: isOurs(folderOf(file.path), configDir) };
    return last.isOurs;
  };
}

/** Returns the parent of a normalised path, faster than `dirname`. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf(sep));
}
