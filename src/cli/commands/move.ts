import type { Command } from 'commander';
import { CcsessError, EXIT_CODES, PARTLY_DONE } from '../../system/errors.js';
import { isSessionId } from '../../claude/scan/scan.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import {
  applyMove,
  isMoveInterrupted,
  planProjectMove,
  planSessionMove,
  type MovePlan,
  type PreparedMove,
} from '../../sessions/move/move.js';
import { idOfTranscript } from '../../sessions/resolve/transcript-name.js';
import { fullRecords } from '../../usage/full-records.js';
import type { Context } from '../context.js';
import { namedSession } from '../shared/named-session.js';
import { toJson } from '../render/text/json.js';
import { dryRunLine, moveLine, movedLines, noteLines, planLines } from '../render/move.js';
import { counted } from '../render/text/number.js';
import { shortPath } from '../render/text/path.js';
import { screenOf } from '../shared/screen.js';
import { recoverInterruptedMoves } from '../shared/removal/recover-moves.js';
import { printSentences } from '../shared/print-sentences.js';

/** The flags of `move`, as typed. */
export interface MoveFlags {
  session?: string;
  dryRun?: boolean;
  yes?: boolean;
}

/** Options of `move`. */
export interface MoveOptions {
  /** The sessions of the folder `from`, or one session. */
  subject: { from: string } | { session: string };
  /** The new folder, as typed. */
  to: string;
  /** Only print what would be done. */
  dryRun: boolean;
  /** Do not ask for confirmation. */
  yes: boolean;
}

/** `ccsess move`: moves sessions to a new folder, after their folder was moved or renamed. */
export function define(command: Command, context: Context): void {
  command
    .argument('[folder...]', 'the old folder (may no longer exist) and the new one; with --session only the new one')
    .usage('[options] <old folder> <new folder>')
    .option('--session <session>', 'move only this session')
    .option('-n, --dry-run', 'show what would be done without doing it')
    .option('-y, --yes', 'do not ask for confirmation')
    .addHelpText('after', HELP)
    .action((folders: string[], flags: MoveFlags) => runMove(readMoveOptions(folders, flags), context));
}

const HELP = `
Moves sessions, not the folder itself: move that first. Sessions of subfolders
move to the same subfolders of the new folder. Claude Code will ask whether you
trust the new folder, and its prompt history stays with the old one.`;

/** Reads the arguments and flags of `move`. Throws USAGE for too few or too many folders. */
export function readMoveOptions(
  [first, second, ...more]: readonly string[],
  { session, dryRun = false, yes = false }: MoveFlags,
): MoveOptions {
  const isAlone = session !== undefined;
  if (first === undefined || more.length > 0 || isAlone !== (second === undefined)) {
    throw new CcsessError(
      'USAGE',
      isAlone
        ? 'with --session pass only the new folder: ccsess move --session <session> <new folder>'
        : 'pass the old folder and the new one: ccsess move <old folder> <new folder>',
    );
  }
  const [subject, to] = session === undefined ? [{ from: first }, second ?? ''] : [{ session }, first];
  return { subject, to, dryRun, yes };
}

/**
 * Shows the plan, asks for confirmation, moves the sessions and prints the outcome; with `--json` the plan and the
 * resulting records. Throws as planning and moving do, and USAGE if nobody can be asked.
 */
export async function runMove(options: MoveOptions, context: Context): Promise<void> {
  await recoverInterrupted(options, context);
  const index = await context.openIndex();
  const prepared = await plan(index, options, context);
  if (options.dryRun) return report(prepared.plan, index, context);

  if (!options.yes && !(await isConfirmed(prepared.plan, context))) return;
  const done = await applyMove(prepared, context);
  const failed = done.moves.filter(({ status }) => status !== 'moved');
  if (failed.length > 0) context.setExitCode(exitCodeOf(done.moves.length, failed));
  await report(done, context.global.json ? await context.openIndex() : index, context);
}

/** Returns the exit code of a run of `all` sessions, some of which were not moved. */
function exitCodeOf(all: number, failed: MovePlan['moves']): number {
  if (failed.length < all) return PARTLY_DONE;
  return failed.some(({ status }) => status === 'live') ? EXIT_CODES.LIVE : EXIT_CODES.IO;
}

/** Recovers interrupted moves before planning; a dry run only reports them. */
async function recoverInterrupted({ dryRun }: MoveOptions, context: Context): Promise<void> {
  if (dryRun) {
    const isInterrupted = context.configDirs.some((configDir) => isMoveInterrupted(configDir, context));
    if (isInterrupted)
      await context.stderr.write('ccsess: an earlier move was interrupted; the next move will recover it first.\n');
    return;
  }
  await recoverInterruptedMoves(context);
}

async function plan(index: SessionIndex, { subject, to, yes }: MoveOptions, context: Context): Promise<PreparedMove> {
  if ('from' in subject) return planProjectMove(index, subject.from, to, context);
  const { session } = subject;
  const isUnattended = yes && (await context.questions()) === null;
  if (isUnattended && !isSessionId(session) && idOfTranscript(session) === null) {
    throw new CcsessError(
      'USAGE',
      `--session ${session}: without a terminal pass the full id: other names may refer to a different session by now.`,
    );
  }
  return planSessionMove(index, await namedSession(index, { name: session, last: false }, context), to, context);
}

async function isConfirmed(planned: MovePlan, context: Context): Promise<boolean> {
  const questions = await context.questions();
  if (questions === null)
    throw new CcsessError('USAGE', 'cannot ask for confirmation without a terminal: pass --yes, or -n for a dry run.');
  const { stderr, home } = context;
  await stderr.write(`${(await planLines(planned, screenOf(context))).join('\n')}\n`);
  const isSure = await questions.confirm(
    `Move ${counted(planned.moves.length, 'session')} to ${shortPath(planned.to, home)}?`,
  );
  if (!isSure) await stderr.write('Nothing was moved.\n');
  return isSure;
}

async function report(done: MovePlan, index: SessionIndex, context: Context): Promise<void> {
  const { stdout, global } = context;
  if (global.json)
    return stdout.write(`${toJson({ ...done, sessions: await recordsOf(done, index, context) }, stdout.isTerminal)}\n`);
  if (stdout.isTerminal) {
    const lines = done.dryRun
      ? [...(await planLines(done, screenOf(context))), dryRunLine(done)]
      : movedLines(done, screenOf(context));
    return printSentences(lines, context);
  }
  await stdout.write(done.moves.map(moveLine).join(''));
  const notes = noteLines(done);
  if (notes.length > 0) await context.stderr.write(`${notes.join('\n')}\n`);
}

function recordsOf({ moves }: MovePlan, index: SessionIndex, { now }: Context): Promise<object[]> {
  const moved = new Set(
    moves.map(
      ({ configDir, id, status, fromProjectDir, toProjectDir }) =>
        `${configDir}\0${status === 'moved' ? toProjectDir : fromProjectDir}\0${id}`,
    ),
  );
  const rows = index.rows.filter(({ file }) => moved.has(`${file.configDir.path}\0${file.projectDir}\0${file.id}`));
  return fullRecords(index, rows, now());
}
