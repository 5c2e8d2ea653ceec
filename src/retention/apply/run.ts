import { join, sep } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { readHolders } from '../../claude/live/holders.js';
import type { LiveRegistry } from '../../claude/live/live-registry.js';
import { errorCode, isDiskFull, isSystemErrorCode, messageOf } from '../../system/problem.js';
import { isSessionRoot } from '../../claude/layout.js';
import { sessionIdOf } from '../../claude/scan/scan.js';
import { safeName, safeRelativePath, UnsafePath } from '../../system/safe-path.js';
import type { Workplace } from '../../claude/workplace.js';
import type { FailureCode, PrunePlan, Reason, Recheck, Removal, KeepCode, Target } from '../model.js';
import { recheckOf, type PlannedPrune, type PlannedRemoval } from '../plan/planned.js';
import { ownFolder } from '../lock.js';
import { FREE_SPACE_HINT, withReserve } from '../reserve.js';
import type { LockedRunOptions } from '../restore/recover.js';
import { isBeingWritten } from './being-written.js';
import { deleteAside, deleteForGood, finishMove, hasChanged, moveBack, moveIn, setAside } from './move-session.js';
import { isWorthPacking } from '../trash/pack.js';
import { makeRunFolder, trashDirOf } from '../trash/trash-dir.js';
import { writeManifest, type TrashedRoot, type TrashedSession } from '../trash/manifest.js';
import { TrashEntry } from '../trash/trash-entry.js';
import { statIfExists, treeOf } from '../trash/tree.js';

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

/**
 * A session about to be removed, with its trash entry. `isInPlace`: it is deleted where it is, because the disk has no
 * room for a manifest.
 */
interface Draft {
  entry: TrashEntry;
  isInPlace: boolean;
}

type Outcome = Pick<Removal, 'status' | 'error'>;

/** The outcome of a session that is removed. */
export const REMOVED: Outcome = { status: 'removed', error: null };
const CHANGED: Outcome = { status: 'changed', error: null };

/** Moves the sessions of one plan; each config dir's go into its own trash unless one is named. */
export class Run {
  /** Present content of the trash. */
  readonly kept: TrashEntry[] = [];
  readonly #folders = new Map<string, string>();
  #entries = 0;
  /** The registry as read after the last session was renamed into the trash. */
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
   * Moves sessions one by one, and notes the outcome of each. Throws IO if the trash cannot be made; nothing was moved
   * then.
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
   * Returns the entries for a batch, announced in their manifest. Returns none if that failed and the sessions'
   * outcomes say so; throws if nothing was moved before.
   */
  #drafts(batch: readonly Attempt[], before: number, total: number): { attempt: Attempt; draft: Draft | null }[] {
    try {
      return withReserve(this.workplace.configDirs.map(ownFolder), () => {
        const drafts = batch.map((attempt) => ({ attempt, draft: this.#draft(attempt) }));
        this.#announce(drafts.flatMap(({ draft }) => draft?.entry ?? []));
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
      for (const attempt of batch) attempt.outcome = failed(error);
      return [];
    }
  }

  /**
   * Returns the entry for a session; null, with its outcome set, if it is gone or cannot be read. Throws if the trash
   * cannot be created.
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

  /** An entry of a folder that is never made: the session is deleted where it is. */
  #draftInPlace(attempt: Attempt): Draft | null {
    const session = this.#describe(attempt);
    if (session === null) return null;
    const folder = join(trashDirOf(attempt.planned.target.configDir, null), 'in-place');
    return { entry: new TrashEntry(folder, session, 'moving'), isInPlace: true };
  }

  #describe(attempt: Attempt): TrashedSession | null {
    const { removal, target } = attempt.planned;
    try {
      const roots = target.roots
        .filter((root) => statIfExists(root) !== undefined)
        .map((path) => this.#rootAt(path, target));
      const id = sessionIdOf(removal.id);
      const projectDir: TrashedSession['projectDir'] = removal.projectDir === '' ? '' : safeName(removal.projectDir);
      const { configDir, cwd, title, kind, lastActivityAt, footprintBytes, files, reasons } = removal;
      const about = { id, configDir, projectDir, cwd, title, kind, lastActivityAt, footprintBytes, files, reasons };
      const trashedAt = new Date(this.workplace.now()).toISOString();
      if (roots.length > 0)
        return { schemaVersion: 1, entry: ++this.#entries, pruneId: this.plan.pruneId, trashedAt, ...about, roots };
      attempt.outcome = CHANGED;
    } catch (error) {
      attempt.outcome = ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') ? CHANGED : failed(error);
    }
    return null;
  }

  #rootAt(path: string, { configDir, id }: Target): TrashedRoot {
    const owner = [configDir, ...this.workplace.configDirs].find((one) => path.startsWith(one.path + sep));
    if (owner === undefined) throw new CcsessError('PLAN_REFUSED', `it is in none of the config dirs: ${path}.`);
    const below = safeRelativePath(path.slice(join(owner.path, sep).length));
    // The trash takes only what a restore would accept.
    if (!isSessionRoot(below, id)) throw new UnsafePath(`${path} is not a file or folder of session ${id}`);
    return { configDir: owner.path, path: below, nodes: treeOf(path) };
  }

  #folderOf({ configDir }: Target): string {
    // Files that are deleted anyway need not first be copied to another file system.
    const trashDir = trashDirOf(configDir, this.plan.policy.permanent ? null : this.options.trashDir);
    const folder = this.#folders.get(trashDir) ?? makeRunFolder(trashDir, this.plan.pruneId);
    this.#folders.set(trashDir, folder);
    return folder;
  }

  #announce(entries: readonly TrashEntry[]): void {
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
      const isCopied = isInPlace || moveIn(entry);
      const stay = this.#reasonToStay(entry, target, isCopied);
      if (stay !== null) {
        this.#registry = undefined;
        return rolledBack(entry, stay);
      }
      this.#finish(draft, isCopied);
      return REMOVED;
    } catch (error) {
      this.#registry = undefined;
      // From this state on the session is in the trash or almost deleted; the end of the run finishes it.
      if (entry.state !== 'moving') return REMOVED;
      const outcome = rolledBack(entry, errorCode(error) === 'ENOENT' ? CHANGED : failed(error));
      if (isInPlace || !isDiskFull(error) || !this.plan.policy.permanent) return outcome;
      const again = this.#draftInPlace(attempt);
      return again === null ? attempt.outcome : this.#remove(attempt, again);
    }
  }

  /** Reasons to put a moved session back. */
  #reasonToStay(entry: TrashEntry, target: Target, isCopied: boolean): Outcome | null {
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
function rolledBack(entry: TrashEntry, outcome: Outcome): Outcome {
  try {
    moveBack(entry);
    return outcome;
  } catch (error) {
    return failed(error);
  }
}

function protectedBy({ code, detail }: Reason<KeepCode>): Outcome {
  return { status: 'protected', error: { code, message: detail === null ? code : `${code}: ${detail}` } };
}

function failed(error: unknown): Outcome {
  return {
    status: 'failed',
    error: {
      code: failureCode(error),
      message: messageOf(error),
    },
  };
}

function failureCode(error: unknown): FailureCode {
  if (error instanceof CcsessError) return error.code;
  const code = errorCode(error);
  return code !== null && isSystemErrorCode(code) ? code : 'INTERNAL';
}
