import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import { errorCode } from '../../system/problem.js';
import { parseObject } from '../../system/small-file.js';
import { PRIVATE_FILE, replaceFile, writeAll } from '../../system/write-file.js';
import { flush } from './copy-tree.js';
import type { Removal } from '../model.js';
import { runFoldersIn } from './trash-dir.js';
import { removeTree, type TreeNode } from './tree.js';

/** In an entry that is restored into another config dir: its path. */
const DESTINATION = 'destination';
const MANIFEST = 'manifest.jsonl';

/**
 * What is being done with a session in the trash, told by the end of its folder's name: a rename from one state to the
 * next is atomic, and that is all the journal there is.
 *
 * - `moving`: on its way in. After a kill it is put back.
 * - `moved`: all of it is in; copies outside are still to be removed.
 * - `kept`: in the trash (no ending).
 * - `restoring`: on its way out. After a kill it goes on.
 * - `emptying`: being deleted for good. After a kill the rest is deleted.
 */
export type EntryState = (typeof STATES)[number];
const STATES = ['moving', 'moved', 'kept', 'restoring', 'emptying'] as const;

/** One topmost file or folder of a session in the trash; it lies in the entry's folder under its number. */
export interface TrashedRoot {
  /** The config dir it belongs to. */
  configDir: string;
  /** Where in there. */
  path: string;
  /** Its files and folders as they were. */
  nodes: TreeNode[];
}

/** What the trash knows of a session: a line of a run's `manifest.jsonl`, written before anything of it is moved. */
export interface TrashedSession
  extends Pick<
    Removal,
    | 'id'
    | 'configDir'
    | 'projectDir'
    | 'cwd'
    | 'title'
    | 'kind'
    | 'lastActivityAt'
    | 'footprintBytes'
    | 'files'
    | 'reasons'
  > {
  schemaVersion: 1;
  /** Number of the entry in its run. */
  entry: number;
  pruneId: string;
  trashedAt: string;
  roots: TrashedRoot[];
}

/** One session's folder in the trash. */
export class TrashEntry {
  #state: EntryState;
  #numbers: ReadonlyMap<TrashedRoot, number> | undefined;

  constructor(
    /** The folder of its run. */
    readonly runFolder: string,
    readonly session: TrashedSession,
    state: EntryState,
  ) {
    this.#state = state;
  }

  get state(): EntryState {
    return this.#state;
  }

  /** The folder as it is named now. */
  get folder(): string {
    return this.folderIn(this.#state);
  }

  /** Goes over to another state, at once and as a whole. */
  enter(state: EntryState): void {
    renameSync(this.folder, this.folderIn(state));
    this.#state = state;
  }

  /** Where a root of it lies in the trash. */
  inside(root: TrashedRoot): string {
    return join(this.folder, String(this.#numberOf(root)));
  }

  /** A name beside where a root belongs that is no session's: for what is copied back from another file system. */
  beside(root: TrashedRoot): string {
    const { session } = this;
    return join(
      dirname(placeOf(root)),
      `.ccsess-${session.pruneId.replaceAll(/[^\w-]/g, '-')}-${session.entry}-${this.#numberOf(root)}`,
    );
  }

  /** Another, where a root waits while it is copied to one. It tells the root's own, since that file system may be gone when it is to go back. */
  waiting(root: TrashedRoot): string {
    return `${this.beside(root)}~${basename(root.path)}~`;
  }

  /** This entry, to be restored into another config dir, or where it was: said in the trash, so that it also holds after a kill. */
  bindTo(configDir: string | null): TrashEntry {
    if (configDir === null) rmSync(join(this.folder, DESTINATION), { force: true });
    else replaceFile(join(this.folder, DESTINATION), configDir);
    return configDir === null ? this : this.boundFor(configDir);
  }

  /** This entry as one that goes into another config dir. */
  boundFor(configDir: string): TrashEntry {
    const session = { ...this.session, configDir, roots: this.session.roots.map((root) => ({ ...root, configDir })) };
    return new TrashEntry(this.runFolder, session, this.#state);
  }

  /** Deletes what is left of it for good. */
  delete(): void {
    removeTree(this.folder);
  }

  #numberOf(root: TrashedRoot): number {
    this.#numbers ??= new Map(this.session.roots.map((each, number) => [each, number]));
    return this.#numbers.get(root) ?? -1;
  }

  private folderIn(state: EntryState): string {
    return join(this.runFolder, state === 'kept' ? String(this.session.entry) : `${this.session.entry}.${state}`);
  }
}

/** Where a root belongs. */
export function placeOf({ configDir, path }: TrashedRoot): string {
  return join(configDir, path);
}

/** Adds sessions to the manifest of a run; they are on the disk when it returns. Throws what the system says, and has added none then. */
export function writeManifest(runFolder: string, sessions: readonly TrashedSession[]): void {
  const fd = openSync(join(runFolder, MANIFEST), 'a', PRIVATE_FILE);
  const { size } = fstatSync(fd);
  try {
    writeAll(fd, Buffer.from(sessions.map((session) => `${JSON.stringify(session)}\n`).join('')));
    fsyncSync(fd);
  } catch (error) {
    // What is added later would stand in the line that the full disk cut short, and be lost with it.
    ftruncateSync(fd, size);
    throw error;
  } finally {
    closeSync(fd);
  }
  flush(runFolder);
}

/** A trash folder, and whose sessions are looked for in it. */
export interface TrashPlace {
  dir: string;
  /** The config dir whose own trash it is; `null` for one that was named, which others may use at this moment. */
  owner: ConfigDir | null;
  /** Paths of the config dirs whose sessions are meant. */
  configDirs: readonly string[];
}

/**
 * What lies in a trash folder in one of the given states, oldest run first; what is in no manifest there is passed over. In
 * a config dir's own trash sessions belong to it even if it was called otherwise when they were moved.
 */
export function readEntries({ dir, owner, configDirs }: TrashPlace, states: readonly EntryState[]): TrashEntry[] {
  return runFoldersIn(dir).flatMap((runFolder) => {
    const found = statesIn(runFolder);
    if (![...found.values()].some((state) => states.includes(state))) return [];
    return sessionsIn(runFolder).flatMap((session) => {
      const state = found.get(session.entry);
      if (state === undefined || !states.includes(state) || (owner === null && !configDirs.includes(session.configDir)))
        return [];
      const entry = new TrashEntry(runFolder, owner === null ? session : movedTo(session, owner.path), state);
      const to = state === 'restoring' ? readOrEmpty(join(entry.folder, DESTINATION)) : '';
      return [to === '' ? entry : entry.boundFor(to)];
    });
  });
}

/** The session with its files in another config dir. */
function movedTo(session: TrashedSession, configDir: string): TrashedSession {
  const roots = session.roots.map((root) => (root.configDir === session.configDir ? { ...root, configDir } : root));
  return { ...session, configDir, roots };
}

function statesIn(runFolder: string): Map<number, EntryState> {
  const states = new Map<number, EntryState>();
  for (const name of readdirSync(runFolder)) {
    const [, entry, ending = 'kept'] = /^(\d+)(?:\.([a-z]+))?$/.exec(name) ?? [];
    const state = STATES.find((known) => known === ending);
    if (entry !== undefined && state !== undefined) states.set(Number(entry), state);
  }
  return states;
}

function sessionsIn(runFolder: string): TrashedSession[] {
  const lines = readOrEmpty(join(runFolder, MANIFEST)).split('\n');
  // A line cut short by a kill is of sessions that were not touched yet.
  return lines.flatMap((line) => (line === '' ? [] : (sessionOf(parseObject(line)) ?? [])));
}

function sessionOf(value: Record<string, unknown> | null): TrashedSession | null {
  if (value === null || value['schemaVersion'] !== 1 || !Array.isArray(value['roots'])) return null;
  const session = value as unknown as TrashedSession;
  const isInside = ({ configDir, path }: TrashedRoot): boolean =>
    isAbsolute(configDir) && !isAbsolute(path) && normalize(path) === path && !path.startsWith('..');
  return session.roots.every(isInside) ? session : null;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

/**
 * Removes the folders of runs of which nothing is left. What somebody else keeps there stays, and so does, in a trash that
 * was named, what another ccsess may have made this instant for another config dir.
 */
export function dropEmptyRuns({ dir, owner, configDirs }: TrashPlace): void {
  for (const runFolder of runFoldersIn(dir)) {
    const names = readdirSync(runFolder);
    if (names.some((name) => name !== MANIFEST)) continue;
    const sessions = sessionsIn(runFolder);
    const isOurs =
      owner !== null || (sessions.length > 0 && sessions.every((session) => configDirs.includes(session.configDir)));
    if (isOurs) removeTree(runFolder);
  }
}
