import { PARTLY_DONE } from '../../../system/errors.js';
import { requireConfigDirs } from '../../../claude/config-dir.js';
import type { Problem } from '../../../system/problem.js';
import type { Renewals } from '../../../retention/keep/keep-times.js';
import type { PlanSummary, PrunePlan, PrunePolicy } from '../../../retention/model.js';
import type { PlannedPrune, SummarizedPrune } from '../../../retention/plan/planned.js';
import type { Trash } from '../../../retention/trash/trash-state.js';
import type { AloneOptions } from '../../../retention/restore/recover.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import { screenOf } from '../screen.js';
import type { Context, Questions } from '../../context.js';
import { noteProblems } from '../notes.js';
import { requireQuestions } from '../changed.js';
import { toJson } from '../../render/text/json.js';
import { readTrashFlags, type TrashFlags } from './trash-flags.js';
import { printSentences } from '../print-sentences.js';

/** Sessions that the screen of a plan names. */
const MAX_SESSIONS = 10;
const LATER = [
  'Nothing was changed. To do exactly this later:',
  '  ccsess prune … -n --json >plan.json',
  '  ccsess prune --apply plan.json',
];

/** The flags of `prune` that say how it is run, as typed. */
export interface RunFlags extends TrashFlags {
  dryRun?: boolean;
  yes?: boolean;
  keepTimes?: boolean;
  quiet?: boolean;
}

/** How a prune is run: the flags, read. */
export interface Run extends AloneOptions {
  /** Only print what would be done. */
  dryRun: boolean;
  /** Print only problems. */
  quiet: boolean;
  /** Do not update the modification times of pinned sessions. */
  keepTimes: boolean;
  /** Somebody has to confirm what is done. */
  asks: boolean;
}

/** Options of a prune that applies a plan made before. */
export interface ListedPrune {
  run: Run;
  /** File of the plan as typed; `-` for standard input. */
  file: string;
  /** Confirms a plan that deletes permanently. */
  permanent: boolean;
  /** Compress transcripts in the trash. */
  compress: boolean;
}

/** Reads the flags. Throws USAGE for a bad value, and for config dirs that cannot be meant. */
export async function readRun(flags: RunFlags, context: Context): Promise<Run> {
  const { dryRun = false, quiet = false, keepTimes = false, yes = false } = flags;
  requireConfigDirs(context.configDirs, context.env);
  const options = await readTrashFlags(flags, context);
  return { ...options, dryRun, quiet, keepTimes, asks: !dryRun && !yes };
}

/**
 * Returns the terminal's questions for a plan that needs a confirmation; null if it needs none, or if there is nothing
 * to do. Throws USAGE without a terminal.
 */
export async function openQuestions(plan: PlanSummary, { asks }: Run, context: Context): Promise<Questions | null> {
  const { planQuestion } = await import('../../render/plan-sentences.js');
  return asks && planQuestion(plan) !== null ? requireQuestions(context) : null;
}

/** The sessions in the trash, and those of them whose time is over. */
export async function trashState(
  trashTtl: PrunePolicy['trashTtl'],
  { trashDir }: Run,
  context: Context,
): Promise<Trash> {
  const { trashState: stateOf } = await import('../../../retention/trash/trash-state.js');
  return stateOf(trashTtl, trashDir, context);
}

/** Prints a plan: its screen, or with `-n --json` the plan itself. Nothing under `--quiet`. */
export async function showPlan(
  planned: PlannedPrune,
  index: SessionIndex,
  trash: Trash,
  run: Run,
  context: Context,
): Promise<void> {
  const { plan } = planned;
  const { stdout, global } = context;
  if (!global.json) return showSummary(planned, index, trash, run, context);
  if (!run.quiet) await noteProblems(plan.problems, context);
  if (plan.dryRun) await stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
}

/** Prints the screen of a plan, and on stderr what could not be read. Nothing under `--quiet`. */
export async function showSummary(
  planned: SummarizedPrune,
  index: SessionIndex,
  trash: Trash,
  { quiet }: Run,
  context: Context,
): Promise<void> {
  const { plan } = planned;
  const { stdout, width } = context;
  if (quiet) return;
  await noteProblems(plan.problems, context);
  const { planLines } = await import('../../render/plan.js');
  const { plannedItems } = await import('./planned-items.js');
  const { planSentences } = await import('../../render/plan-sentences.js');
  const { largestOf, sharesOf } = await import('../../../retention/plan/shares.js');
  const view = {
    plan,
    shares: sharesOf(planned, index),
    trashed: trash.sessions,
    largest: plannedItems(largestOf(planned.removals, MAX_SESSIONS), index),
  };
  const screen = { ...screenOf(context), width: stdout.isTerminal ? width : Infinity };
  const isLater = plan.dryRun && plan.remove.length + plan.expire.length > 0;
  const lines = [...planSentences(plan), '', ...(await planLines(view, screen)), ...(isLater ? ['', ...LATER] : [])];
  await printSentences(lines, context);
}

/** Opens the index; before a change what an interrupted run left is put right first. */
export async function openFor(run: Run, context: Context): Promise<SessionIndex> {
  if (!run.dryRun) {
    const { recoverFirst } = await import('./recover-first.js');
    await recoverFirst(run, context);
  }
  return context.openIndex({ readOnly: run.dryRun });
}

/**
 * Asks if there is somebody to ask, applies a plan, renews the pins, and reports: exit code 3 and a line on stderr if a
 * session could not be moved, one in the trash not be deleted, or the budget was not reached. Throws LOCKED if another
 * ccsess is at it, else as `applyPlan`.
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

/** Claude Code's cleanup would take pinned sessions that nobody touches; `null` where none is to be renewed. */
async function renewPins(index: SessionIndex, { keepTimes }: Run, context: Context): Promise<Renewals | null> {
  const pinned = index.rows.filter((row) => row.pinned);
  if (pinned.length === 0 || keepTimes) return null;
  const { renewTimes } = await import('../../../retention/keep/keep-times.js');
  return renewTimes(pinned, index, context, { dryRun: false });
}

/** How a plan was applied, in addition to what the plan itself says. */
interface RunOutcome {
  renewals: Renewals | null;
  /** Problems met while applying. */
  problems: readonly Problem[];
  seconds: number;
}

async function report(
  plan: PrunePlan,
  { renewals, problems, seconds }: RunOutcome,
  { quiet }: Run,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global } = context;
  const { failureLine, outcomeSentences } = await import('../../render/plan-sentences.js');
  const failure = failureLine(plan);
  if (failure !== null || problems.some(isFailure)) context.setExitCode(PARTLY_DONE);
  if (global.json) await stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
  else if (!quiet) {
    const pins = renewals === null ? [] : [`Pins renewed: ${renewals.sessions.length}.`];
    const undo = plan.totals.removed > 0 && !plan.policy.permanent ? ['Undo: ccsess restore @last-prune'] : [];
    const lines = [...outcomeSentences(plan, seconds), ...pins, ...undo];
    await printSentences(lines, context);
  }
  if (failure !== null) await stderr.write(`${failure}\n`);
  await noteProblems(problems, context);
}

/** Says on stderr what went wrong as a plan was applied; exit code 3 if more than compression did. */
export async function noteApplied(applied: PrunePlan, planned: PrunePlan, context: Context): Promise<void> {
  const problems = applied.problems.slice(planned.problems.length);
  if (problems.some(isFailure)) context.setExitCode(PARTLY_DONE);
  await noteProblems(problems, context);
}

/** Something in the trash was not deleted, or the trash could not be read once sessions had been moved. */
function isFailure({ code }: Problem): boolean {
  return code === 'not-deleted' || code === 'unreadable';
}
