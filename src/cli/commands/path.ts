import type { Command } from 'commander';
import { dirname } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { footprintPaths } from '../../claude/footprint-paths.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { fullRecords } from '../../usage/full-records.js';
import type { Context } from '../context.js';
import {
  addSessionArgument,
  indexAround,
  namedSession,
  readSession,
  type LastFlag,
  type SessionOption,
} from '../shared/named-session.js';
import { toJson } from '../render/text/json.js';
import { sanitize } from '../render/text/sanitize.js';

/** The flags of `path`, as typed. */
export interface PathFlags extends LastFlag {
  dir?: boolean;
  cwd?: boolean;
  all?: boolean;
}

/** Options of `path`. */
export interface PathOptions extends SessionOption {
  /**
   * `transcript`: the session's transcript; `dir`: the project dir that contains it; `cwd`: the session's working
   * directory; `all`: every file of the session. Default: `transcript`.
   */
  wanted: 'transcript' | 'dir' | 'cwd' | 'all';
}

/** `ccsess path`: prints the path of a session's transcript. */
export function define(command: Command, context: Context): void {
  addSessionArgument(command)
    .option('--dir', 'print the project dir that contains the transcript')
    .option('--cwd', "print the session's working directory")
    .option('-a, --all', 'print the path of every file of the session, one per line')
    .action((name: string | undefined, flags: PathFlags) => runPath(readPathOptions(name, flags), context));
}

/** Reads the argument and flags of `path`. Throws USAGE for more than one kind of path, and as `readSession`. */
export function readPathOptions(name: string | undefined, flags: PathFlags): PathOptions {
  const [wanted = 'transcript', another] = (['dir', 'cwd', 'all'] as const).filter((flag) => flags[flag] === true);
  if (another !== undefined) throw new CcsessError('USAGE', '--dir, --cwd and --all cannot be combined.');
  return { ...readSession(name, flags), wanted };
}

/** Prints only absolute paths, or with `--json` the session's record. Throws as `namedSession`. */
export async function runPath({ wanted, ...session }: PathOptions, context: Context): Promise<void> {
  const index = await indexAround(session, context);
  const row = await namedSession(index, session, context);
  const { stdout, global } = context;
  if (global.json)
    return stdout.write(`${toJson((await fullRecords(index, [row], context.now()))[0], stdout.isTerminal)}\n`);
  // Paths must be exact in a pipe, and safe to print on a terminal.
  const shown = (text: string): string => (stdout.isTerminal ? sanitize(text) : text);
  await stdout.write((await pathsOf(index, row, wanted)).map((text) => `${shown(text)}\n`).join(''));
}

async function pathsOf(index: SessionIndex, row: SessionRow, wanted: PathOptions['wanted']): Promise<string[]> {
  if (wanted === 'all') return (await footprintPaths(row.file)).map((part) => part.path);
  if (wanted === 'dir') return [dirname(row.file.path)];
  if (wanted === 'transcript') return [row.file.path];
  const cwd = index.records([row], { footprint: false })[0]?.cwd ?? null;
  if (cwd === null) throw new CcsessError('NOT_FOUND', `session ${row.file.id} records no folder.`);
  return [sanitize(cwd)];
}
