import { CcsessError } from '../claude/errors.js';
import type { Renewals } from '../retention/keep-times.js';
import type { PrunePlan, PrunePolicy } from '../retention/model.js';
import type { PlannedPrune, TrashState } from '../retention/plan.js';
import type { SessionIndex } from '../session-index/session-index.js';
import { lengthOf } from '../sessions/grammar/age.js';
import type { Context, Questions } from './context.js';
import { noteProblems } from './notes.js';
import { toJson } from './render/json.js';

/** Sessions that the screen of a plan names. */
export const MOST_SESSIONS = 20;
/** Some sessions could not be handled, the rest were. */
const PARTLY_DONE = 3;

/** The flags of `prune` that say how it is run. */
export interface RunFlags {
  dryRun?: boolean;
  yes?: boolean;
  trashDir?: string;
  keepTimes?: boolean;
  lockWait?: string;
  quiet?: boolean;
}

/** Who is asked before anything is done; `null` where nobody need be. Throws USAGE where somebody must be and cannot. */
export async function mayAsk({ dryRun, yes }: RunFlags, { global, questions }: Context): Promise<Questions | null> {
  if (dryRun === true || yes === true) return null;
  if (global.json) throw new CcsessError('USAGE', '--json never asks: add --yes to do it, or -n to see it.');
  const asking = await questions();
  if (asking === null) throw new CcsessError('USAGE', 'nobody to ask: add --yes to do it, or -n to see it.');
  return asking;
}

/** What lies in the trash, and what of it is over its time. Throws USAGE for a trash folder that cannot be one. */
export async function trashState(trashTtl: PrunePolicy['trashTtl'], flags: RunFlags, context: Context): Promise<TrashState> {
  const { namedTrashDir, trashDirsOf } = await import('../retention/trash-dir.js');
  const { expiriesOf, heldBytes, readTrash } = await import('../retention/trash.js');
  const named = namedTrashDir(flags.trashDir, context);
  const entries = readTrash(context.configDirs, named);
  return {
    dir: trashDirsOf(context.configDirs, named)[0] ?? '',
    sessions: entries.length,
    heldBytes: heldBytes(entries),
    expire: trashTtl === null ? [] : expiriesOf(entries, context.now() - trashTtl.ms),
  };
}

/** Prints a plan: its screen, or with `-n --json` the plan itself. Nothing under `--quiet`. */
export async function showPlan(planned: PlannedPrune, index: SessionIndex, trash: TrashState, flags: RunFlags, context: Context): Promise<void> {
  const { plan } = planned;
  const { stdout, global, width, color, home } = context;
  if (flags.quiet !== true) await noteProblems(plan.problems, context);
  if (global.json) {
    if (plan.dryRun) await stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
    return;
  }
  if (flags.quiet === true) return;
  const { planLines } = await import('./render/plan.js');
  const { planSentences } = await import('./render/plan-sentences.js');
  const { largestOf } = await import('../retention/plan.js');
  const { sharesOf } = await import('../retention/shares.js');
  const largest = largestOf(planned.going, MOST_SESSIONS).flatMap((found) => {
    const removal = planned.going.get(found);
    const [record] = found.row === null ? [] : index.records([found.row], { footprint: false });
    return removal === undefined ? [] : [{ removal, isPrompt: record?.titleSource === 'prompt' }];
  });
  const view = { plan, shares: sharesOf(planned, index), trashed: trash.sessions, ids: index.rows.map(({ file }) => file.id), largest };
  const screen = { width: stdout.isTerminal ? width : Infinity, color, home, now: context.now() };
  const later = plan.dryRun ? ['Nothing was changed. To do exactly this later: add --json >plan.json; ccsess prune --apply plan.json'] : [];
  const lines = [...(await planLines(view, screen)), ...planSentences(plan), ...(plan.remove.length + plan.expire.length > 0 ? later : [])];
  await stdout.write(`${lines.join('\n')}\n`);
}

/**
 * Asks if there is somebody to ask, applies a plan, renews the pins, and reports: exit code 3 and a line on stderr if a
 * session could not be moved or the budget was not reached. Throws LOCKED if another ccsess is at it, else as `applyPlan`.
 */
export async function applyAndReport(planned: PlannedPrune, index: SessionIndex, flags: RunFlags, asking: Questions | null, context: Context): Promise<void> {
  const { planQuestion } = await import('./render/plan-sentences.js');
  const question = planQuestion(planned.plan);
  if (asking !== null && question !== null && !(await asking.confirm(question))) {
    await context.stderr.write('Nothing was changed.\n');
    return;
  }
  // While somebody thinks, sessions are forked and pinned: what the whole index tells is looked at again.
  const current = asking === null ? planned : await judgedAgain(planned, context);
  const lockWaitMs = await lengthOf(flags.lockWait ?? '0s', context.now(), '--lock-wait');
  const startedMs = context.now();
  const { applyPlan } = await import('../retention/apply.js');
  const { namedTrashDir } = await import('../retention/trash-dir.js');
  const { recheckOf } = await import('../retention/plan.js');
  const options = { trashDir: namedTrashDir(flags.trashDir, context), lockWaitMs, recheck: recheckOf(current, context) };
  const plan = await applyPlan(current, options, context);
  const seconds = (context.now() - startedMs) / 1000;
  await report(plan, await renewPins(index, flags, context), seconds, flags, context);
}

async function judgedAgain(planned: PlannedPrune, context: Context): Promise<PlannedPrune> {
  const { judgeAgain } = await import('../retention/listed.js');
  return judgeAgain(planned, await context.openIndex(), context);
}

/** Claude Code's cleanup would take pinned sessions that nobody touches; `null` where none is to be renewed. */
async function renewPins(index: SessionIndex, { keepTimes }: RunFlags, context: Context): Promise<Renewals | null> {
  const pinned = index.rows.filter((row) => row.pinned);
  if (pinned.length === 0 || keepTimes === true) return null;
  const { renewTimes } = await import('../retention/keep-times.js');
  return renewTimes(pinned, index, context, { dryRun: false });
}

async function report(plan: PrunePlan, renewals: Renewals | null, seconds: number, { quiet }: RunFlags, context: Context): Promise<void> {
  const { stdout, stderr, global } = context;
  const { failureLine, outcomeSentences } = await import('./render/plan-sentences.js');
  const failure = failureLine(plan);
  if (failure !== null) context.setExitCode(PARTLY_DONE);
  if (global.json) await stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
  else if (quiet !== true) {
    const pins = renewals === null ? [] : [`Pins renewed: ${renewals.sessions.length}.`];
    const undo = plan.totals.removed > 0 && !plan.policy.permanent ? ['Undo: ccsess restore @last-prune'] : [];
    const lines = [...outcomeSentences(plan, seconds), ...pins, ...undo];
    await stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
  if (failure !== null) await stderr.write(`${failure}\n`);
  await noteProblems(renewals?.problems ?? [], context);
}
