import type { Command } from 'commander';
import { resolve } from 'node:path';
import { requireCheckpoint } from '../../checkpoints/absence.js';
import type { Checkpoint } from '../../checkpoints/model.js';
import { openCheckpoints, type CheckpointSession } from '../../checkpoints/report.js';
import { applyRewind, refuseLiveRewind } from '../../checkpoints/rewind/apply.js';
import type { RewindPlan } from '../../checkpoints/rewind/model.js';
import { planRewind } from '../../checkpoints/rewind/plan.js';
import { applyCopy, planCopy } from '../../checkpoints/rewind/to-dir.js';
import { stateOf } from '../../checkpoints/state.js';
import { chooseFiles } from '../../checkpoints/tracked-files.js';
import { isSessionId } from '../../claude/scan/scan.js';
import type { LockedRunOptions } from '../../retention/restore/run-locked.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { sessionGoneError } from '../../sessions/amend/amend.js';
import { forkBefore, requireForkable } from '../../sessions/rewind/fork-before.js';
import { CcsessError, PARTLY_DONE } from '../../system/errors.js';
import { collectValues } from '../command.js';
import type { Context } from '../context.js';
import { rewindLines, rewoundLine, rewoundSentences } from '../render/rewind.js';
import { toJson } from '../render/text/json.js';
import { oneLine } from '../render/text/sanitize.js';
import { shortPath } from '../render/text/path.js';
import { addDryRun, requireQuestions } from '../shared/changed.js';
import { addLast, namedSession } from '../shared/named-session.js';
import { recoverFirst } from '../shared/removal/recover-first.js';
import { addTrashFlags, readTrashFlags } from '../shared/removal/trash-flags.js';
import { readRewindFlags, type RewindFlags, type RewindRequest, type UndoRequest } from '../shared/rewind/flags.js';
import { undoRewind } from '../shared/rewind/undo-run.js';
import { screenOf } from '../shared/screen.js';

/** `ccsess rewind`: restores files as they were before a prompt. */
export function define(command: Command, context: Context): void {
  const withFlags = addLast(
    command.argument(
      '[session]',
      'as for ccsess show: id, id prefix, title, transcript path, @N or @; optional with --undo',
    ),
  )
    .usage('[session] --to <n|uuid> [options]\n       ccsess rewind --undo [id]')
    .option('--to <n|uuid>', 'restore the files as they were before this prompt (number in ccsess show) or message')
    .option('--file <path>', 'only this file; repeatable', collectValues)
    .option('--outside', "also restore files outside the session's folder, and hidden files directly in your home")
    .option('--to-dir <folder>', 'write the files into this new folder instead')
    .option('--fork', 'also fork the session before that prompt, and print the id of the fork')
    .option('--conversation', 'fork the session before that prompt without restoring files')
    .option('--undo [id]', 'undo a rewind (default: the last one)')
    .option('--force', 'rewind even if the session is open')
    .option('-y, --yes', 'do not ask for confirmation');
  addDryRun(addTrashFlags(withFlags))
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, flags: RewindFlags) =>
      runRewind(await readRewindOptions(name, flags, context), context),
    );
}

/** Options of `rewind`. */
export type RewindOptions = (RewindRequest | UndoRequest) & LockedRunOptions;

const HELP = `
Only files that Claude Code changed with its tools Edit, Write and NotebookEdit
are restored. Files that are replaced are saved in the trash first; ccsess
rewind --undo restores them.`;

/** Reads the argument and flags of `rewind`. Throws USAGE as `readRewindFlags` and `readTrashFlags`. */
export async function readRewindOptions(
  name: string | undefined,
  flags: RewindFlags,
  context: Context,
): Promise<RewindOptions> {
  return { ...readRewindFlags(name, flags, context), ...(await readTrashFlags(flags, context)) };
}

/**
 * Restores files, forks the session, or undoes a rewind. Sets exit code 3 if some files were skipped, 1 if all were;
 * throws USAGE if nobody can be asked, LIVE, and as planning and applying.
 */
export async function runRewind(request: RewindOptions, context: Context): Promise<void> {
  if ('undo' in request) return undoRewind(request, context);
  const isAsking = !request.yes && !request.dryRun && request.toDir === null && request.files !== 'none';
  const questions = isAsking ? await requireQuestions(context) : null;
  if (!request.dryRun) await recoverFirst(request, context);
  const index = await context.openIndex({ processes: true });
  await requireFullId(request, context);
  const row = await namedSession(index, request, context);
  const [record] = index.records([row], { footprint: false });
  if (record === undefined) throw sessionGoneError(row.file.id);
  const session = openCheckpoints(row, record, context);
  const checkpoint = requireCheckpoint(session, request.to, index, context);
  if (request.fork) requireForkable(checkpoint);
  if (request.files === 'none')
    return report(await forked(null, index, session, checkpoint, request, context), context);

  const isIncluded = chooseFiles(request.names, stateOf(session.history, checkpoint).keys(), session, context.cwd);
  const rules = { outside: request.outside, isIncluded };
  if (request.toDir !== null) {
    const copy = await planCopy(session, checkpoint, resolve(context.cwd, request.toDir), rules);
    return report(request.dryRun ? copy.plan : applyCopy(copy), context);
  }
  if (!request.force && !request.dryRun) refuseLiveRewind(session, context);
  const prepared = await planRewind(session, checkpoint, rules);
  if (request.dryRun || prepared.replacements.length === 0) {
    const plan = { ...prepared.plan, dryRun: request.dryRun };
    return report(await forked(plan, index, session, checkpoint, request, context), context);
  }
  const screen = screenOf(context);
  if (questions !== null) {
    await context.stderr.write(`${rewindLines({ ...prepared.plan, dryRun: false }, screen).join('\n')}\n`);
    const folder = shortPath(record.cwd ?? '', context.home);
    const isSure = await questions.confirm(`Restore these files in ${folder}?`);
    if (!isSure) return context.stderr.write('Nothing was changed.\n');
  }
  const done = await applyRewind(prepared, session, request, context);
  await report(await forked(done, index, session, checkpoint, request, context), context);
}

/** Throws USAGE without a terminal unless the full id is given: other names may refer to a different session by now. */
async function requireFullId({ name, yes, dryRun }: RewindRequest, context: Context): Promise<void> {
  if (!yes || dryRun || name === undefined || isSessionId(name) || (await context.questions()) !== null) return;
  const message = `${name}: without a terminal pass the full id: other names may refer to a different session by now.`;
  throw new CcsessError('USAGE', message);
}

/** Returns the plan with the id of the fork, if one was requested. With `--conversation` it has no files. */
async function forked(
  plan: RewindPlan | null,
  index: SessionIndex,
  session: CheckpointSession,
  checkpoint: Checkpoint,
  { fork, dryRun }: RewindRequest,
  context: Context,
): Promise<RewindPlan> {
  const base = plan ?? {
    ...(await planRewind({ ...session }, checkpoint, { outside: false, isIncluded: () => false })).plan,
    dryRun,
  };
  return !fork || dryRun ? base : { ...base, fork: forkBefore(index, session, checkpoint, context) };
}

async function report(plan: RewindPlan, context: Context): Promise<void> {
  const { stdout, stderr, global } = context;
  if (plan.skipped.length > 0) context.setExitCode(plan.canRewind ? PARTLY_DONE : 1);
  if (global.json) return stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
  const screen = screenOf(context);
  const { said, noted } = rewoundSentences(plan, screen);
  if (plan.fork !== null) {
    await stderr.write([...said, ...noted].map((line) => `${line}\n`).join(''));
    return stdout.write(`${oneLine(plan.fork)}\n`);
  }
  if (!stdout.isTerminal) {
    await stdout.write(plan.files.map(rewoundLine).join(''));
    return stderr.write([...said, ...noted].map((line) => `${line}\n`).join(''));
  }
  if (plan.dryRun && plan.files.length > 0) return stdout.write(`${rewindLines(plan, screen).join('\n')}\n`);
  await stdout.write(said.map((line) => `${line}\n`).join(''));
  await stderr.write(noted.map((line) => `${line}\n`).join(''));
}
