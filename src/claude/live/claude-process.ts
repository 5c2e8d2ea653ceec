import { basename } from 'node:path';
import type { RunningProcess } from '../../system/process/process-table.js';
import { isSessionId } from '../scan/scan.js';

/** Programs that run a script; Claude Code's npm package is one. */
const INTERPRETERS = new Set(['node', 'nodejs', 'bun', 'deno']);
/** Options of Node that take the next argument for their value. */
const VALUE_OPTIONS = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--env-file',
  '--title',
  '--preload',
]);
const SUBCOMMANDS_OF_INTERPRETERS = new Set(['run', 'x']);
const EVALUATES = /^(?:-e|-p|-pe|--eval|--print)(?:=|$)/;
/** Claude Code in its npm packages, by the path of its script or, for Deno, by the name of the package. */
const PACKAGE_SCRIPT = /(?:\/|^npm:)@anthropic-ai\/claude-(?:code|agent-sdk)(?:@[\w.-]+)?(?:\/cli\.m?js)?$/;
/** The native program. npm names it like one of Windows, and an installed one may show its version instead. */
const PROGRAM = /(?:^|\/)(?:claude|claude\.exe|claude\/versions\/[^/]+)$/;
/** Names under which the native program runs as a tool of its own, distinguished by its first argument. */
const EMBEDDED_TOOLS = new Set(['rg', 'ugrep', 'bfs', 'apply-seccomp']);
/** First arguments that start no session (docs/storage.md, "Is a session in use"). */
const HELPERS = new Set([
  'agents',
  'attach',
  'auth',
  'daemon',
  'doctor',
  'install',
  'kill',
  'logs',
  'mcp',
  'plugin',
  'plugins',
  'purge',
  'respawn',
  'rm',
  'setup-token',
  'stop',
  'update',
  'upgrade',
  'bg-pty-host',
  '--bg-pty-host',
  '--chrome-native-host',
  '--claude-in-chrome-mcp',
  '--mcp-cli',
  '--ripgrep',
]);

/** The session that a Claude Code process holds, as far as its arguments say. */
export interface SessionArguments {
  /** Ids of the sessions it names as its own. */
  ids: readonly string[];
  /**
   * The sessions of its folder that it may have opened at its start: `none` if it named one or began a fork,
   * `continued` if it took the newest of that time, `any` if it does not say.
   */
  opened: 'none' | 'continued' | 'any';
}

/** Returns what a process says of its session; null unless it is a Claude Code that may hold one, as in doubt it is. */
export function sessionArgumentsOf(running: RunningProcess): SessionArguments | null {
  const args = claudeArguments(running);
  return args === null || HELPERS.has(args[0] ?? '') ? null : readSessionArguments(args);
}

/** The arguments of Claude Code without the program's own name; null if the process is something else. */
function claudeArguments(running: RunningProcess): readonly string[] | null {
  const { args } = running;
  const [command = ''] = args;
  // A title that a program gave itself is not a path: `claude bg-spare`, `npm exec @anthropic-ai/claude-code`.
  const called = command.startsWith('/') ? command : (command.split(' ')[0] ?? '');
  const name = basename(called);
  if (PROGRAM.test(called)) return args.slice(1);
  if (EMBEDDED_TOOLS.has(name)) return null;
  if (INTERPRETERS.has(name)) return scriptArguments(args);
  if (!PROGRAM.test(running.program ?? running.name)) return null;
  // A path that holds spaces comes apart if the system joins arguments by spaces.
  const at = args.findIndex((arg) => PROGRAM.test(arg));
  return args.slice(Math.max(at, 0) + 1);
}

/** The arguments behind the script of an interpreter, if the script is Claude Code's. */
function scriptArguments(args: readonly string[]): readonly string[] | null {
  for (let at = 1; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (EVALUATES.test(arg)) return null;
    if (VALUE_OPTIONS.has(arg)) at += 1;
    else if (!arg.startsWith('-') && !(at === 1 && SUBCOMMANDS_OF_INTERPRETERS.has(arg))) {
      return PROGRAM.test(arg) || PACKAGE_SCRIPT.test(arg) ? args.slice(at + 1) : null;
    }
  }
  return null;
}

/** `-r` alone or after other letters, with or without its value: `-r ID`, `-rID`, `-pr ID`. */
const SHORT_FLAGS = /^-([cdhpv]*)(?:(r)(.*))?$/s;

function readSessionArguments(args: readonly string[]): SessionArguments {
  const resumed: string[] = [];
  const begun: string[] = [];
  let isFork = false;
  let isContinued = false;
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  for (const [at, arg] of flags.entries()) {
    const [, long, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const [, letters = '', short, attached = ''] = SHORT_FLAGS.exec(arg) ?? [];
    if (long === 'session-id') begun.push(...idsIn(value ?? flags[at + 1]));
    else if (long === 'resume') resumed.push(...idsIn(value ?? flags[at + 1]));
    else if (short !== undefined) resumed.push(...idsIn(attached === '' ? flags[at + 1] : attached.replace(/^=/, '')));
    if (long === 'fork-session') isFork = true;
    if (long === 'continue' || letters.includes('c')) isContinued = true;
  }
  const ids = isFork ? begun : [...resumed, ...begun];
  return { ids, opened: ids.length > 0 || isFork ? 'none' : isContinued ? 'continued' : 'any' };
}

/** A session is named by its id, the path of its transcript, or a title, which says too little. */
function idsIn(value = ''): string[] {
  const id = basename(value, '.jsonl');
  return isSessionId(id) ? [...new Set([id, id.toLowerCase()])] : [];
}
