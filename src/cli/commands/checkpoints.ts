import type { Command } from 'commander';
import { findCheckpoint } from '../../checkpoints/find-checkpoint.js';
import { openCheckpoints, reportCheckpoints, stateReport, type CheckpointSession } from '../../checkpoints/report.js';
import { filesOf } from '../../checkpoints/state-files.js';
import { trackedPaths } from '../../checkpoints/state.js';
import { chooseFiles } from '../../checkpoints/tracked-files.js';
import { sessionGoneError } from '../../sessions/amend/amend.js';
import { CcsessError } from '../../system/errors.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { collectValues } from '../command.js';
import type { Context } from '../context.js';
import { checkpointLine, checkpointLines, stateFileLine, stateLines } from '../render/checkpoints.js';
import { toJson } from '../render/text/json.js';
import { oneLine } from '../render/text/sanitize.js';
import {
  addSessionArgument,
  indexAround,
  namedSession,
  readSession,
  shortIdOf,
  type LastFlag,
  type SessionOption,
} from '../shared/named-session.js';
import { readOrphans, runOrphans, type OrphansFlags, type OrphansRequest } from '../shared/rewind/orphans-run.js';
import { screenOf } from '../shared/screen.js';

/** The flags of `checkpoints`, as typed. */
export interface CheckpointsFlags extends LastFlag, OrphansFlags {
  at?: string;
  diff?: string | true;
  file?: string[];
  all?: boolean;
}

/** Options of `checkpoints`. */
export interface CheckpointsOptions extends SessionOption {
  /** The state to show; null lists the checkpoints. */
  state: StateRange | null;
  /** Show the differences to another state; only with `state`. */
  diff: boolean;
  /** Files as typed; empty for all. */
  files: readonly string[];
  /** Also list messages outside the active branch. */
  all: boolean;
}

/** `ccsess checkpoints`: lists the file states that a session can be rewound to. */
export function define(command: Command, context: Context): void {
  addSessionArgument(command)
    .option('--at <n|uuid>', 'files as they were before this prompt (number in ccsess show) or message')
    .option('--diff [n..m]', 'show differences: between --at and the files now, or between prompts n and m')
    .option('--file <path>', 'only this file; repeatable', collectValues)
    .option('-a, --all', 'also list messages outside the active branch')
    .option('--orphans', 'list the file history of sessions whose transcript is gone instead')
    .option('--to-dir <folder>', 'with --orphans: write all copies into this new folder')
    .action((name: string | undefined, flags: CheckpointsFlags) =>
      runCheckpoints(readCheckpointsOptions(name, flags), context),
    );
}

/**
 * Reads the argument and flags of `checkpoints`. Throws USAGE for invalid states, and as `readSession` and
 * `readOrphans`.
 */
export function readCheckpointsOptions(
  name: string | undefined,
  flags: CheckpointsFlags,
): CheckpointsOptions | { orphans: OrphansRequest } {
  const orphans = readOrphans(name, { ...flags });
  if (orphans !== null) return { orphans };
  return {
    ...readSession(name, flags),
    state: readRange(flags),
    diff: flags.diff !== undefined,
    files: flags.file ?? [],
    all: flags.all === true,
  };
}

/**
 * Prints the checkpoints of a session, or the files of one. Throws as `namedSession` and `runOrphans`, and NOT_FOUND
 * for a prompt without a checkpoint.
 */
export async function runCheckpoints(
  options: CheckpointsOptions | { orphans: OrphansRequest },
  context: Context,
): Promise<void> {
  if ('orphans' in options) return runOrphans(options.orphans, context);
  const { state, diff, files, all } = options;
  const index = await indexAround(options, context);
  const row = await namedSession(index, options, context);
  const session = sessionOf(index, row, context);
  const { history } = session;
  const isIncluded = chooseFiles(files, trackedPaths(history).keys(), session, context.cwd);
  if (state !== null) return printState(session, state, { diff, isIncluded }, context);
  const report = await reportCheckpoints(session, { all, ...(files.length > 0 ? { isIncluded } : {}) }, index, context);
  const { stdout, stderr, global } = context;
  if (global.json) return stdout.write(`${toJson(report, stdout.isTerminal)}\n`);
  if (stdout.isTerminal && report.checkpoints.length > 0)
    await stdout.write(`${(await checkpointLines(report, shortIdOf(index, row), screenOf(context))).join('\n')}\n`);
  else await stdout.write(report.checkpoints.map(checkpointLine).join(''));
  const { reason } = report;
  if (reason !== null)
    await stderr.write(
      `ccsess: session ${row.file.id} has no checkpoints: ` +
        `${oneLine(reason.message)}${reason.code === 'left-branch' ? ' Show them with --all.' : ''}\n`,
    );
}

/**
 * A state of files, by a prompt's number or a message's uuid, and the state to compare it with; null for the files now.
 */
export interface StateRange {
  at: string;
  other: string | null;
}

function readRange({ at, diff }: CheckpointsFlags): StateRange | null {
  if (typeof diff !== 'string') {
    if (diff === true && at === undefined)
      throw new CcsessError('USAGE', '--diff: name the states: --at <n> --diff, or --diff <n>..<m>.');
    return at === undefined ? null : { at, other: null };
  }
  const [, from = '', to = ''] = /^([\w-]+)\.\.([\w-]+)$/.exec(diff) ?? [];
  if (from === '') throw new CcsessError('USAGE', `--diff ${diff}: give two prompts as <n>..<m>.`);
  if (at !== undefined) throw new CcsessError('USAGE', '--at and --diff <n>..<m> cannot be combined.');
  return { at: from, other: to };
}

/** Returns the session of a row with its file history. Throws NOT_FOUND if it is gone. */
function sessionOf(index: SessionIndex, row: SessionRow, context: Context): CheckpointSession {
  const [record] = index.records([row], { footprint: false });
  if (record === undefined) throw sessionGoneError(row.file.id);
  return openCheckpoints(row, record, context);
}

async function printState(
  session: CheckpointSession,
  range: StateRange,
  { diff, isIncluded }: { diff: boolean; isIncluded: (trackingPath: string) => boolean },
  context: Context,
): Promise<void> {
  const { row, history, folders } = session;
  const checkpoint = findCheckpoint(history, range.at, row.file.id);
  const other = range.other === null ? null : findCheckpoint(history, range.other, row.file.id);
  const files = await filesOf(history, checkpoint, row.file, folders, { other, diff, isIncluded });
  const report = stateReport(session, checkpoint, other, files);
  const { stdout, global } = context;
  if (global.json) return stdout.write(`${toJson(report, stdout.isTerminal)}\n`);
  if (!stdout.isTerminal && !diff) return stdout.write(report.files.map(stateFileLine).join(''));
  const lines = await stateLines(report, { diff, isTerminal: stdout.isTerminal }, screenOf(context));
  await stdout.write(lines.map((line) => `${line}\n`).join(''));
}
