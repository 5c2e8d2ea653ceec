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
import { addTrashFlags, type TrashFlags } from '../shared/removal/trash-flags.js';
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

/** `ccsess rm`: removes sessions by name. */
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
 * Moves the named sessions to the trash, live and pinned ones excepted, and prints what became of them; with `--json`
 * the prune report. All names are resolved before anything is moved. Exit code 3 if some were refused or failed, 5 if
 * all were.
 */
export async function runRm({ names, last, run, permanent, compress }: RmOptions, context: Context): Promise<void> {
  const index = await openFor(run, context);
  const rows = await namedSessions(index, { names, last }, context);
  if ((await context.questions()) === null) requireIds(index, last ? ['--last'] : names, rows);
  const policy: PrunePolicy = { ...NAMED_ONLY, permanent, compress };
  const trash = await trashState(null, run, context);
  const planned = planRemoval(index, rows, { workplace: context, policy, trash, dryRun: run.dryRun });
  const { plan } = planned;
  const items = plannedItems(planned.removals, index);
  const isShown = !run.quiet || context.global.json;
  if (run.dryRun) {
    const sentences = [...planSentences(plan), ...plan.keep.map(keptLine), 'Nothing was changed.'];
    return isShown ? print(plan, sentences, items, context) : undefined;
  }
  if (!(await agreed(plan, items, await openQuestions(plan, run, context), context))) return;
  const startedMs = context.now();
  const applied = await applyRun(planned, run, context);
  const undo = applied.totals.removed > 0 && !policy.permanent ? ['Undo: ccsess restore @last-prune'] : [];
  const sentences = [...outcomeSentences(applied, (context.now() - startedMs) / 1000), ...undo];
  if (isShown) await print(applied, sentences, [], context);
  await judge(applied, context);
  await noteApplied(applied, planned.plan, context);
}

/** Whoever is not there to look must not remove another session than was meant: rows and titles move on. */
function requireIds(index: SessionIndex, names: readonly string[], rows: readonly SessionRow[]): void {
  const isExact = (name: string): boolean =>
    rows.some(({ file }) => file.id.startsWith(name.toLowerCase()) || file.id === idOfTranscript(name));
  const loose = names.find((name) => !isExact(name));
  if (loose === undefined) return;
  throw new CcsessError(
    'USAGE',
    `without a terminal rm accepts only ids: ${loose} may refer to a different session by now.`,
    { hint: ['by id:', ...rows.map((row) => `ccsess rm --yes ${nameOf(index, row)}`)].join('\n') },
  );
}

function nameOf(index: SessionIndex, row: SessionRow): string {
  const title = oneLine(index.records([row], { footprint: false })[0]?.title ?? '');
  return `${row.file.id}${title === '' ? '' : `      # ${title}`}`;
}

async function agreed(
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

/** Sentences for a person, ids for a pipe, the report for a program. */
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

/** Reports refused and failed sessions by name, and sets the exit code. */
async function judge({ keep, remove }: PrunePlan, { stderr, setExitCode }: Context): Promise<void> {
  const lines = [...keep.map(keptLine), ...unmovedLines(remove)];
  const [first, ...others] = lines;
  if (first === undefined) return;
  if (remove.every(({ status }) => status === 'protected'))
    throw new CcsessError('LIVE', first, others.length > 0 ? { hint: others.join('\n') } : {});
  setExitCode(PARTLY_DONE);
  await stderr.write(lines.map((line) => `ccsess: ${line}\n`).join(''));
}
