import { renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { replaceFile } from '../../system/write-file.js';
import type { TrashedRoot, TrashedSession } from './manifest.js';
import { removeTree } from './tree.js';

/** In an entry that is restored into another config dir: its path. */
export const DESTINATION = 'destination';

/**
 * State of a session in the trash, as the end of its folder's name: a rename from one state to the
 * next is atomic, and that is all the journal there is.
 *
 * - `moving`: on its way in. After a kill it is put back.
 * - `moved`: all of it is in; copies outside are still to be removed.
 * - `kept`: in the trash (no ending).
 * - `restoring`: on its way out. After a kill it continues.
 * - `emptying`: being deleted for good. After a kill the rest is deleted.
 */
export type EntryState = (typeof ENTRY_STATES)[number];

/** The states of entries, as their folders' names end. */
export const ENTRY_STATES = ['moving', 'moved', 'kept', 'restoring', 'emptying'] as const;

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

/** One session's folder in the trash. */
export class TrashEntry {
  #state: EntryState;
  #numbers: ReadonlyMap<TrashedRoot, number> | undefined;

  constructor(
    /** The folder of its run. */
    readonly runFolder: string,
    readonly session: TrashedSession,
    state: EntryState,
    readonly notes: EntryNotes = NOTHING_NOTED,
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

  /** Path of a root in the trash. */
  inside(root: TrashedRoot): string {
    return join(this.folder, String(this.#numberOf(root)));
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
    if (configDir === null) rmSync(join(this.folder, DESTINATION), { force: true });
    else replaceFile(join(this.folder, DESTINATION), configDir);
    return configDir === null ? this : this.boundFor(configDir);
  }

  /** This entry as one that goes into another config dir. */
  boundFor(configDir: string): TrashEntry {
    const session = { ...this.session, configDir, roots: this.session.roots.map((root) => ({ ...root, configDir })) };
    return new TrashEntry(this.runFolder, session, this.#state, { ...this.notes, refusal: null });
  }

  /** This entry as one whose files are not put anywhere. */
  refused(refusal: string): TrashEntry {
    return new TrashEntry(this.runFolder, this.session, this.#state, { ...this.notes, refusal });
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

/** Original path of a root. */
export function placeOf({ configDir, path }: TrashedRoot): string {
  return join(configDir, path);
}
