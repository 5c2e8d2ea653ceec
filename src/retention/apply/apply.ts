import { CcsessError } from '../../system/errors.js';
import { errorCode, fileProblem, messageOf, unreadable, type Problem } from '../../system/problem.js';
import type { Environment } from '../../claude/environment.js';
import type { PrunePlan, Removal } from '../model.js';
import type { PlannedPrune } from '../plan/planned.js';
import { pack } from '../trash/packing/pack.js';
import { runLocked } from '../restore/run-locked.js';
import type { Outcome } from './outcome.js';
import { Run, type RunOptions } from './run.js';
import { appliedTotals } from './totals.js';
import { emptyTrash, readTrash, type Emptied } from '../trash/trash.js';
import { trashDirsOf } from '../trash/trash-dir.js';
import { expireUndoCopies } from '../undo/expire.js';
import type { TrashEntry } from '../trash/trash-entry.js';

/** Number of sessions whose manifest is written and flushed together, which takes milliseconds. */
const BATCH = 1024;
/** Number of files compressed at a time; zlib has threads of its own. */
const PACKERS = 4;

const NOTHING_EMPTIED: Emptied = { sessions: [], freedBytes: 0, problems: [] };

/**
 * Applies a plan under the lock and returns it with its outcome. Each session is checked, moved whole or not at all,
 * checked again, and put back if it became live or was written to; with `policy.permanent` it is deleted instead. Then
 * transcripts in the trash are compressed and the sessions in `expire` deleted. Throws as `runLocked`, and IO if the
 * trash cannot be created; nothing was moved then.
 */
export async function applyPlan(
  planned: PlannedPrune,
  options: RunOptions,
  environment: Environment,
): Promise<PrunePlan> {
  const { plan, removals } = planned;
  return runLocked({ ...options, onlyDeletes: plan.policy.permanent }, environment, async () => {
    const { outcomes, kept } = moveAll(planned, options, environment);
    const uncompressed = plan.policy.compress ? await compress(kept, options, environment) : [];
    const expired = await deleteExpired(plan, options, environment);
    const trash = readTrashAfter(kept, options, environment);
    const remove = removals.map(({ removal }, at): Removal => ({ ...removal, ...outcomes[at] }));
    const totals = appliedTotals(plan, remove, { kept, expired, trash: trash.entries });
    const problems = [...plan.problems, ...uncompressed, ...expired.problems, ...trash.problems];
    return { ...plan, dryRun: false, remove, totals, problems };
  });
}

/** Moves the sessions of a plan in batches. Returns their outcomes, and the entries of those now in the trash. */
function moveAll(
  planned: PlannedPrune,
  options: RunOptions,
  environment: Environment,
): { outcomes: Outcome[]; kept: readonly TrashEntry[] } {
  const { removals } = planned;
  const run = new Run(planned, options, environment);
  const outcomes: Outcome[] = [];
  for (let at = 0; at < removals.length; at += BATCH)
    outcomes.push(...run.moveBatch(removals.slice(at, at + BATCH), at, removals.length));
  return { outcomes, kept: run.kept };
}

/**
 * Deletes expired undo copies, which are not counted as sessions, and expired sessions. Never rejects: sessions were
 * moved before, so a failure is a problem of the outcome.
 */
async function deleteExpired(plan: PrunePlan, { trashDir }: RunOptions, environment: Environment): Promise<Emptied> {
  const { configDirs } = environment;
  const undo = await expireUndoCopies(plan.policy.trashTtl, { configDirs, trashDir, now: environment.now() });
  const sessions = deleteExpiredSessions(plan, trashDir, environment);
  return {
    ...sessions,
    freedBytes: sessions.freedBytes + undo.freedBytes,
    problems: [...sessions.problems, ...undo.problems],
  };
}

function deleteExpiredSessions({ expire }: PrunePlan, trashDir: string | null, { configDirs }: Environment): Emptied {
  if (expire.length === 0) return NOTHING_EMPTIED;
  const keys = new Set(expire.map(({ id, trashedAt }) => `${id} ${trashedAt}`));
  try {
    const entries = readTrash(configDirs, trashDir);
    return emptyTrash(entries.filter(({ session }) => keys.has(`${session.id} ${session.trashedAt}`)));
  } catch (error) {
    const [dir = ''] = trashDirsOf(configDirs, trashDir);
    const problem = fileProblem('not-deleted', `Not deleted (${errorCode(error) ?? messageOf(error)}).`, dir);
    return { ...NOTHING_EMPTIED, problems: [problem] };
  }
}

/**
 * Returns the present content of the trash; if it cannot be read, the entries of this run, which are known without
 * reading them.
 */
function readTrashAfter(
  kept: readonly TrashEntry[],
  { trashDir }: RunOptions,
  { configDirs }: Environment,
): { entries: readonly TrashEntry[]; problems: Problem[] } {
  try {
    const others = readTrash(configDirs, trashDir, new Set(kept.map(({ runFolder }) => runFolder)));
    return { entries: [...others, ...kept], problems: [] };
  } catch (error) {
    const cause = error instanceof CcsessError ? error.cause : error;
    return { entries: kept, problems: [unreadable(trashDirsOf(configDirs, trashDir)[0] ?? '', cause)] };
  }
}

/** Compresses entries; one that cannot be compressed stays as it is, and is a problem. */
async function compress(
  entries: readonly TrashEntry[],
  { onProgress }: RunOptions,
  { system }: Environment,
): Promise<Problem[]> {
  if (entries.length === 0) return [];
  const problems: Problem[] = [];
  // No program can open them at their old paths any more, so one listing serves all entries.
  const written = system.transcriptsBeingWritten();
  const left = [...entries];
  let done = 0;
  const packRest = async (): Promise<void> => {
    for (let entry = left.shift(); entry !== undefined; entry = left.shift()) {
      try {
        await pack(entry, written);
      } catch (error) {
        problems.push(
          fileProblem(
            'not-compressed',
            `Not compressed in the trash (${errorCode(error) ?? messageOf(error)}).`,
            entry.folder,
          ),
        );
      }
      onProgress?.('compress', ++done, entries.length);
    }
  };
  await Promise.all(Array.from({ length: PACKERS }, packRest));
  return problems;
}
