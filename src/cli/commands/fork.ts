import type { Command } from 'commander';
import { CcsessError } from '../../claude/errors.js';
import { findClaude } from '../../claude/launch.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { goneSession } from '../../sessions/amend.js';
import { forkSession, type Fork, type ForkOptions } from '../../sessions/fork.js';
import { resumeFolder } from '../../sessions/resume-folder.js';
import { addDryRun } from '../changed.js';
import type { Context } from '../context.js';
import { goOn } from '../go-on.js';
import { addSessionArgument, namedSession } from '../named-session.js';
import { toJson } from '../render/json.js';
import { shortPath } from '../render/path.js';
import { oneLine } from '../render/sanitize.js';
import { idLengths } from '../render/short-id.js';

/** The flags of `fork`, as written. */
export interface ForkFlags extends ForkOptions {
  last?: boolean;
  resume?: boolean;
}

/** `ccsess fork`: a new session that begins as another one. */
export function define(command: Command, context: Context): void {
  const withFlags = addSessionArgument(command)
    .option('--at <message>', 'up to a prompt (its number in ccsess show) and its answer, or up to a message (its uuid)')
    .option('--title <title>', "its title (default: the session's own and \"(fork)\")")
    .option('--id <uuid>', 'its id, in lower case (default: a new one)')
    .option('--cwd <folder>', 'another folder to go on in')
    .option('--tag <tag>', 'tag it')
    .option('--resume', 'go straight into it; what follows -- is for claude');
  addDryRun(withFlags).action((name: string | undefined, flags: ForkFlags) => fork(name, flags, context));
}

/**
 * Makes the fork and prints its id (pipe), what it is (terminal) or its record (`--json`), or hands the terminal to Claude
 * Code in it. Throws usage errors and as `forkSession`.
 */
export async function fork(name: string | undefined, { last, resume, ...options }: ForkFlags, context: Context): Promise<void> {
  const { stdout, global } = context;
  if (resume === true && global.json) throw new CcsessError('USAGE', '--resume prints what Claude Code prints: leave out --resume or --json.');
  if (resume !== true && context.passthrough.length > 0) throw new CcsessError('USAGE', 'arguments for claude go with --resume.');
  const index = await context.openIndex();
  const row = await namedSession(index, name, last === true, context);
  // Before anything is written: a fork that cannot be gone into is not what was asked for.
  const program = resume === true && options.dryRun !== true ? findClaude(undefined, context) : null;
  const made = forkSession(index, row, options, context);
  const told = oneLine(sentence(made, options, context));
  if (options.dryRun === true) return stdout.write(`${global.json ? toJson(planned(made, options), stdout.isTerminal) : told}\n`);
  if (program !== null) return enter(made, row, program, context);
  if (global.json) return printRecord(made, context);
  if (!stdout.isTerminal) return stdout.write(`${made.id}\n`);
  const [length] = idLengths([made.id], index.rows.map(({ file }) => file.id));
  const goOnLine = `Go on: ccsess resume ${made.id.slice(0, length)}      or, in that folder: claude --resume "${oneLine(made.title)}"`;
  await stdout.write([told, `  id    ${made.id}`, `  file  ${oneLine(shortPath(made.path, context.home))}`, goOnLine, ''].join('\n'));
}

function sentence({ parent, prompt, title, cwd }: Fork, { dryRun, at, cwd: elsewhere }: ForkOptions, { home }: Context): string {
  const place = elsewhere === undefined || cwd === null ? '' : ` in ${shortPath(cwd, home)}`;
  const cut = at === undefined || prompt === 0 ? '' : ` at prompt ${prompt}`;
  return `${dryRun === true ? 'Would fork' : 'Forked'} "${parent.title ?? parent.id}"${cut} as "${title}"${place}`;
}

/** There is no record of what is not there: only what is known of it beforehand. */
function planned({ title, cwd, parent, messageUuid }: Fork, { id, tag }: ForkOptions): object {
  const { schemaVersion, configDir } = parent;
  return { schemaVersion, configDir, dryRun: true, id: id ?? null, title, cwd, tag: tag ?? null, forkedFrom: { id: parent.id, messageUuid } };
}

async function enter(made: Fork, { file }: SessionRow, program: string, context: Context): Promise<void> {
  const { index, row, record } = await readAgain(made, context);
  const cwd = resumeFolder(index, row, record, context) ?? context.cwd;
  await goOn({ id: made.id, configDir: file.configDir, cwd, program }, context.passthrough, context);
}

async function printRecord(made: Fork, context: Context): Promise<void> {
  const { record } = await readAgain(made, context);
  await context.stdout.write(`${toJson(record, context.stdout.isTerminal)}\n`);
}

async function readAgain({ id, path }: Fork, context: Context): Promise<{ index: SessionIndex; row: SessionRow; record: SessionRecord }> {
  const index = await context.openIndex();
  const row = index.rows.find(({ file }) => file.path === path);
  const [record] = row === undefined ? [] : index.records([row], { footprint: true });
  if (row === undefined || record === undefined) throw goneSession(id);
  return { index, row, record };
}
