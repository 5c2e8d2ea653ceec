import { isAbsolute, join } from 'node:path';
import { CcsessError } from '../../../system/errors.js';
import { errorCode } from '../../../system/problem.js';
import { readPlainFile, withoutMark } from '../../../system/small-file.js';
import { closest } from '../../../grammar/choice.js';
import { ACTIONS, BINDINGS, keyMapOf, type Action, type KeyMap, type UserCommand } from './key-map.js';

type Env = Readonly<Record<string, string | undefined>>;

const PLACEHOLDERS = ['{id}', '{path}', '{cwd}'];
const NAMED_KEY =
  'enter|esc|tab|backspace|delete|insert|space|up|down|left|right|home|end|page-up|page-down|f[1-9]|f1[0-2]';
/** Keys with Ctrl or Alt, and named keys, as the decoder names them. */
const KEY = new RegExp(
  `^(?:(?:ctrl-)?(?:alt-)?(?:shift-)?(?:${NAMED_KEY})|(?:ctrl-|alt-|ctrl-alt-)[^\\s]|ctrl-shift-[a-z])$`,
  'u',
);
const TYPING = /^(?:space|backspace|left|right)$/;

/** The path of the configuration: `$XDG_CONFIG_HOME/ccsess/config.json`, else `~/.config/ccsess/config.json`. */
export function configPath(env: Env, home: string): string {
  const xdg = env['XDG_CONFIG_HOME'] ?? '';
  return join(isAbsolute(xdg) ? xdg : join(home, '.config'), 'ccsess', 'config.json');
}

/**
 * Reads the keys of the configuration; without one, returns the default keys. Throws USAGE if it is invalid, IO if it
 * cannot be read.
 */
export function readKeyMap(env: Env, home: string): KeyMap {
  const path = configPath(env, home);
  const text = readConfig(path);
  return text === null ? keyMapOf() : parseKeyMap(text, path);
}

function readConfig(path: string): string | null {
  try {
    return readPlainFile(path);
  } catch (error) {
    throw new CcsessError('IO', `${path} cannot be read (${errorCode(error) ?? 'not a regular file'}).`, {
      cause: error,
    });
  }
}

/** Parses the text of a configuration (docs/schema/config.schema.json). Throws USAGE that names the invalid member. */
export function parseKeyMap(text: string, path: string): KeyMap {
  const fail = (where: string, what: string): never => {
    throw new CcsessError('USAGE', `${path}: ${where === '' ? '' : `${where}: `}${what}.`);
  };
  let config: unknown;
  try {
    config = JSON.parse(withoutMark(text));
  } catch (error) {
    return fail('', `not valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const root = members(config, '', ['$schema', 'picker'], fail);
  const picker = members(root['picker'] ?? {}, 'picker', ['keys', 'commands'], fail);
  const keys = readKeys(members(picker['keys'] ?? {}, 'picker.keys', ACTIONS, fail), fail);
  const commands = readCommands(picker['commands'] ?? [], fail);
  refuseDuplicates(keys, commands, fail);
  return keyMapOf(keys, commands);
}

type Fail = (where: string, what: string) => never;

function members(value: unknown, where: string, known: readonly string[], fail: Fail): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(where, 'must be an object');
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const near = closest(name, known);
    fail(where, `unknown member "${name}"${near === null ? '' : ` (did you mean "${near}"?)`}`);
  }
  return value as Record<string, unknown>;
}

function readKeys(given: Record<string, unknown>, fail: Fail): Map<Action, readonly string[]> {
  const keys = new Map<Action, readonly string[]>();
  for (const action of ACTIONS) {
    const value = given[action];
    if (value === undefined) continue;
    const list: unknown[] = Array.isArray(value) ? value : [value];
    keys.set(
      action,
      list.map((key) => readKey(key, `picker.keys.${action}`, fail)),
    );
  }
  for (const action of ['accept', 'leave'] as const)
    if (keys.get(action)?.length === 0) fail(`picker.keys.${action}`, 'needs a key');
  return keys;
}

function readKey(value: unknown, where: string, fail: Fail): string {
  if (typeof value !== 'string') return fail(where, 'a key must be a string, for example "ctrl-f"');
  if (value === 'ctrl-c' || value === 'ctrl-z') return fail(where, `${value} cannot be bound`);
  if (!KEY.test(value) || TYPING.test(value))
    return fail(where, `"${value}" is not a key; write for example "ctrl-f", "alt-x", "f5" or "page-down"`);
  return value;
}

function readCommands(value: unknown, fail: Fail): UserCommand[] {
  if (!Array.isArray(value)) return fail('picker.commands', 'must be an array');
  return value.map((item: unknown, at) => {
    const where = `picker.commands[${at}]`;
    const { key, label, run } = members(item, where, ['key', 'label', 'run'], fail);
    const alt = readKey(key, `${where}.key`, fail);
    if (!alt.startsWith('alt-')) fail(`${where}.key`, 'must be a key with Alt, for example "alt-e"');
    if (label !== undefined && typeof label !== 'string') fail(`${where}.label`, 'must be a string');
    if (!Array.isArray(run) || run.length === 0 || !run.every((word) => typeof word === 'string' && word !== ''))
      return fail(`${where}.run`, 'must be an array of strings: a program and its arguments');
    const argv = run as string[];
    const unknown = argv
      .flatMap((word) => word.match(/\{[a-z]+\}/g) ?? [])
      .find((word) => !PLACEHOLDERS.includes(word));
    if (unknown !== undefined)
      fail(`${where}.run`, `unknown placeholder ${unknown}; known are ${PLACEHOLDERS.join(', ')}`);
    return { key: alt, label: typeof label === 'string' ? label : argv.join(' '), run: argv };
  });
}

/** Refuses a key that the configuration binds twice. Keys may be taken from actions that it does not mention. */
function refuseDuplicates(
  keys: ReadonlyMap<Action, readonly string[]>,
  commands: readonly UserCommand[],
  fail: Fail,
): void {
  const seen = new Map<string, string>();
  const claim = (key: string, owner: string): void => {
    const other = seen.get(key);
    if (other !== undefined && other !== owner) fail('picker', `${key} is bound twice: to ${other} and to ${owner}`);
    seen.set(key, owner);
  };
  for (const { action } of BINDINGS) for (const key of keys.get(action) ?? []) claim(key, action);
  for (const [at, { key }] of commands.entries()) claim(key, `commands[${at}]`);
}
