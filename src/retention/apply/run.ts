import { join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { readHolders } from '../../claude/live/holders.js';
import type { LiveRegistry } from '../../claude/live/live-registry.js';
import { errorCode, isDiskFull, messageOf } from '../../system/problem.js';
import type { Environment } from '../../claude/environment.js';
import type { PrunePlan, Recheck, Target } from '../model.js';
import { recheckOf, type PlannedPrune, type PlannedRemoval } from '../plan/planned.js';
import { ownFolder } from '../lock.js';
import { FREE_SPACE_HINT, withReserve } from '../reserve.js';
import type { LockedRunOptions } from '../restore/run-locked.js';
import { isBeingWritten, OpenFiles } from './being-written.js';
import { deleteAside, deleteForGood, setAside } from './delete-session.js';
import { describeSession } from './describe-session.js';
import { finishMove, hasChanged, moveBack, moveToTrash } from './move-to-trash.js';
import { CHANGED, failedWith, type Outcome, protectedBy, REMOVED } from './outcome.js';
import { isWorthPacking } from '../trash/packing/pack.js';
import { makeRunFolder, trashDirOf } from '../trash/trash-dir.js';
import { writeManifest, type TrashedSession } from '../trash/manifest.js';
import { TrashEntry } from '../trash/trash-entry.js';

/** How the sessions of a plan are moved. */
export interface RunOptions extends LockedRunOptions {
  /** Called while sessions are moved, and then compressed, with the number done and the number of all. */
  onProgress?(step: 'move' | 'compress', done: number, total: number): void;
}

/**
 * Number of sessions, and bytes of staged ones, that are moved before each is checked once more: few enough that this
 * is milliseconds later, since registries and open files are read once for all of them.
 */
const MAX_MOVED = 32;
const MAX_STAGED_BYTES = 8 * 1024 * 1024;

/** A session about to be removed. */
interface Draft {
  planned: PlannedRemoval;
  entry: TrashEntry;
  /** True if it is deleted where it is, because the disk has no room for a manifest. */
  isInPlace: boolean;
}

/** A session that was moved, and is put back unless it passes a last check. */
interface Moved extends Draft {
  /** True if its originals are renamed but not deleted yet: it was copied elsewhere, or is deleted in place. */
  isStaged: boolean;
}

/** Moves the sessions of one plan to the trash of their config dir, or to the one that is named. */
export class Run {
  /** Entries of the sessions that were moved to the trash. */
  readonly kept: TrashEntry[] = [];
  readonly #folders = new Map<string, string>();
  #entries = 0;
  /** The registry as it was milliseconds ago; undefined if it must be read again. */
  #registry: LiveRegistry | undefined;
  private readonly plan: PrunePlan;
  private readonly recheck: (planned: PlannedRemoval, registry?: LiveRegistry) => Recheck;

  constructor(
    planned: PlannedPrune,
    private readonly options: RunOptions,
    private readonly environment: Environment,
  ) {
    this.plan = planned.plan;
    this.recheck = recheckOf(planned, environment);
  }

  /**
   * Moves sessions and returns the outcome of each. `done` of `total` sessions were moved before. Throws IO,
   * with nothing moved, if there can be no trash.
   */
  moveBatch(batch: readonly PlannedRemoval[], done: number, total: number): Outcome[] {
    let drafts: (Draft | Outcome)[];
    try {
      drafts = withReserve(this.environment.configDirs.map(ownFolder), () => this.#announce(batch));
    } catch (error) {
      const isFull = isDiskFull(error);
      if (isFull && !this.plan.policy.permanent && batch.length > 1) {
        // A manifest of half the length may still fit.
        const half = Math.ceil(batch.length / 2);
        const first = this.moveBatch(batch.slice(0, half), done, total);
        return [...first, ...this.moveBatch(batch.slice(half), done + half, total)];
      }
      if (!isFull || !this.plan.policy.permanent) {
        if (done === 0) throw unwritableTrash(error);
        return batch.map(() => failedWith(error));
      }
      drafts = batch.map((planned) => this.#draftInPlace(planned));
    }
    this.#registry = undefined;
    return this.#removeAll(drafts, (at) => this.options.onProgress?.('move', done + at + 1, total));
  }

  /** Removes sessions in their order, some at a time, and returns their outcomes. */
  #removeAll(drafts: readonly (Draft | Outcome)[], onMoved: (at: number) => void): Outcome[] {
    const outcomes: Outcome[] = [];
    const moved = new Map<number, Moved>();
    const finishMoved = (): void => {
      this.#registry = undefined;
      const openFiles = new OpenFiles(this.environment.system);
      for (const [at, each] of moved) outcomes[at] = this.#finishMoved(each, openFiles);
      moved.clear();
    };
    for (const [at, draft] of drafts.entries()) {
      // A copy of its id that is put back keeps the files that both share.
      if (isDraft(draft) && draft.planned.target.copies.length > 0) finishMoved();
      const state = isDraft(draft) ? this.#move(draft) : draft;
      if (isDraft(state)) moved.set(at, state);
      else outcomes[at] = state;
      if (moved.size >= MAX_MOVED || stagedBytes(moved.values()) >= MAX_STAGED_BYTES) finishMoved();
      onMoved(at);
    }
    finishMoved();
    return outcomes;
  }

  /**
   * Returns the entries for sessions, which are then in the manifest, or outcomes as `#describe`. Throws Node's error.
   */
  #announce(batch: readonly PlannedRemoval[]): (Draft | Outcome)[] {
    const drafts = batch.map((planned) => this.#draft(planned));
    const entries = drafts.filter(isDraft).map(({ entry }) => entry);
    for (const folder of new Set(entries.map(({ runFolder }) => runFolder))) {
      writeManifest(
        folder,
        entries.filter(({ runFolder }) => runFolder === folder).map(({ session }) => session),
      );
    }
    return drafts;
  }

  #draft(planned: PlannedRemoval): Draft | Outcome {
    const session = this.#describe(planned);
    if ('status' in session) return session;
    const isBare = isStoredBare(session, this.plan.policy);
    const entry = new TrashEntry(this.#folderOf(planned.target), session, 'moving', undefined, isBare);
    return { planned, entry, isInPlace: false };
  }

  /** Returns an entry whose folder is never made, for a session that is deleted where it is. */
  #draftInPlace(planned: PlannedRemoval): Draft | Outcome {
    const session = this.#describe(planned);
    if ('status' in session) return session;
    const folder = join(trashDirOf(planned.target.configDir, null), 'in-place');
    return { planned, entry: new TrashEntry(folder, session, 'moving'), isInPlace: true };
  }

  /** Returns the session's description for the manifest, or its outcome if it is gone or cannot be read. */
  #describe(planned: PlannedRemoval): TrashedSession | Outcome {
    try {
      const number = { pruneId: this.plan.pruneId, entry: this.#entries + 1 };
      const session = describeSession(planned, number, this.environment);
      if (session === null) return CHANGED;
      this.#entries += 1;
      return session;
    } catch (error) {
      return ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') ? CHANGED : failedWith(error);
    }
  }

  #folderOf({ configDir }: Target): string {
    // Files that are deleted need not be copied to another file system first.
    const trashDir = trashDirOf(configDir, this.plan.policy.permanent ? null : this.options.trashDir);
    const folder = this.#folders.get(trashDir) ?? makeRunFolder(trashDir, this.plan.pruneId);
    this.#folders.set(trashDir, folder);
    return folder;
  }

  /** Checks a session and moves it. Returns its outcome if it is not moved, or was put back. */
  #move(draft: Draft): Moved | Outcome {
    const { planned, entry, isInPlace } = draft;
    const { removal } = planned;
    const now = this.recheck(planned, (this.#registry ??= this.#readHolders()));
    if (now.fingerprint === null) return CHANGED;
    const [reason] = now.reasons;
    if (reason !== undefined) return protectedBy(reason);
    if (now.fingerprint !== removal.fingerprint) return CHANGED;
    try {
      if (isInPlace) setAside(entry);
      const isStaged = isInPlace || moveToTrash(entry);
      if (isStaged) this.#registry = undefined;
      return { ...draft, isStaged };
    } catch (error) {
      return this.#undo(draft, error);
    }
  }

  /** Checks a moved session once more, and puts it back or finishes its move. */
  #finishMoved(moved: Moved, openFiles: OpenFiles): Outcome {
    try {
      const obstacle = this.#findObstacle(moved, openFiles);
      if (obstacle !== null) {
        this.#registry = undefined;
        return rollBack(moved.entry, obstacle);
      }
      this.#finish(moved);
      return REMOVED;
    } catch (error) {
      const state = this.#undo(moved, error);
      return isDraft(state) ? this.#finishMoved(state, new OpenFiles(this.environment.system)) : state;
    }
  }

  /**
   * Puts a session back whose move failed. Returns its outcome, or the session if there was no room to move it, but it
   * could be set aside for its deletion.
   */
  #undo({ planned, entry, isInPlace }: Draft, error: unknown): Moved | Outcome {
    this.#registry = undefined;
    // From this state on the session is in the trash or almost deleted; the end of the run finishes it.
    if (entry.state !== 'moving') return REMOVED;
    const outcome = rollBack(entry, errorCode(error) === 'ENOENT' ? CHANGED : failedWith(error));
    if (isInPlace || !isDiskFull(error) || !this.plan.policy.permanent) return outcome;
    const inPlace = this.#draftInPlace(planned);
    return isDraft(inPlace) ? this.#move(inPlace) : inPlace;
  }

  /** Returns the outcome of a moved session that must be put back; null if it may be removed. */
  #findObstacle({ entry, planned, isStaged }: Moved, openFiles: OpenFiles): Outcome | null {
    const { now } = this.environment;
    const { target } = planned;
    const isPermanent = this.plan.policy.permanent;
    // Listed before the last look at processes and files, and after the session was moved.
    const isWritten = isBeingWritten(entry, { isCopied: isStaged, isPermanent }, { openFiles, now });
    // Listing open files takes long, and so does deleting the originals of the session before.
    if (isStaged || isPermanent) this.#registry = undefined;
    const registry = (this.#registry ??= this.#readHolders());
    const live = registry.liveOf(target.id, target.row?.lastActivityMs ?? null, now());
    if (live !== null)
      return protectedBy({ code: 'live', detail: live.pid === null ? live.status : `pid ${live.pid}` });
    if (isWritten) return protectedBy({ code: 'live', detail: 'a process has it open for writing' });
    return hasChanged(entry, target.roots, isStaged) ? CHANGED : null;
  }

  #readHolders(): LiveRegistry {
    return readHolders(this.environment.configDirs, this.environment.system);
  }

  #finish({ entry, isInPlace, isStaged }: Moved): void {
    if (isStaged || this.plan.policy.permanent) this.#registry = undefined;
    if (isInPlace) return deleteAside(entry);
    if (this.plan.policy.permanent) {
      entry.setState('emptying');
      deleteForGood(entry);
    } else {
      finishMove(entry, isStaged);
      this.kept.push(entry);
    }
  }
}

function isDraft<T extends Draft>(draft: T | Outcome): draft is T {
  return 'entry' in draft;
}

function stagedBytes(moved: Iterable<Moved>): number {
  let bytes = 0;
  for (const { entry, isStaged } of moved) if (isStaged) bytes += entry.session.footprintBytes;
  return bytes;
}

/** Returns true for a session whose entry is its one file or folder: there is nothing to compress next to it. */
function isStoredBare({ roots }: TrashedSession, { compress, permanent }: PrunePlan['policy']): boolean {
  const [root] = roots;
  return root !== undefined && roots.length === 1 && (permanent || !compress || !isWorthPacking(root));
}

function unwritableTrash(error: unknown): CcsessError {
  const why = isDiskFull(error) ? { hint: FREE_SPACE_HINT } : {};
  const message = error instanceof CcsessError ? error.message : `the trash cannot be written: ${messageOf(error)}.`;
  return new CcsessError('IO', message, { ...why, cause: error });
}

/**
 * Moves a session back and returns its outcome. If that fails, it stays half moved for the next run, with the outcome
 * `failed`.
 */
function rollBack(entry: TrashEntry, outcome: Outcome): Outcome {
  try {
    moveBack(entry);
    return outcome;
  } catch (error) {
    return failedWith(error);
  }
}
