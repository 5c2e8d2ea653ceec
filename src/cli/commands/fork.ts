import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { findClaude } from '../../claude/launch.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { sessionGoneError } from '../../sessions/amend/amend.js';
import { forkSession, type Fork, type ForkOptions } from '../../sessions/fork/fork.js';
import { projectFilter } from '../../sessions/select/project-filter.js';
import { resumePoint } from '../../sessions/resolve/resume-folder.js';
import { rowOf } from '../../sessions/select/row-of.js';
import { narrowedTo, select } from '../../sessions/select/select.js';
import { fullRecords } from '../../usage/full-records.js';
import { addDryRun } from '../shared/changed.js';
import { requireProjects } from '../shared/project-argument.js';
import type { Context } from '../context.js';
import { findStartFolder } from '../../sessions/select/start-folder.js';
import { openInClaude } from '../shared/resume-session.js';
import {
  addSessionArgument,
  namedSession,
  readSession,
  type LastFlag,
  type SessionOption,
} from '../shared/named-session.js';
import { forkedLines, type SessionReport } from '../render/created.js';
import { toJson } from '../render/text/json.js';
import { cutEnd } from '../render/text/width.js';
import { shortPath } from '../render/text/path.js';
import { oneLine } from '../render/text/sanitize.js';
import { printSentences } from '../shared/print-sentences.js';

/** The flags of `fork`, as typed. */
export interface ForkFlags extends ForkOptions, LastFlag {
  project?: string;
  resume?: boolean;
  claudeBin?: string;
}

/** Options of `fork`. */
export interface ForkCommandOptions extends SessionOption {
  /** Path or glob of the project in which to choose the session; null for all. */
  project: string | null;
  /** Open the fork in Claude Code. */
  resume: boolean;
  /** Claude Code program as typed; undefined for the default. */
  claudeBin: string | undefined;
  /** Options of the fork itself, as typed. */
  fork: ForkOptions;
}

/** Returns the options of `ccsess fork <session>` with only the options of the fork itself. */
export function forkOptions(name: string, fork: ForkOptions): ForkCommandOptions {
  return { name, last: false, project: null, resume: false, claudeBin: undefined, fork };
}

/** `ccsess fork`: creates a session that begins with the messages of another one. */
export function define(command: Command, context: Context): void {
  const withFlags = addSessionArgument(command)
    .usage('[session] [options] [-- <arguments for claude>]')
    .option('-p, --project <path|glob>', 'choose by folder if several sessions have this id or title')
    .option(
      '--at <message>',
      'end with this prompt and its answer (number in ccsess show), or with this message (uuid)',
    )
    .option('--title <title>', 'title of the fork (default: title of the session, followed by "(fork)")')
    .option('--id <uuid>', 'id of the fork (default: a new one)')
    .option('--cwd <dir>', 'working directory of the fork (default: that of the session)')
    .option('--tag <tag>', 'tag of the fork')
    .option('--resume', 'open it in Claude Code right away')
    .option('--claude-bin <program>', 'Claude Code program (default: $CCSESS_CLAUDE_BIN, else claude on PATH)');
  addDryRun(withFlags).action((name: string | undefined, flags: ForkFlags) =>
    runFork(readForkOptions(name, flags, context), context),
  );
}

/** Reads the argument and flags of `fork`. Throws USAGE for flags that cannot be combined, and as `readSession`. */
export function readForkOptions(
  name: string | undefined,
  flags: ForkFlags,
  { global, passthrough }: Context,
): ForkCommandOptions {
  const { last = false, project = null, resume = false, claudeBin, ...fork } = flags;
  if (resume && global.json)
    throw new CcsessError('USAGE', '--resume and --json cannot be combined: Claude Code writes the output.');
  if (!resume && passthrough.length > 0)
    throw new CcsessError('USAGE', 'arguments after -- are for claude: pass --resume as well.');
  return { ...readSession(name, { last }), project, resume, claudeBin, fork };
}

/**
 * Forks the session and prints the fork's id (in a pipe), a sentence (on a terminal) or its record (`--json`), or opens
 * it in Claude Code. Throws CLAUDE_NOT_FOUND before anything is created, and as `namedSession` and `forkSession`.
 */
export async function runFork(
  { project, resume, claudeBin, fork: options, ...session }: ForkCommandOptions,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global, home } = context;
  const dryRun = options.dryRun === true;
  const program = resume && !dryRun ? findClaude(claudeBin, context) : null;
  const index = await context.openIndex();
  const among = project === null ? index : await narrowToProject(index, project, context);
  const row = await namedSession(among, session, context);
  const fork = forkSession(index, row, options, context);
  if (program !== null) {
    await stderr.write(`${fork.id}\n`);
    return openFork(fork, program, context);
  }
  const shown = dryRun ? planned(fork, options) : fork;
  if (global.json)
    return stdout.write(`${toJson(dryRun ? shown : (await readAgain(fork, context)).record, stdout.isTerminal)}\n`);
  if (!stdout.isTerminal && !dryRun) return stdout.write(`${fork.id}\n`);
  await printSentences(forkedLines(heading(fork, options, home), shown, dryRun, context), context);
}

/** Maximum width of the parent's title in a sentence, in columns. */
const MAX_TITLE = 60;

/** Returns the index reduced to the sessions of one project. */
async function narrowToProject(index: SessionIndex, pattern: string, context: Context): Promise<SessionIndex> {
  const { rows } = select(index, { project: projectFilter([pattern], await findStartFolder(context)) });
  if (rows.length === 0) await requireProjects([pattern], index, context);
  return narrowedTo(index, rows);
}

function heading(
  { parent, prompt, title, cwd }: Fork,
  { dryRun, at, cwd: elsewhere }: ForkOptions,
  home: string,
): string {
  const cut = at === undefined || prompt === 0 ? '' : ` at prompt ${prompt}`;
  const inFolder = elsewhere === undefined || cwd === null ? '' : ` in ${shortPath(cwd, home)}`;
  return (
    `${dryRun === true ? 'Would fork' : 'Forked'} "${cutEnd(oneLine(parent.title ?? parent.id), MAX_TITLE)}"${cut} ` +
    `as "${oneLine(title)}"${inFolder}`
  );
}

/** Returns the report of a dry run. A planned fork has no record, and its random id is not known yet. */
function planned(
  { title, tag, cwd, projectDir, transcript, parent, messageUuid }: Fork,
  { id }: ForkOptions,
): SessionReport {
  const { schemaVersion, configDir } = parent;
  const fork = { id: id ?? null, title, tag, cwd, projectDir, transcript: id === undefined ? null : transcript };
  const plan = { schemaVersion, configDir, dryRun: true, ...fork, forkedFrom: { id: parent.id, messageUuid } };
  return plan;
}

async function openFork(fork: Fork, program: string, context: Context): Promise<void> {
  const { index, row, record } = await readAgain(fork, context);
  const { folder, name } = resumePoint(index, row, record, context);
  await openInClaude(
    { name, configDir: row.file.configDir, cwd: folder ?? context.cwd, program },
    context.passthrough,
    context,
  );
}

async function readAgain(
  fork: Fork,
  context: Context,
): Promise<{ index: SessionIndex; row: SessionRow; record: SessionRecord }> {
  const index = await context.openIndex();
  const row = rowOf(index, fork);
  const [record] = await fullRecords(index, [row], context.now());
  if (record === undefined) throw sessionGoneError(fork.id);
  return { index, row, record };
}
