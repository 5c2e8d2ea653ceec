import type { Command } from 'commander';
import { parseAge } from '../grammar/age.js';
import { closest } from '../grammar/choice.js';
import { quoted } from '../grammar/quoted.js';
import { CcsessError } from '../system/errors.js';
import { COMMAND_FLAGS, FOREIGN_FLAGS, lookUp } from './command-words.js';

/** An error thrown by commander. */
export interface CommanderFailure extends Error {
  exitCode: number;
  code: string;
}

/** True for an error of commander. Checked by code, since importing its class would load commander on every run. */
export function isCommanderError(error: unknown): error is CommanderFailure {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('commander.')
  );
}

/** Returns commander's error as one sentence, with a suggestion if possible. */
export function usageError({ message, code }: CommanderFailure, command: Command): CcsessError {
  const sentence = message.replace(/^error: /, '').replace(/\.?$/, '');
  const usage = `${command.name()} ${command.usage()}`.replace(/\n\s*/g, ' or ');
  const surplus = command.args[command.registeredArguments.length] ?? '';
  const help = `${command.name()} --help`;
  const seeHelp = `${sentence}; see ${help}`;
  const text =
    code === 'commander.excessArguments'
      ? `unexpected argument '${surplus}': ${meantBy(command) ?? `usage is ${usage}`}`
      : code === 'commander.missingArgument'
        ? `${sentence}: usage is ${usage}`
        : `${(code === 'commander.unknownOption' ? nearestFlag(sentence, command) : null) ?? seeHelp}.`;
  return new CcsessError('USAGE', text, { hint: help });
}

/** Returns the message with a suggestion for an unknown flag; null if there is none. */
function nearestFlag(message: string, command: Command): string | null {
  const [, flag = '', equals = ''] = /'(-[^'=]*)(=?)/.exec(message) ?? [];
  const flags = command.options.flatMap(({ short = '', long = '' }) => [short, long]);
  if (equals !== '' && flags.includes(flag)) return `option '${flag}' takes no value`;
  const own = lookUp(COMMAND_FLAGS, command.name().replace(/^ccsess /, '')) ?? {};
  const foreign = lookUp(own, flag) ?? lookUp(FOREIGN_FLAGS, flag);
  if (foreign !== undefined && (!foreign.startsWith('-') || flags.includes(foreign.split(' ')[0] ?? '')))
    return `unknown option '${flag}' (did you mean ${foreign}?)`;
  const names = flags.filter((name) => name.startsWith('--')).map((name) => name.slice(2));
  const near = flag.startsWith('--') ? closest(flag.slice(2), names) : null;
  return near === null ? null : `${message} (did you mean --${near}?)`;
}

/**
 * Returns the command line that was probably meant if a value was given without its flag, or a title without quotes.
 */
function meantBy(command: Command): string | null {
  const { args } = command;
  const name = command.name();
  // The other flags are repeated, since the line could do more without them: `-n` makes it a dry run.
  const line = (...words: readonly string[]): string => [name, ...words, ...givenFlags(command, words)].join(' ');
  const [first = '', second = ''] = args;
  if (name === 'ccsess create') return line('--title', quoted(args.join(' ')));
  const flags = command.options.flatMap(({ long }) => long ?? []);
  const ageFlag = AGE_FLAGS.find((flag) => flags.includes(flag));
  const isSession = command.registeredArguments[0]?.name() === 'session';
  if (!isSession && ageFlag !== undefined && command.registeredArguments.length === 0) {
    const typed: unknown = command.opts()['olderThan'];
    if (args.length === 1 && typeof typed === 'string' && /^\d+$/.test(typed) && isAge(typed + first))
      return line(ageFlag, typed + first);
    const age = args.join(' ');
    return isAge(age) ? line(ageFlag, quoted(age)) : null;
  }
  if (!isSession || command.registeredArguments.length !== 1) return null;
  const numbered = ['--at', '--to'].find((flag) => flags.includes(flag));
  if (args.length === 2 && numbered !== undefined && /^\d+$/.test(second)) return line(quoted(first), numbered, second);
  return args.every((word) => TITLE_WORD.test(word)) ? line(quoted(args.join(' '))) : null;
}

/** Flags that an age may belong to, most likely first. */
const AGE_FLAGS = ['--since', '--within', '--older-than'];
/** Minutes or months: the error about the flag's value asks which is meant. */
const MINUTES_OR_MONTHS = /^\d+m$/;
/** A word of a title: not a row of the list, and not an id or the start of one. */
const TITLE_WORD = /^(?!@)(?![0-9a-f-]*\d[0-9a-f-]*$)./iu;

function isAge(text: string): boolean {
  if (MINUTES_OR_MONTHS.test(text)) return true;
  try {
    parseAge(text, '');
    return true;
  } catch {
    return false;
  }
}

/** Returns the flags that were given, except those among `words`, which replace them. */
function givenFlags(command: Command, words: readonly string[]): string[] {
  return command.options.flatMap((option) => {
    const member = option.attributeName();
    const flag = option.long ?? option.short ?? '';
    if (words.includes(flag) || command.getOptionValueSource(member) !== 'cli') return [];
    const value: unknown = command.getOptionValue(member);
    if (typeof value === 'boolean') return value === option.negate ? [] : [flag];
    return [value].flat().flatMap((one) => (typeof one === 'string' ? [flag, quoted(one)] : []));
  });
}
