import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PRIVATE_FILE, replaceFile, writeAll } from '../../system/write-file.js';
import type { TrashedRoot, TrashedSession } from './manifest.js';
import { removeTree } from './tree.js';

/**
 * Name of the file that holds the config dir an entry is being restored to, if not its own; in the entry's folder, or
 * next to a bare entry.
 */
const DESTINATION = 'destination';
/**
 * Pattern of an entry's name in its run's folder: number, mark of a bare entry, state, and number of a remainder
 * (`putBack`).
 */
const NAME = /^([1-9]\d{0,8})(-0)?(?:\.([a-z]+))?(\.ccsess-rest-\d+)?$/;

/**
 * State of a session in the trash, recorded as the suffix of its entry's name. A state is changed by one rename, which
 * is atomic; no other journal is kept.
 *
 * - `moving`: being moved to the trash. After a kill it is put back.
 * - `moved`: all files are in the trash; staged ones outside are still to be removed.
 * - `kept`: in the trash (no suffix).
 * - `restoring`: being restored. After a kill that continues.
 * - `copied`: a bare entry that is being restored to another file system, and whose copy there is complete.
 * - `emptying`: being deleted. After a kill the rest is deleted.
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

/** Parses the name of an entry in a run's folder; null for any other name. */
export function parseEntryName(name: string): NamedEntry | null {
  const [, number, bare, ending, rest] = NAME.exec(name) ?? [];
  const state = ENTRY_STATES.find((known) => known === (ending ?? 'kept'));
  if (number === undefined || state === undefined || ending === 'kept') return null;
  const isBare = bare !== undefined;
  // The remainders and copies of an entry with a folder are in the folder.
  return !isBare && (rest !== undefined || state === 'copied') ? null : { number: Number(number), isBare, state };
}

/** Returns the names in a run's folder that are destination files of bare entries which no longer exist. */
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
  /** Reason why its description does not come from the manifest, without a full stop; null if it does. */
  damage: string | null;
  /** True if the description was inferred from the files, since neither the manifest nor its copy has it. */
  isRebuilt: boolean;
  /** Reason why its files must not be moved anywhere, without a full stop; null if they may be moved. */
  refusal: string | null;
}

const NO_NOTES: EntryNotes = { damage: null, isRebuilt: false, refusal: null };

/**
 * One session in the trash: a folder with its roots by number or, for a session that is one uncompressed file, a *bare*
 * entry, which is that file. Bare entries exist because creating folders takes most of the time of a move.
 */
export class TrashEntry {
  #state: EntryState;
  #isBare: boolean;
  #numbers: ReadonlyMap<TrashedRoot, number> | undefined;

  constructor(
    /** The folder of its run. */
    readonly runFolder: string,
    readonly session: TrashedSession,
    state: EntryState,
    readonly notes: EntryNotes = NO_NOTES,
    isBare = false,
  ) {
    this.#state = state;
    this.#isBare = isBare;
  }

  /** True if it has no folder, so that its one root is the entry. */
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

  /** Turns a bare entry that is still empty into one with a folder. */
  useFolder(): void {
    this.#isBare = false;
  }

  /** Changes the state in one atomic step. */
  setState(state: EntryState): void {
    renameSync(this.folder, this.pathIn(state));
    this.#state = state;
  }

  /** Returns the path of a root in the trash. */
  storedPath(root: TrashedRoot): string {
    const number = this.#numberOf(root);
    if (!this.#isBare) return join(this.folder, String(number));
    // Only a damaged manifest gives a bare entry more than one root; no file has this name.
    return number === 0 ? this.folder : `${this.folder}.${number}`;
  }

  /** Returns the path that a root is copied to when it is restored to another file system; no session can have it. */
  copyPath(root: TrashedRoot): string {
    const { session } = this;
    return join(
      dirname(originalPath(root)),
      `.ccsess-${session.pruneId.replaceAll(/[^\w-]/g, '-')}-${session.entry}-${this.#numberOf(root)}`,
    );
  }

  /**
   * Returns the path that a root is renamed to while it is copied to another file system. It contains the root's name,
   * which may be all that is known if that file system is gone when the root is put back.
   */
  stagedPath(root: TrashedRoot): string {
    return `${this.copyPath(root)}~${basename(root.path)}~`;
  }

  /**
   * Returns this entry with another config dir as destination, or its own for null, and stores the choice in the trash,
   * so that it survives a kill.
   */
  setDestination(configDir: string | null): TrashEntry {
    if (configDir !== null && !this.#isBare) replaceFile(this.destination, configDir);
    else {
      rmSync(this.destination, { force: true });
      // The file is only read in state `restoring`, so it may be incomplete for a moment.
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
    return new TrashEntry(this.runFolder, session, this.#state, { ...this.notes, refusal: null }, this.#isBare);
  }

  /** Returns this entry with a reason why its files must not be moved anywhere. */
  withRefusal(refusal: string): TrashEntry {
    return new TrashEntry(this.runFolder, this.session, this.#state, { ...this.notes, refusal }, this.#isBare);
  }

  /** Deletes the entry; the destination of a bare one goes with its run (`staleDestinations`). */
  delete(): void {
    removeTree(this.folder);
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

/** Writes a new file and waits until it is on the disk. Throws Node's error, even if the name is taken. */
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
