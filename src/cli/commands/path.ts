import type { Command } from 'commander';
import { dirname } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { footprintPaths } from '../../claude/footprint-paths.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { fullRecords } from '../../usage/full-records.js';
import type { Context } from '../context.js';
import { addSessionArgument, indexAround, namedSession } from '../shared/named-session.js';
import { toJson } from '../render/text/json.js';
import { sanitize } from '../render/text/sanitize.js';

/** The flags of `path`, as written. */
export interface PathFlags {
  last?: boolean;
  dir?: boolean;
  cwd?: boolean;
  all?: boolean;
}

/** `ccsess path`: the path of a session's transcript. */
export function define(command: Command, context: Context): void {
  addSessionArgument(command)
    .option('--dir', 'print the project dir that contains the transcript')
    .option('--cwd', "print the session's working directory")
    .option('-a, --all', 'print the path of every file of the session, one per line')
    .action((name: string | undefined, flags: PathFlags) => path(name, flags, context));
}

/** Prints absolute paths and nothing else, or with `--json` the session's record. */
export async function path(name: string | undefined, flags: PathFlags, context: Context): Promise<void> {
  const asked = [flags.dir, flags.cwd, flags.all].filter((flag) => flag === true);
  if (asked.length > 1) throw new CcsessError('USAGE', '--dir, --cwd and --all cannot be combined.');
  const index = await indexAround(name, flags.last === true, context);
  const row = await namedSession(index, name, flags.last === true, context);
  const { stdout, global } = context;
  if (global.json)
    return stdout.write(`${toJson((await fullRecords(index, [row], context.now()))[0], stdout.isTerminal)}\n`);
  // Paths of files are for other programs and must be exact; a screen gets them safe.
  const shown = (text: string): string => (stdout.isTerminal ? sanitize(text) : text);
  await stdout.write((await pathsOf(index, row, flags)).map((text) => `${shown(text)}\n`).join(''));
}

async function pathsOf(index: SessionIndex, row: SessionRow, flags: PathFlags): Promise<string[]> {
  if (flags.all === true) return (await footprintPaths(row.file)).map((part) => part.path);
  if (flags.dir === true) return [dirname(row.file.path)];
  if (flags.cwd !== true) return [row.file.path];
  const cwd = index.records([row], { footprint: false })[0]?.cwd ?? null;
  if (cwd === null) throw new CcsessError('NOT_FOUND', `session ${row.file.id} records no folder.`);
  return [sanitize(cwd)];
}
