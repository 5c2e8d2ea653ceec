import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PRIVATE_FILE, replaceFile, writeAll } from '../../system/write-file.js';
import type { TrashedRoot, TrashedSession } from './manifest.js';
import { removeTree } from './tree.js';

/** In an entry that is restored into another config dir, or next to a bare one: the path of that. */
const DESTINATION = 'destination';
/** Name of an entry in the folder of its run: number, mark of a bare one, state, remainder that waits (`putBack`). */
const NAME = /^([1-9]\d{0,8})(-0)?(?:\.([a-z]+))?(\.ccsess-rest-\d+)?$/;

/**
 * State of a session in the trash, as the end of its entry's name: a rename from one state to the
 * next is atomic, and that is all the journal there is.
 *
 * - `moving`: on its way in. After a kill it is put back.
 * - `moved`: all of it is in; copies outside are still to be removed.
 * - `kept`: in the trash (no ending).
 * - `restoring`: on its way out. After a kill it continues.
 * - `copied`: of a bare entry on its way to another file system: the copy next to its place is whole.
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

/** Returns what a name in the folder of a run says of an entry; null for all other names. */
export function entryNamed(name: string): NamedEntry | null {
  const [, number, bare, ending, rest] = NAME.exec(name) ?? [];
  const state = ENTRY_STATES.find((known) => known === (ending ?? 'kept'));
  if (number === undefined || state === undefined || ending === 'kept') return null;
  const isBare = bare !== undefined;
  // The remainders of an entry with a folder are in that, and so is what it copied.
  return !isBare && (rest !== undefined || state === 'copied') ? null : { number: Number(number), isBare, state };
}

/** Returns those of the names in the folder of a run that say where bare entries go that are no longer there. */
export function staleDestinations(names: readonly string[]): string[] {
  const bare = new Set(names.flatMap((name) => (entryNamed(name)?.isBare === true ? [entryNamed(name)?.number] : [])));
  return names.filter((name) => {
    const [, number] = /^(\d+)-0\.destination$/.exec(name) ?? [];
    return number !== undefined && !bare.has(Number(number));
  });
}

/** Reservations about an entry that was read from a trash. */
export interface EntryNotes {
  /** Why its description is not the line of the manifest; null if it is. A sentence without its full stop. */
  damage: string | null;
  /** Its description is inferred from its files, as the manifest's copy has none either. */
  isRebuilt: boolean;
  /** Why none of its files is put anywhere; null if nothing is known against it. A sentence without its full stop. */
  refusal: string | null;
}

const NOTHING_NOTED: EntryNotes = { damage: null, isRebuilt: false, refusal: null };

/**
 * One session in the trash: a folder with its roots by their numbers; or, of a session that is one file and is not
 * compressed, a *bare* entry, that file alone. Folders are by far the largest part of the time a move takes.
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

  /** The names in its folder; of a bare entry that of its root, as if it were in one. Throws Node's error. */
  get names(): string[] {
    return this.#isBare ? ['0'] : readdirSync(this.folder);
  }

  get state(): EntryState {
    return this.#state;
  }

  /** The folder as it is named now; of a bare entry the file. */
  get folder(): string {
    return this.folderIn(this.#state);
  }

  /** Makes a bare entry of which nothing is in the trash yet one with a folder. */
  needFolder(): void {
    this.#isBare = false;
  }

  /** Goes over to another state, at once and as a whole. */
  enter(state: EntryState): void {
    renameSync(this.folder, this.folderIn(state));
    this.#state = state;
  }

  /** Path of a root in the trash. */
  inside(root: TrashedRoot): string {
    const number = this.#numberOf(root);
    if (!this.#isBare) return join(this.folder, String(number));
    // Only a damaged manifest says that there are more: nothing has such a name.
    return number === 0 ? this.folder : `${this.folder}.${number}`;
  }

  /** A name next to the original path that no session can have: for roots copied back from another file system. */
  beside(root: TrashedRoot): string {
    const { session } = this;
    return join(
      dirname(placeOf(root)),
      `.ccsess-${session.pruneId.replaceAll(/[^\w-]/g, '-')}-${session.entry}-${this.#numberOf(root)}`,
    );
  }

  /**
   * A name under which a root waits while it is copied to another file system. It holds the root's own name, since that
   * file system may be gone when it is to go back.
   */
  waiting(root: TrashedRoot): string {
    return `${this.beside(root)}~${basename(root.path)}~`;
  }

  /**
   * This entry, to be restored into another config dir, or where it was: said in the trash, so that it also holds after
   * a kill.
   */
  bindTo(configDir: string | null): TrashEntry {
    if (configDir !== null && !this.#isBare) replaceFile(this.destination, configDir);
    else {
      rmSync(this.destination, { force: true });
      // It is read in state `restoring` alone, so that it need not appear whole.
      if (configDir !== null) writeNewFile(this.destination, configDir);
    }
    return configDir === null ? this : this.boundFor(configDir);
  }

  /** Path of the file that `bindTo` writes. */
  get destination(): string {
    return this.#isBare
      ? join(this.runFolder, `${this.session.entry}-0.${DESTINATION}`)
      : join(this.folder, DESTINATION);
  }

  /** This entry as one that goes into another config dir. */
  boundFor(configDir: string): TrashEntry {
    const session = { ...this.session, configDir, roots: this.session.roots.map((root) => ({ ...root, configDir })) };
    const bound = new TrashEntry(this.runFolder, session, this.#state, { ...this.notes, refusal: null }, this.#isBare);
    bound.#isBound = true;
    return bound;
  }

  /** This entry as one whose files are not put anywhere. */
  refused(refusal: string): TrashEntry {
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

  private folderIn(state: EntryState): string {
    const name = `${this.session.entry}${this.#isBare ? '-0' : ''}`;
    return join(this.runFolder, state === 'kept' ? name : `${name}.${state}`);
  }
}

/** Writes a file that is on the disk when this returns. Throws Node's error, also if something has its name. */
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
export function placeOf({ configDir, path }: TrashedRoot): string {
  return join(configDir, path);
}
