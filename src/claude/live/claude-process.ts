import { basename } from 'node:path';
import type { RunningProcess } from '../../system/process/process-table.js';
import { isSessionId } from '../scan/scan.js';

/** Programs that run scripts, such as Claude Code's npm package. */
const INTERPRETERS = new Set(['node', 'nodejs', 'bun', 'deno']);
/** Options of Node whose value is the next argument. */
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
/** The script of Claude Code's npm packages, by its path or, for Deno, by the name of the package. */
const PACKAGE_SCRIPT = /(?:\/|^npm:)@anthropic-ai\/claude-(?:code|agent-sdk)(?:@[\w.-]+)?(?:\/cli\.m?js)?$/;
/** The native program. npm gives it the Windows name on all systems, and an installed one may run under its version. */
const PROGRAM = /(?:^|\/)(?:claude|claude\.exe|claude\/versions\/[^/]+)$/;
/** Names under which the native program runs as an embedded tool. */
const EMBEDDED_TOOLS = new Set(['rg', 'ugrep', 'bfs', 'apply-seccomp']);
/** First arguments with which Claude Code opens no session (docs/storage.md, "Is a session in use"). */
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

/** The sessions that a Claude Code process may hold, according to its arguments. */
export interface SessionArguments {
  /** Ids that the arguments name. */
  ids: readonly string[];
  /**
   * Sessions of its folder that it may have opened at its start: `none` if it named one or started a fork, `continued`
   * if it opened the newest one of that time, `any` if the arguments leave it open.
   */
  opened: 'none' | 'continued' | 'any';
  /** Readings of the title that the arguments resume a session by; a system may have split it at its blanks. */
  titles?: readonly string[];
}

/**
 * Returns the sessions named in the arguments of a Claude Code process that may hold one; null for other processes. In
 * doubt a process of Claude Code may hold one.
 */
export function sessionArgumentsOf(running: RunningProcess): SessionArguments | null {
  const args = claudeArguments(running);
  return args === null || HELPERS.has(args[0] ?? '') ? null : readSessionArguments(args);
}

/** The arguments of Claude Code without the program's own name; null if the process is something else. */
function claudeArguments(running: RunningProcess): readonly string[] | null {
  const { args } = running;
  const [command = ''] = args;
  // The command may be a title that the program gave itself instead of a path: `claude bg-spare`, `npm exec
  // @anthropic-ai/claude-code`.
  const called = command.startsWith('/') ? command : (command.split(' ')[0] ?? '');
  const name = basename(called);
  if (PROGRAM.test(called)) return args.slice(1);
  if (EMBEDDED_TOOLS.has(name)) return null;
  if (INTERPRETERS.has(name)) return scriptArguments(args);
  if (!PROGRAM.test(running.program ?? running.name)) return null;
  // Some systems join arguments by spaces, which splits a path with spaces.
  const at = args.findIndex((arg) => PROGRAM.test(arg));
  return args.slice(Math.max(at, 0) + 1);
}

/** Returns the arguments after an interpreter's script, if the script is Claude Code's. */
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

/** `-r`, alone or after other letters, with or without its value: `-r ID`, `-rID`, `-pr ID`. */
const SHORT_FLAGS = /^-([cdhpv]*)(?:(r)(.*))?$/s;

function readSessionArguments(args: readonly string[]): SessionArguments {
  const resumed: string[] = [];
  const started: string[] = [];
  const titles: string[] = [];
  let isFork = false;
  let isContinued = false;
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  for (const [at, arg] of flags.entries()) {
    const [, long, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const [, letters = '', short, attached = ''] = SHORT_FLAGS.exec(arg) ?? [];
    if (long === 'session-id') started.push(...idsIn(value ?? flags[at + 1]));
    else if (long === 'resume' || short !== undefined) {
      const name = value ?? (attached === '' ? undefined : attached.replace(/^=/, ''));
      const named = idsIn(name ?? flags[at + 1]);
      resumed.push(...named);
      if (named.length === 0) titles.push(...titlesIn(name === undefined ? [] : [name], flags.slice(at + 1)));
    }
    if (long === 'fork-session') isFork = true;
    if (long === 'continue' || letters.includes('c')) isContinued = true;
  }
  const ids = isFork ? started : [...resumed, ...started];
  const opened = ids.length > 0 || isFork ? 'none' : isContinued ? 'continued' : 'any';
  return isFork || titles.length === 0 ? { ids, opened } : { ids, opened, titles };
}

/** Returns the first argument, and all up to the next option as one text. */
function titlesIn(attached: readonly string[], following: readonly string[]): string[] {
  const end = following.findIndex((arg) => arg.startsWith('-'));
  const [first, ...more] = [...attached, ...(end < 0 ? following : following.slice(0, end))];
  return first === undefined ? [] : [...new Set([first, [first, ...more].join(' ')])];
}

/**
 * Returns the session id in an argument: a session is named by its id, its transcript's path or a title, which
 * identifies none.
 */
function idsIn(value = ''): string[] {
  const id = basename(value, '.jsonl');
  return isSessionId(id) ? [...new Set([id, id.toLowerCase()])] : [];
}
