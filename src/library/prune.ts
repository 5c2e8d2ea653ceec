import { requireConfigDirs } from '../claude/config-dir.js';
import { applyPlan } from '../retention/apply/apply.js';
import { renewTimes } from '../retention/keep/keep-times.js';
import type { PrunePlan, PrunePolicy } from '../retention/model.js';
import { planListed } from '../retention/plan/listed.js';
import { planPrune as makePlan, planRemoval } from '../retention/plan/plan.js';
import { readPlanFile } from '../retention/plan/plan-file.js';
import type { PlannedPrune } from '../retention/plan/planned.js';
import { trashState } from '../retention/trash/trash-state.js';
import { readTrash } from '../retention/trash/trash.js';
import type { SessionKind } from '../session-index/record.js';
import { listedPolicy } from '../sessions/select/listed-policy.js';
import { NAMED_ONLY, readPolicy, type PolicyOptions } from '../sessions/select/prune-policy.js';
import { CcsessError } from '../system/errors.js';
import {
  checkOptions,
  withoutUndefined,
  type OneOrMore,
  type OptionNames,
  type WrittenMoment,
  type WrittenSize,
  writtenOptions,
} from './support/options.js';
import { sessionsNamed, contextFor, type NamedSessions, type Session } from './session.js';
import { openIndex, contextOf, type LibraryContext } from './context.js';
import { lockOptions, TRASH_OPTIONS, type TrashOptions } from './trash.js';
import { runAfterRecovery } from './support/recover-moves.js';

/** Selectors, filters and protections of a prune: `{ olderThan: '30d', maxTotal: '5GiB' }` (docs/pruning.md). */
export interface PruneOptions extends TrashOptions {
  /** Selects sessions whose last activity is before this time. */
  olderThan?: WrittenMoment;
  /** Selects sessions larger than this. */
  largerThan?: WrittenSize;
  /** Selects sessions with at most this number of prompts. */
  promptsAtMost?: number;
  /** Selects sessions without prompts, answers, a custom title or a tag. */
  empty?: boolean;
  /** Also selects leftover files of sessions without a transcript. */
  orphans?: boolean;
  /** Selects the oldest sessions until the others take at most this size. */
  maxTotal?: WrittenSize;
  /** Keeps this number of the newest sessions in each project. */
  keepLast?: number;
  /** Keeps sessions active within this duration: at least `1min`, by default `10min`. */
  minIdle?: string;
  /** Also removes archived sessions. */
  includeArchived?: boolean;
  /** Also removes sessions that were restored within the last 30 days. */
  includeRestored?: boolean;
  /** Folders or globs; by default all projects. */
  project?: OneOrMore<string>;
  /** With `project`, also matches its git worktrees. */
  worktrees?: boolean;
  kind?: OneOrMore<SessionKind>;
  /** Part of the title. */
  title?: string;
  tag?: string;
  /** Deletes permanently instead of moving to the trash. */
  permanent?: boolean;
  /** Compresses transcripts in the trash, by default true. */
  compress?: boolean;
  /** How long sessions stay in the trash: a duration, by default `30d`, or `never`. */
  trashTtl?: string;
}

/** Options of removing named sessions. */
export interface RemoveOptions extends TrashOptions {
  /** Deletes permanently instead of moving to the trash. */
  permanent?: boolean;
}

const PRUNE: OptionNames<PruneOptions> = {
  ...TRASH_OPTIONS,
  olderThan: 'other',
  largerThan: 'other',
  promptsAtMost: 'number',
  empty: 'boolean',
  orphans: 'boolean',
  maxTotal: 'other',
  keepLast: 'number',
  minIdle: 'string',
  includeArchived: 'boolean',
  includeRestored: 'boolean',
  project: 'other',
  worktrees: 'boolean',
  kind: 'other',
  title: 'string',
  tag: 'string',
  permanent: 'boolean',
  compress: 'boolean',
  trashTtl: 'string',
};
const REMOVE: OptionNames<RemoveOptions> = { ...TRASH_OPTIONS, permanent: 'boolean' };

/**
 * Plans a prune, as data with reasons; nothing is written. Rejects with USAGE without a selector or for an invalid
 * value.
 */
export async function planPrune(options: PruneOptions): Promise<PrunePlan> {
  checkOptions(options, PRUNE);
  const context = contextOf(options);
  requireConfigDirs(context.configDirs, context.env);
  const policy = await readPolicy(policyOptions(options), context);
  const { trashDir } = lockOptions(options, context);
  const index = await openIndex(context, { readOnly: true });
  const trash = trashState(policy.trashTtl, trashDir, context);
  return makePlan(index, policy, { environment: context, trash, dryRun: true }).plan;
}

/** Returns the options as the core reads them, which is in the form of command-line flags. */
function policyOptions(options: PruneOptions): PolicyOptions {
  const { olderThan, largerThan, maxTotal, project, kind, promptsAtMost, keepLast, ...others } = options;
  return {
    ...others,
    ...writtenOptions({ olderThan, largerThan, maxTotal, project, kind }),
    ...withoutUndefined({
      promptsAtMost: promptsAtMost === undefined ? undefined : String(promptsAtMost),
      keepLast: keepLast === undefined ? undefined : String(keepLast),
    }),
  };
}

/**
 * Applies a plan of `planPrune`, which may have been reduced, and resolves to the plan with its outcome: sessions that
 * changed or became protected are kept, and removed ones can be restored unless the plan is `permanent`. Rejects before
 * anything is moved with PLAN_REFUSED for a plan of other config dirs or sessions, and with LOCKED.
 */
export async function applyPrune(plan: PrunePlan, options: TrashOptions = {}): Promise<PrunePlan> {
  checkOptions(options, TRASH_OPTIONS);
  const context = contextOf(options);
  const listed = readPlanFile(planText(plan), context.configDirs);
  const policy = await listedPolicy(listed, true, context);
  const { trashDir } = lockOptions(options, context);
  return runAfterRecovery(context, async (problems) => {
    const trashed = readTrash(context.configDirs, trashDir).map(({ session }) => session);
    const expire = listed.expire.filter(({ id, trashedAt }) =>
      trashed.some((one) => one.id === id && one.trashedAt === trashedAt),
    );
    const trash = { ...trashState(null, trashDir, context), expire };
    const isTrashed = (wanted: string): boolean => trashed.some(({ id }) => id === wanted);
    const index = await openIndex(context);
    const planned = planListed(index, listed, { environment: context, trash, dryRun: false, policy, isTrashed });
    const applied = await apply(planned, options, context);
    // Renewed because Claude Code's cleanup would delete pinned sessions that are not used.
    const pinned = index.rows.filter((row) => row.pinned);
    renewTimes(pinned, index, context, { dryRun: false });
    return { ...applied, problems: [...applied.problems, ...problems] };
  });
}

/**
 * Moves one session with all its files to the trash, whatever its age, and resolves to the report. Rejects with
 * NOT_FOUND or AMBIGUOUS for its name, and with LIVE if it is live, pinned or otherwise protected.
 */
export async function removeSession(session: Session | string, options: RemoveOptions = {}): Promise<PrunePlan> {
  const applied = await removeSessions([session], options);
  const [kept] = applied.keep;
  const [removal] = applied.remove;
  const id = kept?.id ?? removal?.id ?? String(session);
  if (kept !== undefined)
    throw new CcsessError('LIVE', `session ${id} stays: ${kept.reasons.map(({ code }) => code).join(', ')}.`);
  if (removal?.status !== 'removed')
    throw new CcsessError(
      removal?.status === 'failed' ? 'IO' : 'LIVE',
      `session ${id} was not removed: ${removal?.error?.message ?? 'it has changed meanwhile'}.`,
    );
  return applied;
}

/**
 * Moves sessions to the trash in one run, which `restore('@last-prune')` undoes as a whole; resolves to the report,
 * with live and pinned sessions in `keep`. Rejects with NOT_FOUND or AMBIGUOUS for a name, with nothing moved.
 */
export async function removeSessions(
  sessions: readonly (Session | string)[],
  options: RemoveOptions = {},
): Promise<PrunePlan> {
  checkOptions(options, REMOVE);
  const context = contextFor(sessions as NamedSessions, options);
  const { trashDir } = lockOptions(options, context);
  return runAfterRecovery(context, async (problems) => {
    const index = await openIndex(context);
    const rows = await sessionsNamed(index, sessions as NamedSessions, context);
    const policy: PrunePolicy = { ...NAMED_ONLY, permanent: options.permanent === true, compress: true };
    const trash = trashState(null, trashDir, context);
    const planned = planRemoval(index, rows, { environment: context, policy, trash, dryRun: false });
    const applied = await apply(planned, options, context);
    return { ...applied, problems: [...applied.problems, ...problems] };
  });
}

/** The text of a plan; of a value that JSON does not have, one that is not a plan. */
function planText(plan: PrunePlan): string {
  try {
    return JSON.stringify(plan) ?? '';
  } catch {
    return '';
  }
}

function apply(planned: PlannedPrune, options: TrashOptions, context: LibraryContext): Promise<PrunePlan> {
  return applyPlan(planned, lockOptions(options, context), context);
}
