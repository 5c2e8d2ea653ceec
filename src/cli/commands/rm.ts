import type { Command } from 'commander';
import { CcsessError, PARTLY_DONE } from '../../system/errors.js';
import type { PrunePlan, PrunePolicy } from '../../retention/model.js';
import { planRemoval } from '../../retention/plan/plan.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { NAMED_ONLY } from '../../sessions/select/prune-policy.js';
import { idOfTranscript } from '../../sessions/resolve/transcript-name.js';
import { applyRun } from '../shared/removal/apply-run.js';
import { addDryRun, type DryRunFlag } from '../shared/changed.js';
import { screenOf } from '../shared/screen.js';
import type { Context, Questions } from '../context.js';
import {
  addSessionsArgument,
  namedSessions,
  readSessions,
  type LastFlag,
  type SessionsOption,
} from '../shared/named-session.js';
import { plannedItems } from '../shared/removal/planned-items.js';
import { openQuestions, noteApplied, openFor, readRun, trashState, type Run } from '../shared/removal/prune-run.js';
import { toJson } from '../render/text/json.js';
import { oneLine } from '../render/text/sanitize.js';
import { outcomeSentences, planQuestion, planSentences } from '../render/plan-sentences.js';
import type { PlannedItem } from '../render/plan.js';
import { keptLine, removalLines, unmovedLines } from '../render/removal.js';
import { addTrashFlags, trashCommand, type TrashFlags } from '../shared/removal/trash-flags.js';
import { printSentences } from '../shared/print-sentences.js';

/** The flags of `rm`, as typed. */
export interface RmFlags extends TrashFlags, DryRunFlag, LastFlag {
  yes?: boolean;
  quiet?: boolean;
  permanent?: boolean;
  compress?: boolean;
}

/** Options of `rm`. */
export interface RmOptions extends SessionsOption {
  run: Run;
  /** Delete permanently instead of moving to the trash. */
  permanent: boolean;
  /** Compress transcripts in the trash; default: true. */
  compress: boolean;
}

/** `ccsess rm`: removes named sessions. */
export function define(command: Command, context: Context): void {
  addTrashFlags(addDryRun(addSessionsArgument(command)))
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--permanent', 'delete permanently instead of moving to the trash')
    .option('--no-compress', 'do not compress transcripts in the trash')
    .option('-q, --quiet', 'print only problems')
    .action(async (names: string[], flags: RmFlags) => runRm(await readRmOptions(names, flags, context), context));
}

/** Reads the arguments and flags of `rm`. Throws USAGE as `readSessions` and `readRun`. */
export async function readRmOptions(names: readonly string[], flags: RmFlags, context: Context): Promise<RmOptions> {
  const { permanent = false, compress = true } = flags;
  return { ...readSessions(names, flags), run: await readRun(flags, context), permanent, compress };
}

/**
 * Moves the named sessions to the trash, except live and pinned ones, and prints the outcome, with `--json` the prune
 * report. All names are resolved first; sets exit code 3 if some were refused or failed, and throws LIVE if all were.
 */
export async function runRm({ names, last, run, permanent, compress }: RmOptions, context: Context): Promise<void> {
  const index = await openFor(run, context);
  const rows = await namedSessions(index, { names, last }, context);
  if ((await context.questions()) === null) requireIds(index, last ? ['--last'] : names, rows, context);
  const policy: PrunePolicy = { ...NAMED_ONLY, permanent, compress };
  const trash = await trashState(null, run, context);
  const planned = planRemoval(index, rows, { environment: context, policy, trash, dryRun: run.dryRun });
  const { plan } = planned;
  const items = plannedItems(planned.removals, index);
  const isShown = !run.quiet || context.global.json;
  if (run.dryRun) {
    const sentences = [...planSentences(plan), ...plan.keep.map(keptLine), 'Nothing was changed.'];
    return isShown ? print(plan, sentences, items, context) : undefined;
  }
  if (!(await isConfirmed(plan, items, await openQuestions(plan, run, context), context))) return;
  const startedMs = context.now();
  const applied = await applyRun(planned, run, context);
  const inTrash = (command: string): string => trashCommand(command, run, context);
  const undo = applied.totals.removed > 0 && !policy.permanent ? [`Undo: ${inTrash('restore @last-prune')}`] : [];
  const sentences = [...outcomeSentences(applied, (context.now() - startedMs) / 1000, inTrash), ...undo];
  if (isShown) await print(applied, sentences, [], context);
  await reportUnremoved(applied, context);
  await noteApplied(applied, planned.plan, context);
}

/** Throws USAGE without a terminal unless ids are given: rows and titles may refer to a different session by now. */
function requireIds(
  index: SessionIndex,
  names: readonly string[],
  rows: readonly SessionRow[],
  { invocation }: Context,
): void {
  const isExact = (name: string): boolean =>
    rows.some(
      ({ file: { id } }) => id.startsWith(name) || id.startsWith(name.toLowerCase()) || id === idOfTranscript(name),
    );
  const loose = names.find((name) => !isExact(name));
  if (loose === undefined) return;
  throw new CcsessError(
    'USAGE',
    `without a terminal rm accepts only ids: ${loose} may refer to a different session by now.`,
    { hint: ['by id:', ...rows.map((row) => `${invocation} rm --yes ${nameOf(index, row)}`)].join('\n') },
  );
}

function nameOf(index: SessionIndex, row: SessionRow): string {
  const title = oneLine(index.records([row], { footprint: false })[0]?.title ?? '');
  return `${row.file.id}${title === '' ? '' : `      # ${title}`}`;
}

async function isConfirmed(
  plan: PrunePlan,
  items: readonly PlannedItem[],
  asking: Questions | null,
  context: Context,
): Promise<boolean> {
  const { stderr } = context;
  const question = planQuestion(plan);
  if (asking === null || question === null) return true;
  await stderr.write(`${(await removalLines(items, screenOf(context))).join('\n')}\n`);
  if (await asking.confirm(question)) return true;
  await stderr.write('Nothing was changed.\n');
  return false;
}

/** Prints sentences on a terminal, ids in a pipe, or the report as JSON. */
async function print(
  plan: PrunePlan,
  sentences: readonly string[],
  planned: readonly PlannedItem[],
  context: Context,
): Promise<void> {
  const { stdout, global } = context;
  if (global.json) return stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
  if (!stdout.isTerminal)
    return stdout.write(
      plan.remove
        .filter(({ status }) => status === 'planned' || status === 'removed')
        .map(({ id }) => `${id}\n`)
        .join(''),
    );
  const table = planned.length === 0 ? [] : [...(await removalLines(planned, screenOf(context))), ''];
  await printSentences([...table, ...sentences], context);
}

/** Reports refused and failed sessions on stderr and sets the exit code. Throws LIVE if all were refused. */
async function reportUnremoved({ keep, remove }: PrunePlan, { stderr, setExitCode }: Context): Promise<void> {
  const lines = [...keep.map(keptLine), ...unmovedLines(remove)];
  const [first, ...others] = lines;
  if (first === undefined) return;
  if (remove.every(({ status }) => status === 'protected'))
    throw new CcsessError('LIVE', first, others.length > 0 ? { hint: others.join('\n') } : {});
  setExitCode(PARTLY_DONE);
  await stderr.write(lines.map((line) => `ccsess: ${line}\n`).join(''));
}
