import { CcsessError } from '../system/errors.js';
import { applyPlan } from '../retention/apply/apply.js';
import { findTrashed } from '../retention/trash/find-trashed.js';
import { forecast as foretell, type Forecast } from '../retention/keep/forecast.js';
import { renewTimes } from '../retention/keep/keep-times.js';
import { planListed } from '../retention/plan/listed.js';
import type { PrunePlan, PrunePolicy } from '../retention/model.js';
import { planPrune as makePlan, planRemoval } from '../retention/plan/plan.js';
import { readPlanFile } from '../retention/plan/plan-file.js';
import { recheckOf, type PlannedPrune } from '../retention/plan/planned.js';
import { restoreSessions } from '../retention/restore/restore.js';
import { namedTrashDir } from '../retention/trash/trash-dir.js';
import { trashState } from '../retention/trash/trash-state.js';
import { readTrash } from '../retention/trash/trash.js';
import { momentAhead } from '../grammar/age.js';
import { listedPolicy } from '../sessions/select/listed-policy.js';
import { recoverMoves } from '../sessions/move/move.js';
import { NAMED_ONLY, readPolicy, type PolicyFlags } from '../sessions/select/prune-policy.js';
import { fullRecords } from '../usage/full-records.js';
import { Session } from './session.js';
import { getSession } from './sessions.js';
import { openIndex, rowAt, surroundingsOf, type LibraryOptions, type Surroundings } from './surroundings.js';

/** Trash folder, and how long to wait for another ccsess. */
export interface TrashOptions extends LibraryOptions {
  /** The trash; else `$CCSESS_TRASH_DIR`, else `.ccsess/trash` in the config dir. */
  trashDir?: string;
  /** Milliseconds; by default LOCKED at once. */
  lockWaitMs?: number;
}

/**
 * Selectors, filters and protections: the flags of `ccsess prune`, with their grammars (`{ olderThan: '30d', maxTotal:
 * '5GiB' }`).
 */
export interface PruneOptions
  extends TrashOptions,
    Omit<PolicyFlags, 'project' | 'kind' | 'promptsAtMost' | 'keepLast'> {
  project?: string | readonly string[];
  kind?: string | readonly string[];
  promptsAtMost?: number;
  keepLast?: number;
}

/**
 * Plans a prune, as data with reasons; nothing is written. Rejects with USAGE without a selector, or for a
 * value that cannot be meant.
 */
export async function planPrune(options: PruneOptions): Promise<PrunePlan> {
  const surroundings = surroundingsOf(options);
  const policy = await readPolicy(flagsOf(options), surroundings);
  const index = await openIndex(surroundings, { readOnly: true });
  const trash = trashState(policy.trashTtl, namedTrashDir(options.trashDir, surroundings), surroundings);
  return makePlan(index, policy, { workplace: surroundings, trash, dryRun: true }).plan;
}

function flagsOf({ project, kind, promptsAtMost, keepLast, ...flags }: PruneOptions): PolicyFlags {
  const list = (value: string | readonly string[]): string[] => (typeof value === 'string' ? [value] : [...value]);
  return {
    ...flags,
    ...(project === undefined ? {} : { project: list(project) }),
    ...(kind === undefined ? {} : { kind: list(kind) }),
    ...(promptsAtMost === undefined ? {} : { promptsAtMost: String(promptsAtMost) }),
    ...(keepLast === undefined ? {} : { keepLast: String(keepLast) }),
  };
}

/**
 * Does exactly what a plan of `planPrune` says; it may have been narrowed. Every session is judged again just before:
 * one that has changed or become protected stays, and what is removed is restorable unless the plan is `permanent`.
 * Resolves to the plan with its outcome. Rejects with PLAN_REFUSED, before anything is moved, for a plan that is not of
 * these config dirs and sessions, and with LOCKED.
 */
export async function applyPrune(plan: PrunePlan, options: TrashOptions = {}): Promise<PrunePlan> {
  const surroundings = surroundingsOf(options);
  const listed = readPlanFile(JSON.stringify(plan), surroundings.configDirs);
  const policy = await listedPolicy(listed, true, surroundings);
  await recoverMoves(surroundings);
  const trashDir = namedTrashDir(options.trashDir, surroundings);
  const trashed = readTrash(surroundings.configDirs, trashDir).map(({ session }) => session);
  const expire = listed.expire.filter(({ id, trashedAt }) =>
    trashed.some((one) => one.id === id && one.trashedAt === trashedAt),
  );
  const trash = { ...trashState(null, trashDir, surroundings), expire };
  const isTrashed = (wanted: string): boolean => trashed.some(({ id }) => id === wanted);
  const index = await openIndex(surroundings);
  const planned = planListed(index, listed, { workplace: surroundings, trash, dryRun: false, policy, isTrashed });
  const applied = await apply(planned, options, surroundings);
  // Claude Code's cleanup would take pinned sessions that nobody touches.
  renewTimes(
    index.rows.filter(({ pinned }) => pinned),
    index,
    surroundings,
    { dryRun: false },
  );
  return applied;
}

/**
 * Moves one session to the trash, with all that belongs to it, whatever its age. Resolves to the report. Rejects with
 * NOT_FOUND or AMBIGUOUS for its name, and with LIVE if it is live, pinned or otherwise must not be touched.
 */
export async function removeSession(
  session: Session | string,
  options: TrashOptions & { permanent?: boolean } = {},
): Promise<PrunePlan> {
  const surroundings = surroundingsOf(options);
  const found = session instanceof Session ? session : await getSession(session, options);
  if (found === null) throw new CcsessError('NOT_FOUND', `no session '${String(session)}'.`);
  await recoverMoves(surroundings);
  const index = await openIndex(surroundings);
  const policy: PrunePolicy = { ...NAMED_ONLY, permanent: options.permanent === true, compress: true };
  const trash = trashState(null, namedTrashDir(options.trashDir, surroundings), surroundings);
  const planned = planRemoval(index, [rowAt(index, found.path)], {
    workplace: surroundings,
    policy,
    trash,
    dryRun: false,
  });
  const applied = await apply(planned, options, surroundings);
  const [kept] = applied.keep;
  const [removal] = applied.remove;
  if (kept !== undefined)
    throw new CcsessError('LIVE', `session ${found.id} stays: ${kept.reasons.map(({ code }) => code).join(', ')}.`);
  if (removal?.status !== 'removed')
    throw new CcsessError(
      removal?.status === 'failed' ? 'IO' : 'LIVE',
      `session ${found.id} was not removed: ${removal?.error?.message ?? 'it has changed meanwhile'}.`,
    );
  return applied;
}

function apply(
  planned: PlannedPrune,
  { trashDir, lockWaitMs = 0 }: TrashOptions,
  surroundings: Surroundings,
): Promise<PrunePlan> {
  const options = {
    trashDir: namedTrashDir(trashDir, surroundings),
    lockWaitMs,
    recheck: recheckOf(planned, surroundings),
  };
  return applyPlan(planned, options, surroundings);
}

/**
 * Brings sessions back from the trash, byte for byte: by id, start of an id or title, or `@last-prune` for all that the
 * last run moved. Their times are renewed, so that Claude Code's cleanup does not take them at once, unless
 * `keepTimes`. Rejects with NOT_FOUND or AMBIGUOUS for the name, and with LIVE, EXISTS or IO for the first that could
 * not be restored, after the others were.
 */
export async function restore(name: string, options: TrashOptions & { keepTimes?: boolean } = {}): Promise<Session[]> {
  const surroundings = surroundingsOf(options);
  const trashDir = namedTrashDir(options.trashDir, surroundings);
  await recoverMoves(surroundings);
  const entries = findTrashed(readTrash(surroundings.configDirs, trashDir), name);
  if (entries.length === 0) return [];
  const { keepTimes = false, lockWaitMs = 0 } = options;
  const opening = { trashDir, lockWaitMs, to: null, keepTimes, openIndex: () => openIndex(surroundings) };
  const { results, index, rows } = await restoreSessions(entries, opening, surroundings);
  const failure = results.find((result) => result.failure !== null)?.failure;
  if (failure !== undefined && failure !== null) throw failure;
  const [damage] = results.flatMap(({ damaged }) => damaged);
  if (damage !== undefined) throw new CcsessError('IO', damage);
  return (await fullRecords(index, rows, surroundings.now())).map((record) => new Session(record, surroundings));
}

/**
 * The sessions that Claude Code's own cleanup will delete until then, with the times; `within` is an age ahead (`7d`,
 * the default) or a date.
 */
export async function forecast(options: LibraryOptions & { within?: string } = {}): Promise<Forecast> {
  const surroundings = surroundingsOf(options);
  const untilMs = await momentAhead(options.within ?? '7d', surroundings.now(), '--within');
  return foretell(await openIndex(surroundings), untilMs, surroundings);
}
