import type { Command } from 'commander';
import { isAbsolute, join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { parseHeadlessResult } from '../../claude/headless-result.js';
import { findClaude, resumeLaunch } from '../../claude/launch.js';
import type { SessionRecord } from '../../session-index/record.js';
import { sessionGoneError } from '../../sessions/amend/amend.js';
import {
  createSession,
  planSession,
  workFolders,
  type CreateOptions,
  type NewSession,
} from '../../sessions/create/create.js';
import { resumePoint } from '../../sessions/resolve/resume-folder.js';
import { rowOf } from '../../sessions/select/row-of.js';
import { SessionExists } from '../../sessions/resolve/session-id.js';
import { fullRecords } from '../../usage/full-records.js';
import { addDryRun, type DryRunFlag } from '../shared/changed.js';
import type { Context } from '../context.js';
import { openInClaude, type Destination } from '../shared/resume-session.js';
import { namedSession, noteNamesakes, shortIdOf } from '../shared/named-session.js';
import { refuseLive } from '../shared/refuse-live.js';
import { createdLines, type Origin, type SessionReport } from '../render/created.js';
import { toJson } from '../render/text/json.js';
import { shortPath } from '../render/text/path.js';
import { sanitize } from '../render/text/sanitize.js';
import { printSentences } from '../shared/print-sentences.js';

/** The flags of `create`, as typed. */
export interface CreateFlags extends DryRunFlag {
  id?: string;
  ifMissing?: boolean;
  title?: string;
  tag?: string;
  cwd?: string;
  sandbox?: string | true;
  resume?: boolean;
  prompt?: string;
  claudeBin?: string;
}

/** Options of `create`. */
export interface CreateCommandOptions {
  /** Options of the session itself. */
  session: CreateOptions;
  /** Use the session with this id if it exists. */
  ifMissing: boolean;
  /** Open the session in Claude Code. */
  resume: boolean;
  /** First turn to run with `claude -p`; null for none. */
  prompt: string | null;
  /** Claude Code program as typed; undefined for the default. */
  claudeBin: string | undefined;
  /** Only print what would be created. */
  dryRun: boolean;
}

const HELP = `
Resume the session with ccsess resume from any directory, or with claude
--resume <id> in its folder: before the first prompt, Claude Code finds it only
there. Do not use claude --session-id, which expects an id that no session has.
Without --title, Claude Code's picker shows the session only after its first
prompt.`;

/** `ccsess create`: creates an empty session before its first message. */
export function define(command: Command, context: Context): void {
  addDryRun(command)
    .usage('[options] [-- <arguments for claude>]')
    .option('--id <uuid>', 'session id (default: a new one)')
    .option('--if-missing', 'with --id: use the session if it exists already, instead of failing')
    .option('--title <title>', 'title, which can also be used to resume it')
    .option('--tag <tag>', 'tag of the session')
    .option('--cwd <dir>', 'working directory of the session (default: the current one)')
    .option(
      '--sandbox [dir]',
      'work in a new folder <dir>/<id>/sandbox (default <dir>: $XDG_DATA_HOME/ccsess/sandboxes)',
    )
    .option('--resume', 'open it in Claude Code right away')
    .option('--prompt <text>', 'run the first turn with claude -p and print the answer')
    .option('--claude-bin <program>', 'Claude Code program (default: $CCSESS_CLAUDE_BIN, else claude on PATH)')
    .addHelpText('after', HELP)
    .action((flags: CreateFlags) => runCreate(readCreateOptions(flags, context), context));
}

/** Reads the flags of `create`. Throws USAGE for flags that cannot be combined, and for an empty prompt. */
export function readCreateOptions(flags: CreateFlags, context: Context): CreateCommandOptions {
  refuseContradictions(flags, context);
  const { ifMissing = false, resume = false, prompt = null, claudeBin, dryRun = false } = flags;
  return { session: sessionOptions(flags, context), ifMissing, resume, prompt, claudeBin, dryRun };
}

/**
 * Creates a session, or with `--if-missing` uses the existing one, and prints it or opens it in Claude Code. Throws
 * EXISTS, CLAUDE_NOT_FOUND before anything is created, and as `createSession`.
 */
export async function runCreate(options: CreateCommandOptions, context: Context): Promise<void> {
  const isRun = runsClaude(options);
  const program = isRun ? findClaude(options.claudeBin, context) : '';
  const session = await createOrFind(options, context);
  if (!isRun) return print(session, context);
  if (options.prompt !== null) return ask(session, program, options.prompt, context);
  await context.stderr.write(`${session.id ?? ''}\n`);
  await openInClaude({ ...session.destination, program }, context.passthrough, context);
}

function runsClaude({ dryRun, resume, prompt }: CreateCommandOptions): boolean {
  return !dryRun && (resume || prompt !== null);
}

function refuseContradictions({ id, ifMissing, resume, prompt }: CreateFlags, { global, passthrough }: Context): void {
  const usage = (message: string): CcsessError => new CcsessError('USAGE', message);
  if (ifMissing === true && id === undefined) throw usage('--if-missing needs --id.');
  if (resume === true && prompt !== undefined)
    throw usage('--resume and --prompt cannot be combined: ccsess create --resume -- <prompt> does both.');
  if (resume === true && global.json)
    throw usage('--resume and --json cannot be combined: Claude Code writes the output.');
  if (prompt?.trim() === '') throw usage('the prompt is empty.');
  if (passthrough.length > 0 && resume !== true && prompt === undefined)
    throw usage('arguments after -- are for claude: they need --resume or --prompt.');
}

/** A session that was created or found, or would be created. */
interface Session extends SessionReport {
  origin: Origin;
  destination: Omit<Destination, 'program'>;
  /** The session as JSON shows it. */
  json(): Promise<object>;
}

async function createOrFind(options: CreateCommandOptions, context: Context): Promise<Session> {
  const { session, dryRun } = options;
  try {
    return dryRun ? planned(planSession(session, context), session) : created(createSession(session, context), context);
  } catch (error) {
    if (!(error instanceof SessionExists)) throw error;
    return find(error, options, context);
  }
}

function sessionOptions({ id, title, tag, cwd, sandbox }: CreateFlags, { env, home }: Context): CreateOptions {
  const xdg = env['XDG_DATA_HOME'] ?? '';
  const sandboxes =
    sandbox === true ? join(isAbsolute(xdg) ? xdg : join(home, '.local/share'), 'ccsess/sandboxes') : sandbox;
  const given = { id, title, tag, cwd, sandboxes };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/**
 * Returns a planned session. Without a given id, the id and all paths with it are null, since they are chosen on
 * creation.
 */
function planned(session: NewSession, { id: given }: CreateOptions): Session {
  const { title, tag, configDir, project } = session;
  const id = given ?? null;
  const [cwd, projectDir] = id === null && project !== null ? [null, null] : [session.cwd, session.projectDir];
  const transcript = id === null ? null : session.transcript;
  const json = {
    schemaVersion: 1,
    configDir: configDir.path,
    dryRun: true,
    id,
    title,
    tag,
    cwd,
    projectDir,
    transcript,
  };
  return {
    id,
    title,
    cwd: session.project !== null && id === null ? session.cwd.replace(session.id, '<id>') : session.cwd,
    transcript,
    origin: 'planned',
    destination: { ...session, name: session.id },
    json: () => Promise.resolve(json),
  };
}

function created(session: NewSession, context: Context): Session {
  return {
    ...session,
    origin: 'created',
    destination: { ...session, name: session.id },
    json: () => recordNow(session, context),
  };
}

/**
 * Returns the existing session with the id: the one in the requested folder, else in the current one. Throws EXISTS
 * without `--if-missing`, and if the session is in another folder than requested.
 */
async function find(exists: SessionExists, options: CreateCommandOptions, context: Context): Promise<Session> {
  const { id } = exists;
  const index = await context.openIndex();
  const rows = index.rows.filter(({ file }) => file.id === id);
  const records = index.records(rows, { footprint: false });
  const [one] = records;
  if (one === undefined) throw exists;
  const folder = one.cwd === null ? one.projectDir : shortPath(one.cwd, context.home);
  if (!options.ifMissing) throw new CcsessError('EXISTS', `session ${id} exists in ${folder} (get it: --if-missing).`);
  const { cwd, sandboxes } = options.session;
  const wanted = cwd === undefined && sandboxes === undefined ? null : workFolders(options.session, id, context).cwd;
  const row =
    wanted === null
      ? await namedSession(index, { name: id, last: false }, context)
      : rows[records.findIndex(({ cwd }) => cwd === wanted)];
  if (row === undefined)
    throw new CcsessError(
      'EXISTS',
      `session ${id} exists in ${folder}, not in ${shortPath(wanted ?? '', context.home)}.`,
    );
  const [record = one] = index.records([row], { footprint: false });
  if (options.resume || options.prompt !== null)
    refuseLive({ ...record, lastActivityMs: row.lastActivityMs }, shortIdOf(index, row), context);
  const point = runsClaude(options) ? resumePoint(index, row, record, context) : { folder: null, name: id };
  const destination = { name: point.name, configDir: row.file.configDir, cwd: point.folder ?? context.cwd };
  return { ...record, origin: 'found', destination, json: () => recordNow(record, context) };
}

async function recordNow(session: { id: string; transcript: string }, context: Context): Promise<SessionRecord> {
  const index = await context.openIndex();
  const [record] = await fullRecords(index, [rowOf(index, session)], context.now());
  if (record === undefined) throw sessionGoneError(session.id);
  return record;
}

/** Prints the session; in a pipe only its id, for `id=$(ccsess create)`. */
async function print(session: Session, context: Context): Promise<void> {
  const { stdout, global } = context;
  if (global.json) return stdout.write(`${toJson(await session.json(), stdout.isTerminal)}\n`);
  const isNamesake = await reportNamesake(session, context);
  if (!stdout.isTerminal && session.origin !== 'planned') return stdout.write(`${session.id}\n`);
  await printSentences(createdLines(session, { origin: session.origin, isNamesake }, context), context);
}

/** Reports another session of the project with the same title: Claude Code then finds neither by its title. */
async function reportNamesake({ id, title, transcript, origin }: Session, context: Context): Promise<boolean> {
  if (origin === 'planned' || id === null || transcript === null || title === null) return false;
  const index = await context.openIndex();
  return noteNamesakes(index, rowOf(index, { id, transcript }), title, context);
}

/** Runs one turn and prints the answer. The prompt is passed through stdin, so that no part of it is read as a flag. */
async function ask(
  { id, destination, json }: Session,
  program: string,
  prompt: string,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global, passthrough, setExitCode } = context;
  if (!global.json) await stderr.write(`${id ?? ''}\n`);
  const launch = resumeLaunch(destination, program, ['-p', ...passthrough, '--output-format', 'json']);
  const { exitCode, stdout: printed } = await context.askClaude(launch, prompt);
  const result = parseHeadlessResult(printed);
  if (result === null) {
    const message = `Claude Code ended without a result (exit code ${exitCode}).`;
    throw new CcsessError('IO', message, {
      hint: `${context.invocation} resume ${id ?? ''}`,
      exitCode: exitCode === 0 ? 1 : exitCode,
    });
  }
  if (global.json) {
    if (result.isError) setExitCode(1);
    return stdout.write(`${toJson({ ...(await json()), result }, stdout.isTerminal)}\n`);
  }
  if (result.isError)
    throw new CcsessError('IO', `Claude Code ended with an error: ${result.text ?? 'it was interrupted'}.`, {
      hint: `${context.invocation} resume ${id ?? ''}`,
    });
  const answer = result.text ?? '';
  await stdout.write(`${stdout.isTerminal ? answer.split('\n').map(sanitize).join('\n') : answer}\n`);
}
