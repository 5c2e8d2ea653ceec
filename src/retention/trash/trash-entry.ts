import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PRIVATE_FILE, replaceFile, writeAll } from '../../system/write-file.js';
import type { TrashedRoot, TrashedSession } from './manifest.js';
import { removeTree } from './tree.js';

/**
 * Name of the file with the destination of an entry that is restored into another config dir: in the entry, or next to
 * a bare one.
 */
const DESTINATION = 'destination';
/**
 * Name of an entry in its run's folder: number, mark of a bare entry, state, and number of a waiting remainder
 * (`putBack`).
 */
const NAME = /^([1-9]\d{0,8})(-0)?(?:\.([a-z]+))?(\.ccsess-rest-\d+)?$/;

/**
 * State of a session in the trash, as the end of its entry's name: a rename from one state to the
 * next is atomic, and that is all the journal there is.
 *
 * - `moving`: on its way in. After a kill it is put back.
 * - `moved`: all of it is in; copies outside are still to be removed.
 * - `kept`: in the trash (no ending).
 * - `restoring`: on its way out. After a kill it continues.
 * - `copied`: of a bare entry on its way to another file system: the copy next to its path is whole.
 * - `emptying`: being deleted for good. After a kill the rest is deleted.
 */
export type EntryState = (typeof ENTRY_STATES)[number];

/** The states of entries, as their names end. */
const ENTRY_STATES = ['moving', 'moved', 'kept', 'restoring', 'copied', 'emptying'] as const;

/** An entry as its name describes it. */
export interface NamedEntry {
  number: number;
  isBare: boolean;
  state: EntryState;
}

/** Returns what a name in a run's folder says of an entry; null for any other name. */
export function parseEntryName(name: string): NamedEntry | null {
  const [, number, bare, ending, rest] = NAME.exec(name) ?? [];
  const state = ENTRY_STATES.find((known) => known === (ending ?? 'kept'));
  if (number === undefined || state === undefined || ending === 'kept') return null;
  const isBare = bare !== undefined;
  // An entry with a folder has its remainders and copies in that.
  return !isBare && (rest !== undefined || state === 'copied') ? null : { number: Number(number), isBare, state };
}

/** Returns those of the names in a run's folder that are the destinations of bare entries that are gone. */
export function staleDestinations(names: readonly string[]): string[] {
  const bare = new Set(
    names.flatMap((name) => (parseEntryName(name)?.isBare === true ? [parseEntryName(name)?.number] : [])),
  );
  return names.filter((name) => {
    const [, number] = /^(\d+)-0\.destination$/.exec(name) ?? [];
    return number !== undefined && !bare.has(Number(number));
  });
}

/** Problems of an entry that was read from a trash. */
export interface EntryNotes {
  /** Why its description does not come from the manifest; null if it does. A sentence without its full stop. */
  damage: string | null;
  /** Its description was inferred from its files, since the manifest and its copy have none. */
  isRebuilt: boolean;
  /** Why its files must not be put anywhere; null if they may. A sentence without its full stop. */
  refusal: string | null;
}

const NOTHING_NOTED: EntryNotes = { damage: null, isRebuilt: false, refusal: null };

/**
 * One session in the trash: a folder with its roots by number or, for a session that is one uncompressed file, a *bare*
 * entry, which is that file. Creating folders takes by far the largest part of the time of a move.
 */
export class TrashEntry {
  #state: EntryState;
  #isBare: boolean;
  #isBound = false;
  #numbers: ReadonlyMap<TrashedRoot, number> | undefined;

  constructor(
    /** The folder of its run. */
    readonly runFolder: string,
    readonly session: TrashedSession,
    state: EntryState,
    readonly notes: EntryNotes = NOTHING_NOTED,
    isBare = false,
  ) {
    this.#state = state;
    this.#isBare = isBare;
  }

  /** It has no folder: the path of its one root is the entry. */
  get isBare(): boolean {
    return this.#isBare;
  }

  /** The names in its folder; a bare entry's only name is that of its root. Throws Node's error. */
  get names(): string[] {
    return this.#isBare ? ['0'] : readdirSync(this.folder);
  }

  get state(): EntryState {
    return this.#state;
  }

  /** Path of its folder in its present state; for a bare entry, of the file. */
  get folder(): string {
    return this.pathIn(this.#state);
  }

  /** Turns a bare entry, of which nothing is in the trash yet, into one with a folder. */
  useFolder(): void {
    this.#isBare = false;
  }

  /** Changes the state in one atomic step. */
  setState(state: EntryState): void {
    renameSync(this.folder, this.pathIn(state));
    this.#state = state;
  }

  /** Path of a root in the trash. */
  storedPath(root: TrashedRoot): string {
    const number = this.#numberOf(root);
    if (!this.#isBare) return join(this.folder, String(number));
    // Only a damaged manifest gives a bare entry several roots: no file has such a name.
    return number === 0 ? this.folder : `${this.folder}.${number}`;
  }

  /** A name next to the original path that no session can have: for roots copied back from another file system. */
  copyPath(root: TrashedRoot): string {
    const { session } = this;
    return join(
      dirname(originalPath(root)),
      `.ccsess-${session.pruneId.replaceAll(/[^\w-]/g, '-')}-${session.entry}-${this.#numberOf(root)}`,
    );
  }

  /**
   * Name under which a root waits while it is copied to another file system. It contains the root's own name, since
   * that file system may be gone when the root is to be put back.
   */
  stagedPath(root: TrashedRoot): string {
    return `${this.copyPath(root)}~${basename(root.path)}~`;
  }

  /**
   * Returns this entry, to be restored into another config dir, or to its own for null. The choice is stored in the
   * trash, so that it survives a kill.
   */
  setDestination(configDir: string | null): TrashEntry {
    if (configDir !== null && !this.#isBare) replaceFile(this.destination, configDir);
    else {
      rmSync(this.destination, { force: true });
      // It is only read in state `restoring`, so it need not appear in one step.
      if (configDir !== null) writeNewFile(this.destination, configDir);
    }
    return configDir === null ? this : this.withDestination(configDir);
  }

  /** Path of the file that `setDestination` writes. */
  get destination(): string {
    return this.#isBare
      ? join(this.runFolder, `${this.session.entry}-0.${DESTINATION}`)
      : join(this.folder, DESTINATION);
  }

  /** Returns this entry with another config dir as destination. */
  withDestination(configDir: string): TrashEntry {
    const session = { ...this.session, configDir, roots: this.session.roots.map((root) => ({ ...root, configDir })) };
    const bound = new TrashEntry(this.runFolder, session, this.#state, { ...this.notes, refusal: null }, this.#isBare);
    bound.#isBound = true;
    return bound;
  }

  /** Returns this entry as one whose files must not be put anywhere. */
  withRefusal(refusal: string): TrashEntry {
    return new TrashEntry(this.runFolder, this.session, this.#state, { ...this.notes, refusal }, this.#isBare);
  }

  /** Deletes what is left of it for good. */
  delete(): void {
    removeTree(this.folder);
    if (this.#isBare && this.#isBound) rmSync(this.destination, { force: true });
  }

  #numberOf(root: TrashedRoot): number {
    this.#numbers ??= new Map(this.session.roots.map((each, number) => [each, number]));
    return this.#numbers.get(root) ?? -1;
  }

  private pathIn(state: EntryState): string {
    const name = `${this.session.entry}${this.#isBare ? '-0' : ''}`;
    return join(this.runFolder, state === 'kept' ? name : `${name}.${state}`);
  }
}

/** Writes a new file and waits until it is on the disk. Throws Node's error, also if the name is taken. */
function writeNewFile(path: string, text: string): void {
  const fd = openSync(path, 'wx', PRIVATE_FILE);
  try {
    writeAll(fd, Buffer.from(text));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Original path of a root. */
export function originalPath({ configDir, path }: TrashedRoot): string {
  return join(configDir, path);
}
