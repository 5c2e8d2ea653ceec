import { join, sep } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { liveNow } from '../../claude/live/live-now.js';
import { errorCode, fileProblem, type Problem } from '../../system/problem.js';
import { isSessionRoot } from '../../claude/layout.js';
import { sessionIdOf } from '../../claude/scan/scan.js';
import { safeName, safeRelativePath, UnsafePath } from '../../system/safe-path.js';
import type { Workplace } from '../../claude/workplace.js';
import type { PreparedPlan, PrunePlan, Reason, Recheck, Removal, StayCode, Target } from '../model.js';
import { deleteForGood, finishMove, hasChanged, moveBack, moveIn } from './move-session.js';
import { pack } from './pack.js';
import { runAlone, type AloneOptions } from '../restore/recover.js';
import { appliedTotals } from '../plan/totals.js';
import { emptyTrash, readTrash } from './trash.js';
import { makeRunFolder, trashDirOf } from './trash-dir.js';
import { writeManifest, type TrashedRoot, type TrashedSession } from './manifest.js';
import { TrashEntry } from './trash-entry.js';
import { look, treeOf } from './tree.js';

/** Sessions whose manifest is written, and flushed to the disk, together. */
const BATCH = 256;
/** Files compressed at a time; zlib has threads of its own. */
const PACKERS = 4;

/** How a plan is applied. */
export interface ApplyOptions extends AloneOptions {
  /** How a target stands at this moment (`judge.ts`). */
  recheck(target: Target): Recheck;
  /** Called as sessions are moved, and then compressed, with how many are done and in all. */
  onProgress?(step: 'move' | 'compress', done: number, total: number): void;
}

type Outcome = Pick<Removal, 'status' | 'error'>;

const REMOVED: Outcome = { status: 'removed', error: null };
const CHANGED: Outcome = { status: 'changed', error: null };

/**
 * Does what a plan says, under the lock: each session is judged anew just before, moved as a whole or not at all, looked
 * at again, and put back if it became live or was written to meanwhile. What fails is rolled back, and the rest goes on.
 * Then the transcripts in the trash are compressed, and what the plan lists in `expire` is deleted. Returns the plan as
 * it came out. With `policy.permanent` sessions are deleted, each whole or not at all. Throws as `runAlone`, and IO if
 * the trash cannot be made; nothing was moved then.
 */
export async function applyPlan(
  prepared: PreparedPlan,
  options: ApplyOptions,
  workplace: Workplace,
): Promise<PrunePlan> {
  const { plan, targets } = prepared;
  return runAlone(options, workplace, async () => {
    const run = new Run(plan, options, workplace);
    const work = plan.remove.map(
      (removal): Work => ({ removal, target: targetOf(removal, targets), outcome: REMOVED }),
    );
    for (let at = 0; at < work.length; at += BATCH) run.moveBatch(work.slice(at, at + BATCH), at, work.length);
    const problems = plan.policy.compress ? await packAll(run.kept, options) : [];
    const expired = emptyTrash(expiring(plan, options, workplace));
    const remove = work.map(({ removal, outcome }): Removal => ({ ...removal, ...outcome }));
    const totals = appliedTotals(plan, remove, {
      kept: run.kept,
      expired,
      trash: readTrash(workplace.configDirs, options.trashDir),
    });
    return { ...plan, dryRun: false, remove, totals, problems: [...plan.problems, ...problems, ...expired.problems] };
  });
}

interface Work {
  removal: Removal;
  target: Target;
  outcome: Outcome;
}

function targetOf(removal: Removal, targets: PreparedPlan['targets']): Target {
  const target = targets.get(removal);
  if (target === undefined) throw new TypeError('a removal of another plan');
  return target;
}

function expiring({ expire }: PrunePlan, { trashDir }: ApplyOptions, { configDirs }: Workplace): TrashEntry[] {
  const keys = new Set(expire.map(({ id, trashedAt }) => `${id} ${trashedAt}`));
  return readTrash(configDirs, trashDir).filter(({ session }) => keys.has(`${session.id} ${session.trashedAt}`));
}

/** Moves the sessions of one plan; each config dir's go into its own trash unless one is named. */
class Run {
  /** What is in the trash now. */
  readonly kept: TrashEntry[] = [];
  readonly #folders = new Map<string, string>();
  #entries = 0;

  constructor(
    private readonly plan: PrunePlan,
    private readonly options: ApplyOptions,
    private readonly workplace: Workplace,
  ) {}

  moveBatch(batch: readonly Work[], before: number, total: number): void {
    const drafts: { work: Work; entry: TrashEntry | null }[] = [];
    try {
      for (const work of batch) drafts.push({ work, entry: this.#draft(work) });
      this.#announce(drafts.flatMap(({ entry }) => entry ?? []));
    } catch (error) {
      if (before === 0)
        throw error instanceof CcsessError
          ? error
          : new CcsessError('IO', `the trash cannot be written: ${messageOf(error)}.`, { cause: error });
      for (const work of batch) work.outcome = failed(error);
      return;
    }
    drafts.forEach(({ work, entry }, at) => {
      if (entry !== null) work.outcome = this.#remove(work, entry);
      this.options.onProgress?.('move', before + at + 1, total);
    });
  }

  /** The entry a session is to have. Null, its outcome noted, if it is gone or cannot be looked at; throws if the trash cannot be made. */
  #draft(work: Work): TrashEntry | null {
    const session = this.#describe(work);
    return session === null ? null : new TrashEntry(this.#folderOf(work.target), session, 'moving');
  }

  #describe(work: Work): TrashedSession | null {
    const { removal, target } = work;
    try {
      const roots = target.roots.filter((root) => look(root) !== undefined).map((path) => this.#rootAt(path, target));
      const id = sessionIdOf(removal.id);
      const projectDir: TrashedSession['projectDir'] = removal.projectDir === '' ? '' : safeName(removal.projectDir);
      const { configDir, cwd, title, kind, lastActivityAt, footprintBytes, files, reasons } = removal;
      const about = { id, configDir, projectDir, cwd, title, kind, lastActivityAt, footprintBytes, files, reasons };
      const trashedAt = new Date(this.workplace.now()).toISOString();
      if (roots.length > 0)
        return { schemaVersion: 1, entry: ++this.#entries, pruneId: this.plan.pruneId, trashedAt, ...about, roots };
      work.outcome = CHANGED;
    } catch (error) {
      work.outcome = ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') ? CHANGED : failed(error);
    }
    return null;
  }

  #rootAt(path: string, { configDir, id }: Target): TrashedRoot {
    const owner = [configDir, ...this.workplace.configDirs].find((one) => path.startsWith(one.path + sep));
    if (owner === undefined) throw new CcsessError('PLAN_REFUSED', `it is in none of the config dirs: ${path}.`);
    const below = safeRelativePath(path.slice(join(owner.path, sep).length));
    // Nothing is moved into the trash that would not be taken back from there.
    if (!isSessionRoot(below, id)) throw new UnsafePath(`${path} is not a file or folder of session ${id}`);
    return { configDir: owner.path, path: below, nodes: treeOf(path) };
  }

  #folderOf({ configDir }: Target): string {
    // What is deleted anyway need not first be copied to another file system.
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

  #remove({ removal, target }: Work, entry: TrashEntry): Outcome {
    const now = this.options.recheck(target);
    if (now.fingerprint === null) return CHANGED;
    const [reason] = now.reasons;
    if (reason !== undefined) return protectedBy(reason);
    if (now.fingerprint !== removal.fingerprint) return CHANGED;
    try {
      const stay = this.#moveIn(entry, target);
      if (stay !== null) return stay;
      if (this.plan.policy.permanent) deleteForGood(entry);
      else this.kept.push(entry);
      return REMOVED;
    } catch (error) {
      // Past this state it is in the trash, or all but deleted; the end of the run sees to the rest.
      if (entry.state !== 'moving') return REMOVED;
      return rolledBack(entry, errorCode(error) === 'ENOENT' ? CHANGED : failed(error));
    }
  }

  /** What a session stays for after all; null once it is in the trash. */
  #moveIn(entry: TrashEntry, target: Target): Outcome | null {
    moveIn(entry);
    const live = liveNow(this.workplace, target.id, target.row?.lastActivityMs ?? null);
    if (live !== null)
      return rolledBack(
        entry,
        protectedBy({ code: 'live', detail: live.pid === null ? live.status : `pid ${live.pid}` }),
      );
    if (hasChanged(entry, target.roots)) return rolledBack(entry, CHANGED);
    if (this.plan.policy.permanent) entry.enter('emptying');
    else finishMove(entry);
    return null;
  }
}

/** It is back in its place, or else stays half moved for the next run to put back, and is said to have failed. */
function rolledBack(entry: TrashEntry, outcome: Outcome): Outcome {
  try {
    moveBack(entry);
    return outcome;
  } catch (error) {
    return failed(error);
  }
}

function protectedBy({ code, detail }: Reason<StayCode>): Outcome {
  return { status: 'protected', error: { code, message: detail === null ? code : `${code}: ${detail}` } };
}

function failed(error: unknown): Outcome {
  return {
    status: 'failed',
    error: {
      code: errorCode(error) ?? (error instanceof CcsessError ? error.code : 'INTERNAL'),
      message: messageOf(error),
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Compresses what was moved; what cannot be compressed stays as it is, which is a problem and no failure. */
async function packAll(entries: readonly TrashEntry[], { onProgress }: ApplyOptions): Promise<Problem[]> {
  const problems: Problem[] = [];
  const left = [...entries];
  const work = async (): Promise<void> => {
    for (let entry = left.shift(); entry !== undefined; entry = left.shift()) {
      try {
        await pack(entry);
      } catch (error) {
        problems.push(
          fileProblem(
            'not-compressed',
            `Not compressed in the trash (${errorCode(error) ?? messageOf(error)}).`,
            entry.folder,
          ),
        );
      }
      onProgress?.('compress', entries.length - left.length, entries.length);
    }
  };
  await Promise.all(Array.from({ length: PACKERS }, work));
  return problems;
}
