import { quoted } from '../../grammar/quoted.js';
import type { CallTerm, OptionTerm, Wording } from '../../system/phrase.js';

/** Flags that are not their option's name in kebab case. A value is part of texts that name only the flag. */
const FLAGS: Readonly<Record<string, string>> = {
  lockWaitMs: '--lock-wait 5min',
  sandboxes: '--sandbox',
  timeZone: '--tz',
};

/** Commands of the library's functions, up to their flags and arguments. */
const COMMANDS: Readonly<Record<string, string>> = {
  createSession: 'create --resume',
  emptyTrash: 'trash empty',
  listProjects: 'projects',
  listSessions: 'list',
  listTouchedFiles: 'files',
  listTrash: 'trash list',
  planPrune: 'prune -n --json',
  recover: 'recover',
  removeSession: 'rm',
  undoRewind: 'rewind --undo',
  'session.checkpoints': 'checkpoints',
  'session.messages': 'show',
  'session.move': 'move --session',
};

/**
 * Returns the wording of the commands: `--older-than`, `ccsess trash list`. `invocation` is how command lines begin,
 * as in a context.
 */
export function commandWording(invocation: string): Wording {
  return { option: flagWithValue, call: (term) => `${invocation} ${commandLine(term)}` };
}

/** Returns the flag of an option: `--older-than`. */
export function flagOf(option: string): string {
  return (FLAGS[option] ?? kebab(option)).replace(/ .*/, '');
}

function flagWithValue({ option, value }: OptionTerm): string {
  return value === null ? (FLAGS[option] ?? kebab(option)) : `${flagOf(option)} ${word(value)}`;
}

function commandLine({ call, args, options, session }: CallTerm): string {
  const flags = Object.entries(options).flatMap(([name, value]) => {
    const flag = name === 'project' ? '-p' : flagOf(name);
    return value === true ? [flag] : [flag, word(value)];
  });
  return [COMMANDS[call] ?? call, ...flags, ...(session === null ? [] : [session]), ...args.map(word)].join(' ');
}

/** Returns a word as it is typed, or a `<placeholder>` for one. */
function word(text: string): string {
  return /^<[\w ]+>$/.test(text) ? text : quoted(text);
}

function kebab(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
