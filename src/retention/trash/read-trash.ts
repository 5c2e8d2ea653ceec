import { lstatSync, readdirSync, realpathSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { errorCode, fileProblem, isUnreadable, unreadable, type Problem } from '../../system/problem.js';
import { UnsafePath } from '../../system/safe-path.js';
import { readPlainFile } from '../../system/small-file.js';
import { ownUid } from '../../system/system.js';
import { MANIFEST_NAMES, readManifest, type Manifest, type TrashedRoot, type TrashedSession } from './manifest.js';
import { rebuildSession } from './rebuild.js';
import { isOwnTrash, runFoldersIn, type TrashSource } from './trash-dir.js';
import {
  parseEntryName,
  staleDestinations,
  TrashEntry,
  type EntryNotes,
  type EntryState,
  type NamedEntry,
} from './trash-entry.js';
import { removeTree } from './tree.js';

/** The entries of a trash, and everything in it that is not as ccsess left it. */
export interface TrashReading {
  entries: TrashEntry[];
  problems: Problem[];
}

/** Returns the entries of a trash folder that are in one of the given states, as `inspectTrash` does. */
export function readEntries(source: TrashSource, states: readonly EntryState[]): TrashEntry[] {
  return inspectSource(source, states).entries;
}

/**
 * Returns the entries of a trash folder that are in one of the given states, oldest run first, without those of
 * `skippedRuns` (folders). In a config dir's own trash all sessions belong to it, even if its path was another one when
 * they were moved.
 */
export function inspectSource(
  source: TrashSource,
  states: readonly EntryState[],
  skippedRuns?: ReadonlySet<string>,
): TrashReading {
  const reading: TrashReading = { entries: [], problems: [] };
  if (source.owner !== null && !isOwnTrash(source.owner, reading.problems)) return reading;
  const findConfigDir = configDirFinder(source);
  for (const runFolder of runFoldersIn(source.dir, reading.problems)) {
    if (skippedRuns?.has(runFolder) === true) continue;
    const wanted = listEntries(runFolder, states, reading.problems);
    if (wanted.length === 0) continue;
    const run = new RunReader(runFolder, source, findConfigDir, reading.problems);
    for (const named of wanted) reading.entries.push(...run.entryOf(named));
    run.report();
  }
  return reading;
}

/** Returns the config dir in use that a path leads to, also through links; null if it leads to another folder. */
type FindConfigDir = (configDir: string) => string | null;

function configDirFinder({ configDirs }: TrashSource): FindConfigDir {
  const known = new Map<string, string | null>();
  const reals = configDirs.map((path) => ({ path, real: realPath(path) }));
  return (configDir) => {
    let path = known.get(configDir);
    if (path === undefined) {
      const real = realPath(configDir);
      path = configDirs.includes(configDir) ? configDir : (reals.find((one) => one.real === real)?.path ?? null);
      known.set(configDir, path);
    }
    return path;
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Lists the entries of a run in the order they were moved. Links and folders of other users are problems. */
function listEntries(runFolder: string, states: readonly EntryState[], problems: Problem[]): NamedEntry[] {
  const entries = new Map<number, NamedEntry>();
  for (const name of namesIn(runFolder, problems)) {
    const named = parseEntryName(name);
    if (named === null || !states.includes(named.state)) continue;
    const path = join(runFolder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    const isEntry = stats?.isDirectory() === true || (named.isBare && stats?.isFile() === true);
    if (isEntry && stats.uid === ownUid()) entries.set(named.number, named);
    else if (stats !== undefined) problems.push(notOursProblem(path, stats));
  }
  return [...entries.values()].sort((a, b) => a.number - b.number);
}

function namesIn(folder: string, problems: Problem[]): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(folder, error));
    return [];
  }
}

function notOursProblem(path: string, stats: Stats): Problem {
  const isOther = stats.uid !== ownUid() && (stats.isDirectory() || stats.isFile());
  return fileProblem(
    'not-ours',
    isOther ? 'Skipped in the trash: owned by another user.' : 'Skipped in the trash: not a folder.',
    path,
  );
}

/** Reads a run's folder: the manifest, its copy for an entry that is missing there, else the entry's own files. */
class RunReader {
  readonly #manifest: Manifest;
  #copy: Manifest | null = null;
  #copied = 0;
  #rebuilt = 0;

  constructor(
    private readonly folder: string,
    private readonly source: TrashSource,
    private readonly findConfigDir: FindConfigDir,
    private readonly problems: Problem[],
  ) {
    this.#manifest = readManifest(folder);
  }

  /** Returns an entry of the run; none if it belongs to a config dir that is not in use. */
  entryOf(named: NamedEntry): TrashEntry[] {
    const { number } = named;
    const recorded = this.#manifest.sessions.get(number);
    if (recorded !== undefined) return this.#resolved(recorded, named, {});
    this.#copy ??= readManifest(this.folder, { isCopy: true });
    const copied = this.#copy.sessions.get(number);
    if (copied !== undefined) {
      const entries = this.#resolved(copied, named, {
        damage: 'its line in the manifest is damaged; this is the copy of it',
      });
      this.#copied += entries.length;
      return entries;
    }
    const configDir = this.#configDirOfRun();
    if (configDir === null) return [];
    const session = this.#rebuild(named, configDir);
    if (session === null) return [];
    this.#rebuilt += 1;
    const damage = 'its line in the manifest is damaged; its paths are inferred from its files';
    return this.#resolved(session, named, { damage, isRebuilt: true });
  }

  /** Adds a problem for a damaged manifest if entries had to be read from elsewhere. */
  report(): void {
    if (this.#copied + this.#rebuilt === 0) return;
    const { path, damage } = this.#manifest;
    const parts = [
      ...(this.#copied > 0 ? [`${sessions(this.#copied)} read from its copy`] : []),
      ...(this.#rebuilt > 0 ? [`${sessions(this.#rebuilt)} rebuilt from the files in the trash`] : []),
    ];
    const message = `A manifest in the trash ${damage ?? 'is damaged: a line is missing'}: ${parts.join(', ')}.`;
    this.problems.push(fileProblem('damaged-manifest', message, path));
  }

  /** Returns null for an entry that cannot be read, which is a problem. */
  #rebuild(named: NamedEntry, configDir: string): TrashedSession | null {
    try {
      return rebuildSession({ runFolder: this.folder, named, configDir });
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.problems.push(
        unreadable(
          new TrashEntry(this.folder, { entry: named.number } as TrashedSession, named.state, undefined, named.isBare)
            .folder,
          error,
        ),
      );
      return null;
    }
  }

  /** Returns the config dir of entries without a description: that of the first known entry, if it is in use. */
  #configDirOfRun(): string | null {
    const { owner, configDirs } = this.source;
    if (owner !== null) return owner.path;
    const known = [...this.#manifest.sessions.values(), ...(this.#copy?.sessions.values() ?? [])];
    const [first = null] =
      known.length === 0 ? configDirs : known.map(({ configDir }) => this.findConfigDir(configDir));
    return first;
  }

  #resolved(session: TrashedSession, { state, isBare }: NamedEntry, notes: Partial<EntryNotes>): TrashEntry[] {
    const { owner } = this.source;
    const configDir = owner?.path ?? this.findConfigDir(session.configDir);
    if (configDir === null) return [];
    const targetOf = (root: TrashedRoot): string | null =>
      root.configDir === session.configDir ? configDir : this.findConfigDir(root.configDir);
    const other = session.roots.find((root) => targetOf(root) === null)?.configDir;
    const roots = session.roots.map((root): TrashedRoot => {
      const to = targetOf(root) ?? root.configDir;
      return to === root.configDir ? root : { ...root, configDir: to };
    });
    // Nearly all sessions are used as they were read, since a trash may hold tens of thousands.
    const isResolved = configDir === session.configDir && roots.every((root, at) => root === session.roots[at]);
    const resolved = isResolved ? session : { ...session, configDir, roots };
    const refusal = other === undefined ? null : notInHand(`files of it belong to ${other}`);
    const noted = { damage: null, isRebuilt: false, ...notes, refusal };
    const entry = new TrashEntry(this.folder, resolved, state, noted, isBare);
    return [state === 'restoring' || state === 'copied' ? this.#bound(entry) : entry];
  }

  /** Returns the entry with the config dir that it was being restored into, which must be in use. */
  #bound(entry: TrashEntry): TrashEntry {
    try {
      const to = readPlainFile(entry.destination);
      if (to === null || to === '') return entry;
      const configDir = this.findConfigDir(to);
      return configDir === null
        ? entry.withRefusal(notInHand(`it was being restored to ${to}`))
        : entry.withDestination(configDir);
    } catch (error) {
      if (error instanceof UnsafePath) return entry.withRefusal(error.message);
      throw error;
    }
  }
}

function notInHand(what: string): string {
  return `${what}, which is not one of the config dirs in use`;
}

function sessions(count: number): string {
  return count === 1 ? '1 session was' : `${count} sessions were`;
}

/**
 * Removes the folders of runs without entries; a folder with other files stays. In a trash that was named, folders of
 * other config dirs stay too, since another ccsess may have made them this instant.
 */
export function dropEmptyRuns(source: TrashSource): void {
  const { dir, owner } = source;
  if (owner !== null && !isOwnTrash(owner, [])) return;
  const findConfigDir = configDirFinder(source);
  for (const runFolder of runFoldersIn(dir, [])) {
    const names = readdirSync(runFolder);
    const stale = staleDestinations(names);
    for (const name of stale) rmSync(join(runFolder, name), { force: true });
    if (names.some((name) => !MANIFEST_NAMES.includes(name) && !stale.includes(name))) continue;
    if (owner !== null || isOfConfigDirs(runFolder, findConfigDir)) removeTree(runFolder);
  }
}

/** Returns true if all sessions in the manifest of a run, at least one, are of config dirs in use. */
function isOfConfigDirs(runFolder: string, findConfigDir: FindConfigDir): boolean {
  const { sessions: known } = readManifest(runFolder);
  return known.size > 0 && [...known.values()].every(({ configDir }) => findConfigDir(configDir) !== null);
}
