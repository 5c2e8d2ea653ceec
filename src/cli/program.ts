import type { Command } from 'commander';
import { CcsessError, EXIT_CODES } from '../system/errors.js';
import type { Context, Output } from './context.js';
import { describeFailure } from './terminal/fail.js';
import { oneLine } from './render/text/sanitize.js';
import { COMMANDS, type CommandEntry } from './command-table.js';
import { FOREIGN_FLAGS, lookUp, REDIRECTIONS, SYNONYMS } from './command-words.js';
import { isCommanderError, usageError } from './usage-error.js';
import { GLOBAL_FLAGS, parseGlobals, reportingOf, type Globals } from './globals.js';
import { GLOBAL_GROUP, HELP_SUMMARY, topHelp } from './help.js';
import { closest } from '../grammar/choice.js';
import { VERSION } from './version.js';

/** The environment of a run. */
export interface Host {
  stdout: Output;
  stderr: Output;
  /** Width of help in columns. */
  width: number;
  /** Called when the command is known. `setExitCode` sets the exit code of a run that throws nothing. */
  makeContext(globals: Globals, setExitCode: (code: number) => void): Promise<Context>;
}

/** Runs a command line and returns the exit code. Never throws: errors are reported on stderr. */
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
  if (globals.rest.length === 0) return browse('', globals, host);
  const [word = '--help', ...words] = globals.rest;
  if (['--version', '-V', 'version'].includes(word)) return print(host, `${VERSION}\n`);
  if (word === '--help' || word === '-h' || (word === 'help' && words.length === 0))
    return print(host, topHelp(host.width));
  if (word === 'help') return runCommand(entryOf(words[0] ?? ''), ['--help'], globals, host);
  const synonym = lookUp(SYNONYMS, word);
  const entry = await commandOrAnswer(globals, host);
  if (entry === 'look') return browse(globals.rest.join(' '), globals, host);
  if (entry === 'declined') return EXIT_CODES.USAGE;
  return runCommand(entry, [...(synonym?.args ?? []), ...words], globals, host);
}

/** Opens the picker on a terminal; otherwise prints help. */
async function browse(query: string, globals: Globals, host: Host): Promise<number> {
  if (!host.stdout.isTerminal || globals.options.json) return print(host, topHelp(host.width));
  let exitCode = 0;
  const context = await host.makeContext(globals, (code) => (exitCode = code));
  const terminal = await context.terminal();
  if (terminal === null) return print(host, topHelp(host.width));
  await (await import('./commands/pick.js')).browse(query, terminal, context);
  return exitCode;
}

async function print(host: Host, text: string): Promise<number> {
  await host.stdout.write(text);
  return 0;
}

/**
 * Returns the command of the first word. On a terminal, unknown words may be a query for the picker, so the person is
 * asked; throws USAGE if nobody can be asked.
 */
async function commandOrAnswer(globals: Globals, host: Host): Promise<CommandEntry | 'look' | 'declined'> {
  const { rest, options } = globals;
  try {
    return entryOf(rest[0] ?? '');
  } catch (error) {
    const isText = error instanceof UnknownCommand && !rest.some((word) => word.startsWith('-'));
    if (!isText || options.json || !host.stdout.isTerminal) throw error;
    const context = await host.makeContext(globals, () => {});
    const questions = await context.questions();
    if (questions === null || (await context.terminal()) === null) throw error;
    await host.stderr.write(`ccsess: ${oneLine(error.message)}\n`);
    return (await questions.confirm(`Look for "${rest.join(' ')}" in the sessions?`)) ? 'look' : 'declined';
  }
}

function entryOf(word: string): CommandEntry {
  const wanted = lookUp(SYNONYMS, word)?.command ?? word;
  const entry = COMMANDS.find(({ name, aliases = [] }) => name === wanted || aliases.includes(wanted));
  if (entry !== undefined) return entry;
  const redirection = lookUp(REDIRECTIONS, word);
  if (redirection !== undefined) throw new CcsessError('USAGE', `no command '${word}'. Type: ${redirection}`);
  if (word.startsWith('-')) {
    const near =
      lookUp(FOREIGN_FLAGS, word) ??
      closest(
        word,
        GLOBAL_FLAGS.flatMap(([flag]) => /^--[a-z-]+/.exec(flag)?.[0] ?? []),
      );
    const message =
      near === null
        ? `unknown option ${word} before a command: a command's own options come after it.`
        : `unknown option ${word} (did you mean ${near}?).`;
    throw new CcsessError('USAGE', message, { hint: 'ccsess --help' });
  }
  const message = `unknown command '${word}'${nearestCommand(word)}; see ccsess --help.`;
  throw new UnknownCommand('USAGE', message, { hint: 'ccsess --help' });
}

/** Returns a suggestion for a misspelt command, as the end of a message; empty if there is none. */
function nearestCommand(word: string): string {
  const names = COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const near = closest(word.toLowerCase(), [...names, ...Object.keys(SYNONYMS), ...Object.keys(REDIRECTIONS)]);
  if (near === null) return '';
  return ` (did you mean ${lookUp(REDIRECTIONS, near) ?? lookUp(SYNONYMS, near)?.command ?? near}?)`;
}

/** Thrown for a first word that is not a command. */
class UnknownCommand extends CcsessError {}

async function runCommand(
  entry: CommandEntry,
  words: readonly string[],
  globals: Globals,
  host: Host,
): Promise<number> {
  let exitCode = 0;
  let help = '';
  const made = await host.makeContext(globals, (code) => (exitCode = code));
  const { startsClaude = false } = entry;
  const passthrough = startsClaude ? made.passthrough : [];
  const context = { ...withTables(made), passthrough, commandName: entry.name };
  const [{ define }, command] = await Promise.all([
    entry.load(),
    newCommand(`ccsess ${entry.name}`, host, (text) => (help += text)),
  ]);
  command.description(`${capitalized(entry.summary)}.`).aliases([...(entry.aliases ?? [])]);
  define(command, context);
  if (globals.options.table) command.hook('preAction', (action) => refuseOtherForms(action));
  await addGlobalFlags(command);
  try {
    const dashed = startsClaude || made.passthrough.length === 0 ? [] : ['--', ...made.passthrough];
    await command.parseAsync([...words, ...dashed], { from: 'user' });
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    if (error.exitCode === 0)
      return print(host, `${help}${(await import('./help-examples.js')).examplesOf(entry.name)}`);
    throw usageError(error, command);
  }
  return exitCode;
}

/** With `--table`, commands print as on a terminal; colours and pager still depend on the real stdout. */
function withTables(context: Context): Context {
  const { stdout, global } = context;
  return global.table ? { ...context, stdout: { isTerminal: true, write: (text) => stdout.write(text) } } : context;
}

/** Flags for forms of output other than a table. */
const OTHER_FORMS = ['csv', 'jsonl', 'md'];

/** Throws USAGE if `--table` is combined with a flag for another form. */
function refuseOtherForms(command: Command): void {
  const other = OTHER_FORMS.find((form) => command.opts()[form] === true);
  if (other !== undefined) throw new CcsessError('USAGE', `--${other} and --table cannot be combined.`);
}

/** Descriptions in help are wrapped from this many columns on, next to the flags. */
const MIN_WRAPPED_WIDTH = 20;

/** Returns a commander command that neither exits nor prints. */
async function newCommand(name: string, { width }: Host, writeOut: (text: string) => void): Promise<Command> {
  const { Command: CommanderCommand } = await import('commander');
  return new CommanderCommand(name)
    .exitOverride()
    .showSuggestionAfterError(false)
    .helpOption('-h, --help', HELP_SUMMARY)
    .configureHelp({ minWidthToWrap: MIN_WRAPPED_WIDTH, groupItems: (_, items, groupOf) => inGroups(items, groupOf) })
    .configureOutput({
      writeOut,
      writeErr: () => {},
      getOutHelpWidth: () => width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** Groups flags for help: those of the command before the global ones. */
function inGroups<Item>(items: readonly Item[], groupOf: (item: Item) => string): Map<string, Item[]> {
  const isGlobal = (item: Item): boolean => groupOf(item) === GLOBAL_GROUP;
  const groups = new Map<string, Item[]>();
  for (const item of [...items.filter((one) => !isGlobal(one)), ...items.filter(isGlobal)])
    groups.set(groupOf(item), [...(groups.get(groupOf(item)) ?? []), item]);
  return groups;
}

/** Adds the global flags for help and suggestions only; `parseGlobals` has removed them from the command line. */
async function addGlobalFlags(command: Command): Promise<void> {
  const { Option } = await import('commander');
  for (const [flags, description] of GLOBAL_FLAGS) {
    command.addOption(new Option(flags, description).helpGroup(GLOBAL_GROUP));
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
