import { PARTLY_DONE } from '../../../system/errors.js';
import { requireConfigDirs } from '../../../claude/config-dir.js';
import type { Problem } from '../../../system/problem.js';
import type { Renewals } from '../../../retention/keep/keep-times.js';
import type { PlanSummary, PrunePlan, PrunePolicy } from '../../../retention/model.js';
import type { PlannedPrune } from '../../../retention/plan/planned.js';
import type { PruneOverview } from '../../../retention/plan/summary/overview.js';
import type { Trash } from '../../../retention/trash/trash-state.js';
import type { LockedRunOptions } from '../../../retention/restore/run-locked.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import { screenOf } from '../screen.js';
import type { Context, Questions } from '../../context.js';
import { noteProblems } from '../notes.js';
import { requireQuestions } from '../changed.js';
import { toJson } from '../../render/text/json.js';
import { readTrashFlags, trashCommand, type TrashFlags } from './trash-flags.js';
import { printSentences } from '../print-sentences.js';

/** The flags of `prune` about its run, as typed. */
export interface RunFlags extends TrashFlags {
  dryRun?: boolean;
  yes?: boolean;
  keepTimes?: boolean;
  quiet?: boolean;
}

/** Returns lines that name the commands which save a plan and apply it. */
function howToApply({ invocation }: Context): string[] {
  return [
    'Nothing was changed. To do exactly this later:',
    `  ${invocation} prune … -n --json >plan.json`,
    `  ${invocation} prune --apply plan.json`,
  ];
}

/** Options of a prune's run. */
export interface Run extends LockedRunOptions {
  /** Only print what would be done. */
  dryRun: boolean;
  /** Print only problems. */
  quiet: boolean;
  /** Do not update the modification times of pinned sessions. */
  keepTimes: boolean;
  /** Ask for confirmation. */
  asks: boolean;
}

/** Options of a prune that applies a saved plan. */
export interface ListedPrune {
  run: Run;
  /** File of the plan as typed; `-` for standard input. */
  file: string;
  /** Confirms that the plan may delete permanently. */
  permanent: boolean;
  /** Compress transcripts in the trash. */
  compress: boolean;
}

/** Reads the flags. Throws USAGE for an invalid value and for an invalid config dir. */
export async function readRun(flags: RunFlags, context: Context): Promise<Run> {
  const { dryRun = false, quiet = false, keepTimes = false, yes = false } = flags;
  requireConfigDirs(context.configDirs, context.env);
  const options = await readTrashFlags(flags, context);
  return { ...options, dryRun, quiet, keepTimes, asks: !dryRun && !yes };
}

/**
 * Returns the questions for a plan that needs confirmation; null if it needs none or there is nothing to do. Throws
 * USAGE without a terminal.
 */
export async function openQuestions(plan: PlanSummary, { asks }: Run, context: Context): Promise<Questions | null> {
  const { planQuestion } = await import('../../render/plan-sentences.js');
  return asks && planQuestion(plan) !== null ? requireQuestions(context) : null;
}

/** Returns the sessions in the trash, and those of them that have expired. */
export async function trashState(
  trashTtl: PrunePolicy['trashTtl'],
  { trashDir }: Run,
  context: Context,
): Promise<Trash> {
  const { trashState: stateOf } = await import('../../../retention/trash/trash-state.js');
  return stateOf(trashTtl, trashDir, context);
}

/** Prints a plan as a screen, or with `-n --json` as JSON. Prints nothing with `--quiet`. */
export async function showPlan(
  planned: PlannedPrune,
  index: SessionIndex,
  trash: Trash,
  run: Run,
  context: Context,
): Promise<void> {
  const { plan } = planned;
  const { stdout, global } = context;
  if (!global.json) {
    const { overviewOf } = await import('../../../retention/plan/summary/overview.js');
    return showSummary(overviewOf(planned, index), index, trash, run, context);
  }
  if (!run.quiet) await noteProblems(plan.problems, context);
  if (plan.dryRun) await stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
}

/** Prints the screen of a plan, and problems on stderr. Prints nothing with `--quiet`. */
export async function showSummary(
  { plan, shares, largest }: PruneOverview,
  index: SessionIndex,
  trash: Trash,
  { quiet }: Run,
  context: Context,
): Promise<void> {
  const { stdout, width } = context;
  if (quiet) return;
  await noteProblems(plan.problems, context);
  const { planLines } = await import('../../render/plan.js');
  const { plannedItems } = await import('./planned-items.js');
  const { planSentences } = await import('../../render/plan-sentences.js');
  const view = {
    plan,
    shares,
    trashed: trash.sessions,
    largest: plannedItems(largest, index),
  };
  const screen = { ...screenOf(context), width: stdout.isTerminal ? width : Infinity };
  const isLater = plan.dryRun && plan.remove.length + plan.expire.length > 0;
  const lines = [
    ...planSentences(plan),
    '',
    ...(await planLines(view, screen)),
    ...(isLater ? ['', ...howToApply(context)] : []),
  ];
  await printSentences(lines, context);
}

/** Opens the index; before a change, interrupted runs are recovered first. */
export async function openFor(run: Run, context: Context): Promise<SessionIndex> {
  if (!run.dryRun) {
    const { recoverFirst } = await import('./recover-first.js');
    await recoverFirst(run, context);
  }
  return context.openIndex({ readOnly: run.dryRun });
}

/**
 * Asks for confirmation if needed, applies a plan, renews the pins and reports; sets exit code 3 if a session could not
 * be moved or deleted, or the budget was not reached. Throws LOCKED if another ccsess is making changes, else as
 * `applyPlan`.
 */
export async function applyAndReport(
  planned: PlannedPrune,
  index: SessionIndex,
  asking: Questions | null,
  run: Run,
  context: Context,
): Promise<void> {
  const { planQuestion } = await import('../../render/plan-sentences.js');
  const question = planQuestion(planned.plan);
  if (asking !== null && question !== null && !(await asking.confirm(question))) {
    await context.stderr.write('Nothing was changed.\n');
    return;
  }
  // Sessions may be forked or pinned while somebody thinks, so reasons that need the whole index are checked again.
  const current = asking === null ? planned : await withPresentProtections(planned, context);
  const startedMs = context.now();
  const { applyRun } = await import('./apply-run.js');
  const plan = await applyRun(current, run, context);
  const seconds = (context.now() - startedMs) / 1000;
  const renewals = await renewPins(index, run, context);
  const problems = [...plan.problems.slice(current.plan.problems.length), ...(renewals?.problems ?? [])];
  await report(plan, { renewals, problems, seconds }, run, context);
}

async function withPresentProtections(planned: PlannedPrune, context: Context): Promise<PlannedPrune> {
  const { updateProtections } = await import('../../../retention/plan/current-protections.js');
  return updateProtections(planned, await context.openIndex(), context);
}

/** Renews the times of pinned sessions, which Claude Code's cleanup would otherwise delete; null if none needs it. */
async function renewPins(index: SessionIndex, { keepTimes }: Run, context: Context): Promise<Renewals | null> {
  const pinned = index.rows.filter((row) => row.pinned);
  if (pinned.length === 0 || keepTimes) return null;
  const { renewTimes } = await import('../../../retention/keep/keep-times.js');
  return renewTimes(pinned, index, context, { dryRun: false });
}

/** The outcome of applying a plan, in addition to the plan itself. */
interface RunOutcome {
  renewals: Renewals | null;
  /** Problems while applying the plan. */
  problems: readonly Problem[];
  seconds: number;
}

async function report(
  plan: PrunePlan,
  { renewals, problems, seconds }: RunOutcome,
  run: Run,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global } = context;
  const { failureLine, outcomeSentences } = await import('../../render/plan-sentences.js');
  const failure = failureLine(plan);
  if (failure !== null || problems.some(isFailure)) context.setExitCode(PARTLY_DONE);
  if (global.json) await stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
  else if (!run.quiet) {
    const pins = renewals === null ? [] : [`Pins renewed: ${renewals.sessions.length}.`];
    const inTrash = (command: string): string => trashCommand(command, run, context);
    const undo = plan.totals.removed > 0 && !plan.policy.permanent ? [`Undo: ${inTrash('restore @last-prune')}`] : [];
    const lines = [...outcomeSentences(plan, seconds, inTrash), ...pins, ...undo];
    await printSentences(lines, context);
  }
  if (failure !== null) await stderr.write(`${failure}\n`);
  await noteProblems(problems, context);
}

/** Reports problems while applying a plan on stderr; sets exit code 3 if more than compression failed. */
export async function noteApplied(applied: PrunePlan, planned: PrunePlan, context: Context): Promise<void> {
  const problems = applied.problems.slice(planned.problems.length);
  if (problems.some(isFailure)) context.setExitCode(PARTLY_DONE);
  await noteProblems(problems, context);
}

/** True if something in the trash was not deleted, or the trash could not be read after sessions were moved. */
function isFailure({ code }: Problem): boolean {
  return code === 'not-deleted' || code === 'unreadable';
}
