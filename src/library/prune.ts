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
  given,
  type OneOrMore,
  type OptionNames,
  type WrittenMoment,
  type WrittenSize,
  writtenOptions,
} from './support/options.js';
import { sessionsNamed, surroundingsFor, type NamedSessions, type Session } from './session.js';
import { openIndex, surroundingsOf, type Surroundings } from './surroundings.js';
import { aloneOptions, TRASH_OPTIONS, type TrashOptions } from './trash.js';
import { inTurnSettled } from './support/settle-moves.js';

/**
 * Selectors, filters and protections of a prune: `{ olderThan: '30d', maxTotal: '5GiB' }`. docs/pruning.md says what
 * each means.
 */
export interface PruneOptions extends TrashOptions {
  /** Selects sessions whose last activity is before this moment. */
  olderThan?: WrittenMoment;
  /** Selects sessions of at least this size. */
  largerThan?: WrittenSize;
  /** Selects sessions with at most this number of prompts. */
  promptsAtMost?: number;
  /** Selects sessions with no prompt, answer, given title or tag. */
  empty?: boolean;
  /** Also selects leftover files of sessions whose transcript is gone. */
  orphans?: boolean;
  /** Selects the oldest sessions until the rest takes at most this size. */
  maxTotal?: WrittenSize;
  /** Keeps this number of newest sessions of each project. */
  keepLast?: number;
  /** Keeps sessions active within this length of time: `10min`, the default; at least `1min`. */
  minIdle?: string;
  includeArchived?: boolean;
  /** Also sessions that were restored within the last 30 days. */
  includeRestored?: boolean;
  /** Folders or globs; by default all projects. */
  project?: OneOrMore<string>;
  /** With `project`: also its git worktrees. */
  worktrees?: boolean;
  kind?: OneOrMore<SessionKind>;
  /** Part of the title. */
  title?: string;
  tag?: string;
  /** Deletes permanently instead of moving to the trash. */
  permanent?: boolean;
  /** Compresses transcripts in the trash; the default. */
  compress?: boolean;
  /** How long sessions stay in the trash: a length of time (`30d`, the default), or `never`. */
  trashTtl?: string;
}

/** How sessions are removed. */
export interface RemoveOptions extends TrashOptions {
  /** Deletes permanently instead of moving to the trash. */
  permanent?: boolean;
}

const PRUNE: OptionNames<PruneOptions> = {
  ...TRASH_OPTIONS,
  olderThan: true,
  largerThan: true,
  promptsAtMost: true,
  empty: true,
  orphans: true,
  maxTotal: true,
  keepLast: true,
  minIdle: true,
  includeArchived: true,
  includeRestored: true,
  project: true,
  worktrees: true,
  kind: true,
  title: true,
  tag: true,
  permanent: true,
  compress: true,
  trashTtl: true,
};
const REMOVE: OptionNames<RemoveOptions> = { ...TRASH_OPTIONS, permanent: true };

/**
 * Plans a prune, as data with reasons; nothing is written. Rejects with USAGE without a selector, or for an invalid
 * value.
 */
export async function planPrune(options: PruneOptions): Promise<PrunePlan> {
  checkOptions(options, PRUNE);
  const surroundings = surroundingsOf(options);
  requireConfigDirs(surroundings.configDirs, surroundings.env);
  const policy = await readPolicy(policyOptions(options), surroundings);
  const { trashDir } = aloneOptions(options, surroundings);
  const index = await openIndex(surroundings, { readOnly: true });
  const trash = trashState(policy.trashTtl, trashDir, surroundings);
  return makePlan(index, policy, { workplace: surroundings, trash, dryRun: true }).plan;
}

/** Returns the options in the form that the core reads, which is that of the flags. */
function policyOptions(options: PruneOptions): PolicyOptions {
  const { olderThan, largerThan, maxTotal, project, kind, promptsAtMost, keepLast, ...others } = options;
  return {
    ...others,
    ...writtenOptions({ olderThan, largerThan, maxTotal, project, kind }),
    ...given({
      promptsAtMost: promptsAtMost === undefined ? undefined : String(promptsAtMost),
      keepLast: keepLast === undefined ? undefined : String(keepLast),
    }),
  };
}

/**
 * Carries out a plan of `planPrune`, which may have been narrowed. Every session is checked again just before: one that
 * has changed or become protected stays, and removed sessions can be restored unless the plan is `permanent`. Resolves
 * to the plan with its outcome. Rejects, before anything is moved, with PLAN_REFUSED for a plan of other config dirs or
 * sessions, and with LOCKED.
 */
export async function applyPrune(plan: PrunePlan, options: TrashOptions = {}): Promise<PrunePlan> {
  checkOptions(options, TRASH_OPTIONS);
  const surroundings = surroundingsOf(options);
  const listed = readPlanFile(JSON.stringify(plan) ?? '', surroundings.configDirs);
  const policy = await listedPolicy(listed, true, surroundings);
  const { trashDir } = aloneOptions(options, surroundings);
  return inTurnSettled(surroundings, async (problems) => {
    const trashed = readTrash(surroundings.configDirs, trashDir).map(({ session }) => session);
    const expire = listed.expire.filter(({ id, trashedAt }) =>
      trashed.some((one) => one.id === id && one.trashedAt === trashedAt),
    );
    const trash = { ...trashState(null, trashDir, surroundings), expire };
    const isTrashed = (wanted: string): boolean => trashed.some(({ id }) => id === wanted);
    const index = await openIndex(surroundings);
    const planned = planListed(index, listed, { workplace: surroundings, trash, dryRun: false, policy, isTrashed });
    const applied = await apply(planned, options, surroundings);
    // Claude Code's cleanup would delete pinned sessions that are not used.
    const pinned = index.rows.filter((row) => row.pinned);
    renewTimes(pinned, index, surroundings, { dryRun: false });
    return { ...applied, problems: [...applied.problems, ...problems] };
  });
}

/**
 * Moves one session to the trash, with all that belongs to it, whatever its age. Resolves to the report. Rejects with
 * NOT_FOUND or AMBIGUOUS for its name, and with LIVE if it is live, pinned or otherwise must not be touched.
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
 * Moves sessions to the trash in one run, so that `restore('@last-prune')` brings all of them back. Resolves to the
 * report: live and pinned ones are in its `keep`. Rejects with NOT_FOUND or AMBIGUOUS for a name, with nothing moved.
 */
export async function removeSessions(
  sessions: readonly (Session | string)[],
  options: RemoveOptions = {},
): Promise<PrunePlan> {
  checkOptions(options, REMOVE);
  const surroundings = surroundingsFor(sessions as NamedSessions, options);
  const { trashDir } = aloneOptions(options, surroundings);
  return inTurnSettled(surroundings, async (problems) => {
    const index = await openIndex(surroundings);
    const rows = await sessionsNamed(index, sessions as NamedSessions, surroundings);
    const policy: PrunePolicy = { ...NAMED_ONLY, permanent: options.permanent === true, compress: true };
    const trash = trashState(null, trashDir, surroundings);
    const planned = planRemoval(index, rows, { workplace: surroundings, policy, trash, dryRun: false });
    const applied = await apply(planned, options, surroundings);
    return { ...applied, problems: [...applied.problems, ...problems] };
  });
}

function apply(planned: PlannedPrune, options: TrashOptions, surroundings: Surroundings): Promise<PrunePlan> {
  return applyPlan(planned, aloneOptions(options, surroundings), surroundings);
}
