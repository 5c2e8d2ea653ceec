import { join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { readHolders } from '../../claude/live/holders.js';
import type { LiveRegistry } from '../../claude/live/live-registry.js';
import { errorCode, isDiskFull, messageOf } from '../../system/problem.js';
import type { Workplace } from '../../claude/workplace.js';
import type { PrunePlan, Recheck, Target } from '../model.js';
import { recheckOf, type PlannedPrune, type PlannedRemoval } from '../plan/planned.js';
import { ownFolder } from '../lock.js';
import { FREE_SPACE_HINT, withReserve } from '../reserve.js';
import type { LockedRunOptions } from '../restore/run-locked.js';
import { isBeingWritten } from './being-written.js';
import { deleteAside, deleteForGood, setAside } from './delete-session.js';
import { describeSession } from './describe-session.js';
import { finishMove, hasChanged, moveBack, moveToTrash } from './move-to-trash.js';
import { CHANGED, failedWith, type Outcome, protectedBy, REMOVED } from './outcome.js';
import { isWorthPacking } from '../trash/pack.js';
import { makeRunFolder, trashDirOf } from '../trash/trash-dir.js';
import { writeManifest, type TrashedSession } from '../trash/manifest.js';
import { TrashEntry } from '../trash/trash-entry.js';

/** How the sessions of a plan are moved. */
export interface RunOptions extends LockedRunOptions {
  /** Called while sessions are moved, and then compressed, with the number done and the number of all. */
  onProgress?(step: 'move' | 'compress', done: number, total: number): void;
}

/** The attempt to remove one session of a plan. */
export interface Attempt {
  planned: PlannedRemoval;
  outcome: Outcome;
}

/** A session about to be removed. */
interface Draft {
  entry: TrashEntry;
  /** It is deleted where it is, because the disk has no room for a manifest. */
  isInPlace: boolean;
}

/** Moves the sessions of one plan to the trash of their config dir, or to the one that is named. */
export class Run {
  /** Entries of the sessions that were moved to the trash. */
  readonly kept: TrashEntry[] = [];
  readonly #folders = new Map<string, string>();
  #entries = 0;
  /** The registry as read after the last session was moved; it serves for the next one. */
  #registry: LiveRegistry | undefined;
  private readonly plan: PrunePlan;
  private readonly recheck: (planned: PlannedRemoval, registry?: LiveRegistry) => Recheck;

  constructor(
    planned: PlannedPrune,
    private readonly options: RunOptions,
    private readonly workplace: Workplace,
  ) {
    this.plan = planned.plan;
    this.recheck = recheckOf(planned, workplace);
  }

  /**
   * Moves sessions one by one, and sets the outcome of each. Throws IO, with nothing moved, if there can be no trash.
   */
  moveBatch(batch: readonly Attempt[], before: number, total: number): void {
    const drafts = this.#drafts(batch, before, total);
    this.#registry = undefined;
    drafts.forEach(({ attempt, draft }, at) => {
      if (draft !== null) attempt.outcome = this.#remove(attempt, draft);
      this.options.onProgress?.('move', before + at + 1, total);
    });
  }

  /**
   * Returns the entries for a batch, which are then in the manifest; none, with the outcomes set, if that failed.
   * Throws IO if no earlier batch was moved.
   */
  #drafts(batch: readonly Attempt[], before: number, total: number): { attempt: Attempt; draft: Draft | null }[] {
    try {
      return withReserve(this.workplace.configDirs.map(ownFolder), () => {
        const drafts = batch.map((attempt) => ({ attempt, draft: this.#draft(attempt) }));
        this.#writeManifests(drafts.flatMap(({ draft }) => draft?.entry ?? []));
        return drafts;
      });
    } catch (error) {
      const isFull = isDiskFull(error);
      if (isFull && this.plan.policy.permanent)
        return batch.map((attempt) => ({ attempt, draft: this.#draftInPlace(attempt) }));
      if (isFull && batch.length > 1) {
        // A manifest of half the length may still fit.
        const half = Math.ceil(batch.length / 2);
        this.moveBatch(batch.slice(0, half), before, total);
        this.moveBatch(batch.slice(half), before + half, total);
        return [];
      }
      if (before === 0) throw unwritableTrash(error);
      for (const attempt of batch) attempt.outcome = failedWith(error);
      return [];
    }
  }

  /**
   * Returns a new entry; null, with the outcome set, if the session is gone or cannot be read. Throws as `moveBatch`.
   */
  #draft(attempt: Attempt): Draft | null {
    const session = this.#describe(attempt);
    if (session === null) return null;
    const isBare = isStoredBare(session, this.plan.policy);
    return {
      entry: new TrashEntry(this.#folderOf(attempt.planned.target), session, 'moving', undefined, isBare),
      isInPlace: false,
    };
  }

  /** Returns an entry whose folder is never made, for a session that is deleted where it is. */
  #draftInPlace(attempt: Attempt): Draft | null {
    const session = this.#describe(attempt);
    if (session === null) return null;
    const folder = join(trashDirOf(attempt.planned.target.configDir, null), 'in-place');
    return { entry: new TrashEntry(folder, session, 'moving'), isInPlace: true };
  }

  /** Returns the session's description; null, with the outcome set, if it is gone or cannot be read. */
  #describe(attempt: Attempt): TrashedSession | null {
    try {
      const number = { pruneId: this.plan.pruneId, entry: this.#entries + 1 };
      const session = describeSession(attempt.planned, number, this.workplace);
      if (session === null) attempt.outcome = CHANGED;
      else this.#entries += 1;
      return session;
    } catch (error) {
      attempt.outcome = ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') ? CHANGED : failedWith(error);
    }
    return null;
  }

  #folderOf({ configDir }: Target): string {
    // Files that are deleted need not be copied to another file system first.
    const trashDir = trashDirOf(configDir, this.plan.policy.permanent ? null : this.options.trashDir);
    const folder = this.#folders.get(trashDir) ?? makeRunFolder(trashDir, this.plan.pruneId);
    this.#folders.set(trashDir, folder);
    return folder;
  }

  #writeManifests(entries: readonly TrashEntry[]): void {
    for (const folder of new Set(entries.map(({ runFolder }) => runFolder))) {
      writeManifest(
        folder,
        entries.filter(({ runFolder }) => runFolder === folder).map(({ session }) => session),
      );
    }
  }

  #remove(attempt: Attempt, draft: Draft): Outcome {
    const { removal, target } = attempt.planned;
    const now = this.recheck(attempt.planned, this.#registry);
    this.#registry = undefined;
    if (now.fingerprint === null) return CHANGED;
    const [reason] = now.reasons;
    if (reason !== undefined) return protectedBy(reason);
    if (now.fingerprint !== removal.fingerprint) return CHANGED;
    const { entry, isInPlace } = draft;
    try {
      if (isInPlace) setAside(entry);
      const isCopied = isInPlace || moveToTrash(entry);
      const obstacle = this.#findObstacle(entry, target, isCopied);
      if (obstacle !== null) {
        this.#registry = undefined;
        return rollBack(entry, obstacle);
      }
      this.#finish(draft, isCopied);
      return REMOVED;
    } catch (error) {
      this.#registry = undefined;
      // From this state on the session is in the trash or almost deleted; the end of the run finishes it.
      if (entry.state !== 'moving') return REMOVED;
      const outcome = rollBack(entry, errorCode(error) === 'ENOENT' ? CHANGED : failedWith(error));
      if (isInPlace || !isDiskFull(error) || !this.plan.policy.permanent) return outcome;
      const again = this.#draftInPlace(attempt);
      return again === null ? attempt.outcome : this.#remove(attempt, again);
    }
  }

  /** Returns the outcome of a moved session that must be put back; null if it may be removed. */
  #findObstacle(entry: TrashEntry, target: Target, isCopied: boolean): Outcome | null {
    const { configDirs, system, now } = this.workplace;
    const registry = readHolders(configDirs, system);
    if (!isCopied && !this.plan.policy.permanent) this.#registry = registry;
    const live = registry.liveOf(target.id, target.row?.lastActivityMs ?? null, now());
    if (live !== null)
      return protectedBy({ code: 'live', detail: live.pid === null ? live.status : `pid ${live.pid}` });
    if (isBeingWritten(entry, { isCopied, isPermanent: this.plan.policy.permanent }, this.workplace))
      return protectedBy({ code: 'live', detail: 'a process has it open for writing' });
    return hasChanged(entry, target.roots, isCopied) ? CHANGED : null;
  }

  #finish({ entry, isInPlace }: Draft, isCopied: boolean): void {
    if (isInPlace) return deleteAside(entry);
    if (this.plan.policy.permanent) {
      entry.setState('emptying');
      deleteForGood(entry);
    } else {
      finishMove(entry, isCopied);
      this.kept.push(entry);
    }
  }
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
