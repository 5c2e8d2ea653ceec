import type { Command } from 'commander';
import { CcsessError } from '../system/errors.js';
import type { CommandModule } from './command.js';
import type { Context, Output } from './context.js';
import { describeFailure } from './terminal/fail.js';
import { GLOBAL_FLAGS, parseGlobals, reportingOf, type Globals } from './globals.js';
import { closest } from '../grammar/choice.js';
import { VERSION } from './version.js';

interface CommandEntry {
  name: string;
  aliases?: readonly string[];
  summary: string;
  group: string;
  load: () => Promise<CommandModule>;
}

type HelpLine = readonly [term: string, summary: string];

const HELP_SUMMARY = 'show this help';
const GLOBAL_GROUP = 'Options of every command:';
const LOOK = 'Look:';
const COUNT = 'Count:';
const BEGIN = 'Begin and go on:';
const CHANGE = 'Change:';
const FORGET = 'Forget:';
const KEEP = 'Look after ccsess:';

/** Every command in the order help shows them; only the one that is asked for is ever imported. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'list',
    aliases: ['ls'],
    summary: 'list sessions, newest activity first',
    group: LOOK,
    load: () => import('./commands/list.js'),
  },
  {
    name: 'show',
    summary: 'show a session: what it is, and its conversation',
    group: LOOK,
    load: () => import('./commands/show.js'),
  },
  {
    name: 'path',
    summary: "print the path of a session's transcript",
    group: LOOK,
    load: () => import('./commands/path.js'),
  },
  {
    name: 'current',
    summary: 'print the session this shell or folder is in',
    group: LOOK,
    load: () => import('./commands/current.js'),
  },
  {
    name: 'projects',
    summary: 'list projects: sessions, activity, size',
    group: LOOK,
    load: () => import('./commands/projects.js'),
  },
  {
    name: 'stats',
    summary: 'count tokens, cost and disk use, each response once',
    group: COUNT,
    load: () => import('./commands/stats.js'),
  },
  {
    name: 'create',
    summary: 'make a session that is there before its first message',
    group: BEGIN,
    load: () => import('./commands/create.js'),
  },
  {
    name: 'resume',
    summary: 'go on with a session in Claude Code, from anywhere',
    group: BEGIN,
    load: () => import('./commands/resume.js'),
  },
  {
    name: 'fork',
    summary: 'make a new session that begins as another one',
    group: BEGIN,
    load: () => import('./commands/fork.js'),
  },
  {
    name: 'rename',
    summary: 'give a session a title, or take it away',
    group: CHANGE,
    load: () => import('./commands/rename.js'),
  },
  { name: 'tag', summary: 'tag a session, or print its tag', group: CHANGE, load: () => import('./commands/tag.js') },
  {
    name: 'archive',
    summary: 'leave sessions out of the plain list',
    group: CHANGE,
    load: () => import('./commands/archive.js'),
  },
  {
    name: 'unarchive',
    summary: 'put archived sessions back into the list',
    group: CHANGE,
    load: () => import('./commands/unarchive.js'),
  },
  {
    name: 'move',
    summary: 'move the sessions of a folder that was moved or renamed',
    group: CHANGE,
    load: () => import('./commands/move.js'),
  },
  {
    name: 'prune',
    summary: 'move old, large or empty sessions to the trash',
    group: FORGET,
    load: () => import('./commands/prune.js'),
  },
  { name: 'rm', summary: 'move sessions to the trash, by name', group: FORGET, load: () => import('./commands/rm.js') },
  {
    name: 'restore',
    summary: 'bring sessions back from the trash',
    group: FORGET,
    load: () => import('./commands/restore.js'),
  },
  { name: 'trash', summary: 'list, show or empty the trash', group: FORGET, load: () => import('./commands/trash.js') },
  {
    name: 'forecast',
    summary: "list what Claude Code's own cleanup will delete",
    group: FORGET,
    load: () => import('./commands/forecast.js'),
  },
  {
    name: 'protect',
    summary: "keep sessions from Claude Code's cleanup for a while",
    group: FORGET,
    load: () => import('./commands/protect.js'),
  },
  {
    name: 'pin',
    summary: "keep sessions from prune and from Claude Code's cleanup",
    group: FORGET,
    load: () => import('./commands/pin.js'),
  },
  { name: 'unpin', summary: 'keep sessions no longer', group: FORGET, load: () => import('./commands/unpin.js') },
  {
    name: 'recover',
    summary: 'put right what a killed run left half moved',
    group: KEEP,
    load: () => import('./commands/recover.js'),
  },
  {
    name: 'index',
    summary: 'show or clear the index, a cache',
    group: KEEP,
    load: () => import('./commands/index.js'),
  },
];

/** What a run needs of the process around it. */
export interface Host {
  stdout: Output;
  stderr: Output;
  /** Columns for help. */
  width: number;
  /** Called once a command is known; `setExitCode` says what to exit with if nothing is thrown. */
  makeContext(globals: Globals, setExitCode: (code: number) => void): Promise<Context>;
}

/** Runs one command line and returns the exit code. Never throws: errors are told on stderr. */
export async function runProgram(argv: readonly string[], host: Host): Promise<number> {
  try {
    return await dispatch(parseGlobals(argv), host);
  } catch (error) {
    const { text, exitCode } = describeFailure(error, reportingOf(argv));
    if (text !== '') await host.stderr.write(text);
    return exitCode;
  }
}

async function dispatch(globals: Globals, host: Host): Promise<number> {
  const [word = '--help', ...words] = globals.rest;
  if (word === '--version' || word === '-V') return print(host, `${VERSION}\n`);
  if (word === '--help' || word === '-h' || (word === 'help' && words.length === 0)) return print(host, topHelp());
  if (word === 'help') return runCommand(entryOf(words[0] ?? ''), ['--help'], globals, host);
  return runCommand(entryOf(word), words, globals, host);
}

async function print(host: Host, text: string): Promise<number> {
  await host.stdout.write(text);
  return 0;
}

function entryOf(word: string): CommandEntry {
  const entry = COMMANDS.find(({ name, aliases = [] }) => name === word || aliases.includes(word));
  if (entry !== undefined) return entry;
  if (word.startsWith('-')) {
    const near = closest(
      word,
      GLOBAL_FLAGS.flatMap(([flag]) => /^--[a-z-]+/.exec(flag)?.[0] ?? []),
    );
    const message =
      near === null
        ? `unknown option ${word} before a command: a command's own options come after it.`
        : `unknown option ${word} (did you mean ${near}?).`;
    throw new CcsessError('USAGE', message, { hint: 'ccsess --help' });
  }
  const near = closest(
    word,
    COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
  );
  const message = `unknown command '${word}'${near === null ? '.' : ` (did you mean ${near}?).`}`;
  throw new CcsessError('USAGE', message, { hint: 'ccsess --help' });
}

async function runCommand(
  entry: CommandEntry,
  words: readonly string[],
  globals: Globals,
  host: Host,
): Promise<number> {
  let exitCode = 0;
  let help = '';
  const context = await host.makeContext(globals, (code) => (exitCode = code));
  const [{ define }, command] = await Promise.all([
    entry.load(),
    newCommand(`ccsess ${entry.name}`, host, (text) => (help += text)),
  ]);
  command.description(`${capitalized(entry.summary)}.`).aliases([...(entry.aliases ?? [])]);
  define(command, context);
  await addGlobalFlags(command);
  try {
    await command.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    if (error.exitCode === 0) return print(host, help);
    throw usageError(error, command, entry);
  }
  return exitCode;
}

/** Written here, not by commander: loading it would take as long as all the rest of `--help`. */
function topHelp(): string {
  const groups = new Map<string, HelpLine[]>();
  for (const { name, aliases = [], summary, group } of COMMANDS) {
    groups.set(group, [...(groups.get(group) ?? []), [[name, ...aliases].join('|'), summary]]);
  }
  groups.set('Options:', [
    ['-V, --version', 'print the version'],
    ['-h, --help', HELP_SUMMARY],
  ]);
  groups.set(GLOBAL_GROUP, [...GLOBAL_FLAGS]);
  const termWidth = Math.max(...[...groups.values()].flat().map(([term]) => term.length));
  const sections = [...groups].map(([heading, lines]) =>
    [heading, ...lines.map(([term, summary]) => `  ${term.padEnd(termWidth)}  ${summary}`)].join('\n'),
  );
  return [
    'Usage: ccsess <command> [options]',
    'Manage the sessions of Claude Code on this machine.',
    ...sections,
    'More of a command: ccsess help <command>\n',
  ].join('\n\n');
}

/** A commander command that neither exits nor prints by itself. */
async function newCommand(name: string, { width }: Host, writeOut: (text: string) => void): Promise<Command> {
  const { Command: CommanderCommand } = await import('commander');
  return new CommanderCommand(name)
    .exitOverride()
    .helpOption('-h, --help', HELP_SUMMARY)
    .configureHelp({ groupItems: (_, items, groupOf) => inGroups(items, groupOf) })
    .configureOutput({
      writeOut,
      writeErr: () => {},
      getOutHelpWidth: () => width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** What help lists by its groups: a command's own before those of every command. */
function inGroups<Item>(items: readonly Item[], groupOf: (item: Item) => string): Map<string, Item[]> {
  const isGlobal = (item: Item): boolean => groupOf(item) === GLOBAL_GROUP;
  const groups = new Map<string, Item[]>();
  for (const item of [...items.filter((one) => !isGlobal(one)), ...items.filter(isGlobal)])
    groups.set(groupOf(item), [...(groups.get(groupOf(item)) ?? []), item]);
  return groups;
}

/** For help and for suggestions only: `parseGlobals` has taken them out before. */
async function addGlobalFlags(command: Command): Promise<void> {
  const { Option } = await import('commander');
  for (const [flags, description] of GLOBAL_FLAGS) {
    command.addOption(new Option(flags, description).helpGroup(GLOBAL_GROUP));
  }
}

interface CommanderFailure extends Error {
  exitCode: number;
  code: string;
}

// By its code: importing commander's class here would load commander for every run.
function isCommanderError(error: unknown): error is CommanderFailure {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('commander.')
  );
}

/** commander's message as one sentence of ours. */
function usageError({ message, code }: CommanderFailure, command: Command, entry: CommandEntry): CcsessError {
  const sentence = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)$/, ' (did you mean $1?)')
    .replace(/\.?$/, '.');
  const surplus = command.args[command.registeredArguments.length] ?? '';
  const text = code === 'commander.excessArguments' ? `unexpected argument '${surplus}'.` : sentence;
  return new CcsessError('USAGE', text, { hint: `ccsess ${entry.name} --help` });
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
