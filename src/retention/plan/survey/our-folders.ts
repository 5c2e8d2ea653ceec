import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { ConfigDir, TranscriptFile } from '../../../claude/model.js';
import { statOrNull } from '../../../system/stat.js';

/** True if a folder is in a config dir, and not reached through a link in it. */
export type IsOurs = (folder: string, configDir: ConfigDir) => boolean;

/** An `IsOurs` that looks at each folder once. A folder that is gone is nobody's: nothing in it can be moved. */
export function ourFolders(configDirs: readonly ConfigDir[]): IsOurs {
  const known = new Map<string, boolean>();
  const ours = new Map<ConfigDir, readonly Base[]>();
  const parents = new Map<string, string | null>();
  return (folder, configDir) => {
    const looked = known.get(folder);
    if (looked !== undefined) return looked;
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
 * As `ourFolders`, for sessions that are looked at one after the other while they are moved: a folder is looked at each
 * time, and its path resolved again once it is another folder than it was.
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

/** The `projects` folder comes first, which may be a link itself. Config dirs that share it share the rest too. */
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

/** `null` for what is not there: nothing in it can be moved either. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/**
 * As `realPath`, with the real paths of the folders above kept in `parents`: hundreds of project dirs are in one, so a
 * look at each of them is enough.
 */
function realPathIn(folder: string, parents: Map<string, string | null>): string | null {
  const stats = statOrNull(folder);
  if (stats?.isDirectory() !== true) return realPath(folder);
  const parent = dirname(folder);
  let real = parents.get(parent);
  if (real === undefined) parents.set(parent, (real = realPath(parent)));
  return real === null ? null : join(real, basename(folder));
}

/** True if a transcript is in a project dir of its config dir that is not reached through a link. */
export type IsOurDir = (file: TranscriptFile) => boolean;

/** An `IsOurDir` for transcripts that follow one another by project dir, as they do in an index. */
export function ourProjectDirs(isOurs: IsOurs): IsOurDir {
  let last: { configDir: ConfigDir; projectDir: string; isOurs: boolean } | undefined;
  return (file) => {
    const { configDir, projectDir } = file;
    if (last?.configDir !== configDir || last.projectDir !== projectDir)
      last = { configDir, projectDir, isOurs: isOurs(folderOf(file.path), configDir) };
    return last.isOurs;
  };
}

/** As `dirname`, for a path that needs no tidying. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf(sep));
}
