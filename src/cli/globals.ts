import { CcsessError } from '../system/errors.js';
import type { GlobalOptions } from './context.js';
import { sanitize } from './render/text/sanitize.js';
import type { Reporting } from './terminal/fail.js';
import { parseChoice } from '../grammar/choice.js';
import { quoted } from '../grammar/quoted.js';

/** Values of `--color`. */
export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColorChoice = (typeof COLOR_CHOICES)[number];

/** The flags that every command takes, and the remaining command line. */
export interface Globals {
  options: GlobalOptions;
  configDirs: readonly string[];
  color: ColorChoice;
  /** Command, its arguments and flags. */
  rest: readonly string[];
  /** Words after the first `--`, for `claude` or the command. */
  passthrough: readonly string[];
}

/** The global flags as help shows them. */
export const GLOBAL_FLAGS: readonly (readonly [flags: string, description: string])[] = [
  ['--config-dir <dir>', 'config dir, repeatable ($CLAUDE_CONFIG_DIR or ~/.claude)'],
  ['--json', 'print JSON, also for errors'],
  ['--no-cache', 'read every transcript without using or writing the index'],
  ['--table', 'print tables in pipes too (for watch, less -R)'],
  ['--color <when>', `when to use colour: ${COLOR_CHOICES.join(', ')}`],
  ['--debug', 'print stack traces, and why an index file was not used'],
];

/**
 * Removes the global flags from a command line, before or after the command. They are parsed here and not by commander,
 * because the context for defining commands depends on them; throws usage errors.
 */
export function parseGlobals(argv: readonly string[]): Globals {
  const { own, passthrough } = splitAtDashes(argv);
  const options: GlobalOptions = { json: false, table: false, cache: true, debug: false };
  const configDirs: string[] = [];
  const rest: string[] = [];
  let color: ColorChoice = 'auto';
  for (let at = 0; at < own.length; at++) {
    const word = own[at] ?? '';
    const [flag, inline] = splitAtEquals(word);
    const value = (): string => {
      const found = inline ?? own[++at];
      if (found === undefined || found === '') throw new CcsessError('USAGE', `${flag} needs a value.`);
      return found;
    };
    if (word === '--json') options.json = true;
    else if (word === '--table') options.table = true;
    else if (word === '--no-cache') options.cache = false;
    else if (word === '--debug') options.debug = true;
    else if (flag === '--color') color = parseChoice(value(), COLOR_CHOICES, flag);
    else if (flag === '--config-dir') configDirs.push(value());
    else rest.push(word);
  }
  if (options.json && options.table) throw new CcsessError('USAGE', '--json and --table cannot be combined.');
  return { options, configDirs, color, rest, passthrough };
}

/** Returns how to call ccsess on the same config dirs, safe to print: `ccsess --config-dir /srv/claude`. */
export function invocationOf({ configDirs }: Pick<Globals, 'configDirs'>): string {
  return ['ccsess', ...configDirs.map((path) => `--config-dir ${quoted(sanitize(path))}`)].join(' ');
}

/** Returns how to report errors. Works even if the command line itself is invalid. */
export function reportingOf(argv: readonly string[]): Reporting {
  const { own } = splitAtDashes(argv);
  const configDirs = own.flatMap((word, at) => {
    const [flag, inline] = splitAtEquals(word);
    const path = flag === '--config-dir' ? (inline ?? own[at + 1]) : undefined;
    return path === undefined || path === '' ? [] : [path];
  });
  return { json: own.includes('--json'), debug: own.includes('--debug'), invocation: invocationOf({ configDirs }) };
}

function splitAtDashes(argv: readonly string[]): { own: readonly string[]; passthrough: readonly string[] } {
  const dashes = argv.indexOf('--');
  return dashes < 0
    ? { own: argv, passthrough: [] }
    : { own: argv.slice(0, dashes), passthrough: argv.slice(dashes + 1) };
}

function splitAtEquals(word: string): [flag: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}
