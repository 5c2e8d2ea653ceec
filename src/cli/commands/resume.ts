import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { claudeName, findClaude, resumeLaunch, type ClaudeLaunch } from '../../claude/launch.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { requireConversation } from '../../sessions/resolve/conversation.js';
import { forkTitle } from '../../sessions/amend/fork-title.js';
import { isGlob } from '../../grammar/glob.js';
import { projectFilter } from '../../sessions/select/project-filter.js';
import { resumePoint } from '../../sessions/resolve/resume-folder.js';
import { narrowedTo, select } from '../../sessions/select/select.js';
import { requireProjects } from '../shared/project-argument.js';
import type { Context } from '../context.js';
import { findStartFolder } from '../../sessions/select/start-folder.js';
import { openInClaude } from '../shared/resume-session.js';
import {
  addSessionArgument,
  indexAround,
  namedSession,
  readSession,
  shortIdOf,
  type LastFlag,
  type SessionOption,
} from '../shared/named-session.js';
import { closest } from '../../grammar/choice.js';
import { quoted } from '../../grammar/quoted.js';
import { pickPaths, requireTerminal } from '../picker/pick-sessions.js';
import { refuseLive } from '../shared/refuse-live.js';
import { toJson } from '../render/text/json.js';
import { shortPath } from '../render/text/path.js';
import { sanitize } from '../render/text/sanitize.js';
import { shellCommand } from '../../claude/shell-command.js';

/** The flags of `resume`, as typed. */
export interface ResumeFlags extends LastFlag {
  project?: string | true;
  fork?: boolean;
  force?: boolean;
  printCommand?: boolean;
  claudeBin?: string;
}

/** Options of `resume`. */
export interface ResumeOptions extends SessionOption {
  /** Path or glob of the project in which to choose the session; null for all. */
  project: string | null;
  /** Resume a fork of the session instead. */
  fork: boolean;
  /** Resume even if the session is live. */
  force: boolean;
  /** Print the shell command instead of running it. */
  printCommand: boolean;
  /** Claude Code program as typed; undefined for the default. */
  claudeBin: string | undefined;
}

/** Returns the options of `ccsess resume <session>`, without flags. */
export function resumeOptions(name: string): ResumeOptions {
  const flags = { project: null, fork: false, force: false, printCommand: false, claudeBin: undefined };
  return { name, last: false, ...flags };
}

/** `ccsess resume`: resumes a session in Claude Code. */
export function define(command: Command, context: Context): void {
  addSessionArgument(command)
    .usage('[session] [options] [-- <arguments for claude>]')
    .option('-p, --project [path|glob]', 'choose by folder if several sessions have this id or title')
    .option('--fork', 'fork the session and resume the fork')
    .option(
      '--force',
      'resume even if the session is open (a later resume shows the turns of only one of the two processes)',
    )
    .option('--print-command', 'print the shell command instead of running it')
    .option('--claude-bin <program>', 'Claude Code program (default: $CCSESS_CLAUDE_BIN, else claude on PATH)')
    .allowUnknownOption()
    .allowExcessArguments()
    .action((name: string | undefined, flags: ResumeFlags) => {
      refuseSurplus(name, command);
      return runResume(readResumeOptions(name, flags, context), context);
    });
}

/** Reads the argument and flags of `resume`. Throws USAGE for flags that cannot be combined, and as `readSession`. */
export function readResumeOptions(name: string | undefined, flags: ResumeFlags, { global }: Context): ResumeOptions {
  const { project = null, fork = false, force = false, printCommand = false, claudeBin } = flags;
  if (global.json && !printCommand)
    throw new CcsessError('USAGE', '--json needs --print-command: without it, Claude Code writes the output.');
  if (project === true) throw new CcsessError('USAGE', `-p is for a folder here: ${AFTER_DASHES}`);
  return { ...readSession(name, flags), project, fork, force, printCommand, claudeBin };
}

/**
 * Hands the terminal to Claude Code in the session's folder; its exit code becomes ours. Throws LIVE for a live
 * session, IO for one without a conversation, CLAUDE_NOT_FOUND, USAGE for a project without sessions, and as
 * `namedSession`.
 */
export async function runResume(options: ResumeOptions, context: Context): Promise<void> {
  const { env, cwd, stderr } = context;
  const { name, last, project, fork, printCommand, claudeBin } = options;
  if (name === undefined && !last)
    return runResume({ ...options, name: await chooseSession(project, context), project: null }, context);
  // The whole index is needed to give a fork a unique name, and to compare projects for -p.
  const isAlone = !fork && project === null;
  const index = await (isAlone ? indexAround(options, context) : context.openIndex());
  const among = project === null ? index : await narrowToProject(index, project, context);
  const row = await namedSession(among, options, context);
  const program = printCommand ? claudeName(claudeBin, context) : findClaude(claudeBin, context);
  const [record] = index.records([row], { footprint: false });
  if (record === undefined) throw new TypeError('a row without a record');
  if (!fork && !options.force)
    refuseLive({ ...record, lastActivityMs: row.lastActivityMs }, shortIdOf(index, row), context);

  requireConversation(row, record);
  const { folder, name: target } = resumePoint(index, row, record, { env });
  if (folder === null || folder !== record.cwd)
    await stderr.write(`ccsess: ${startFolderNote(record, folder, context)}\n`);
  const session = { name: target, configDir: row.file.configDir, cwd: folder ?? cwd, program };
  const args = [...(fork ? forkFlags(index, record, context.passthrough) : []), ...context.passthrough];
  if (printCommand) return printLaunch(resumeLaunch(session, program, args), context);
  await openInClaude(session, args, context);
}

/** Lets the person at the terminal choose a session; returns the path of its transcript as its name. */
async function chooseSession(project: string | null, context: Context): Promise<string> {
  const terminal = await requireTerminal('name a session, or pass --last for the newest one of this folder.', context);
  const all = await context.openIndex();
  const index = project === null ? all : await narrowToProject(all, project, context);
  const request = { index, name: 'resume', verb: 'resume', several: false, canChange: true, query: '' };
  const isEverywhere = project !== null;
  const [path = ''] = await pickPaths({ ...request, order: 'activity', isEverywhere }, terminal, context);
  return path;
}

/** Returns the index reduced to the sessions of one project. */
async function narrowToProject(index: SessionIndex, pattern: string, context: Context): Promise<SessionIndex> {
  const { rows } = select(index, { project: projectFilter([pattern], await findStartFolder(context)) });
  if (rows.length === 0 && !isGlob(pattern) && !existsSync(resolve(context.cwd, pattern))) {
    throw new CcsessError('USAGE', `-p ${quoted(pattern)}: no such folder (${AFTER_DASHES.slice(0, -1)}).`);
  }
  if (rows.length === 0) await requireProjects([pattern], index, context);
  return narrowedTo(index, rows);
}

const AFTER_DASHES = "put claude's flags after --, as in ccsess resume @ -- -p 'hello'.";

/** Refuses unknown flags and arguments, which are probably meant for `claude`: it gets only those after `--`. */
function refuseSurplus(name: string | undefined, command: Command): void {
  const surplus = name?.startsWith('-') === true ? name : command.args[1];
  if (surplus === undefined) return;
  const near = surplus.startsWith('--')
    ? closest(
        surplus,
        command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : [])),
      )
    : null;
  const meant = near === null ? '' : ` (did you mean ${near}?)`;
  throw new CcsessError('USAGE', `'${surplus}' is not an argument of resume${meant}: ${AFTER_DASHES}`);
}

/**
 * Returns the flags for a fork. A fork without a name has its parent's, and then neither can be resumed by name
 * (docs/storage.md).
 */
function forkFlags(
  index: SessionIndex,
  { title, titleSource }: SessionRecord,
  passthrough: readonly string[],
): string[] {
  const isNamed = passthrough.some((word) => /^(?:-n|--name)(?:=|$)/.test(word));
  if (title === null || titleSource !== 'custom' || isNamed) return ['--fork-session'];
  const taken = new Set(
    index.records(index.rows, { footprint: false }).map((record) => record.title?.toLowerCase() ?? ''),
  );
  return ['--fork-session', `--name=${forkTitle(title, taken)}`];
}

function startFolderNote({ cwd }: SessionRecord, folder: string | null, { home }: Context): string {
  const lost = cwd === null ? 'the session records no folder' : `${shortPath(cwd, home)} is gone`;
  return `${lost}: starting ${folder === null ? 'here' : `in ${shortPath(folder, home)}`}.`;
}

async function printLaunch(launch: ClaudeLaunch, { stdout, env, global }: Context): Promise<void> {
  const command = shellCommand(launch, env);
  // The command must be exact in a pipe, and safe to print on a terminal.
  if (!global.json) return stdout.write(`${stdout.isTerminal ? sanitize(command) : command}\n`);
  const { program, args, cwd, configDir } = launch;
  const value = { schemaVersion: 1, command, program, args, cwd, env: { CLAUDE_CONFIG_DIR: configDir } };
  await stdout.write(`${toJson(value, stdout.isTerminal)}\n`);
}
