import { closest } from '../../grammar/choice.js';
import type { SessionKind } from '../../session-index/record.js';
import { CcsessError } from '../../system/errors.js';

/** A time: an age (`7d`), a date, or a Date. */
export type WrittenMoment = string | Date;
/** A size with a unit (`20MiB`), or a number of bytes. */
export type WrittenSize = string | number;
/** One value or several. */
export type OneOrMore<T> = T | readonly T[];

/** Type of an option that `checkOptions` can check; functions check options of other types themselves. */
type KindOf<Value> = [Value] extends [boolean]
  ? 'boolean'
  : [Value] extends [string]
    ? 'string'
    : [Value] extends [number]
      ? 'number'
      : 'other';

/** The names of all options of a call, to detect others, and their types. */
export type OptionNames<Options> = {
  readonly [Name in keyof Options]-?: KindOf<Exclude<Options[Name], undefined>>;
};

/**
 * Throws USAGE for an unknown option, since a misspelt one may have been meant to protect sessions, and for a value of
 * another type: `dryRun: 1` must not delete anything.
 */
export function checkOptions<Options extends object>(options: Options, names: OptionNames<Options>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new CcsessError('USAGE', `options must be an object, not ${shown(options)}.`);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(names, name)) throw unknownOption(name, Object.keys(names));
    const kind = names[name as keyof Options];
    if (value === undefined || kind === 'other' || typeof value === kind) continue;
    throw new CcsessError('USAGE', `${name} must be a ${kind}, not ${shown(value)}.`);
  }
}

function unknownOption(name: string, names: readonly string[]): CcsessError {
  const near = closest(name, names);
  return new CcsessError('USAGE', `unknown option ${name}${near === null ? '' : ` (did you mean ${near}?)`}.`);
}

/** Returns a value as a message shows it; of an object or a symbol, which may have no text, only the type. */
function shown(value: unknown): string {
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}

/** Returns a time as text. Throws USAGE for an invalid Date, and for values of other types. */
export function momentText(moment: WrittenMoment, name: string): string {
  if (typeof moment === 'string') return moment;
  if (moment instanceof Date && !Number.isNaN(moment.getTime())) return moment.toISOString();
  throw new CcsessError('USAGE', `${name} ${shown(moment)}: not a time. Pass a string such as '7d', or a Date.`);
}

/** Returns a size as text. Throws USAGE for a number that is not a count of bytes, and for values of other types. */
function sizeText(size: WrittenSize, name: string): string {
  if (typeof size === 'string') return size;
  if (Number.isSafeInteger(size) && size >= 0) return `${size}B`;
  throw new CcsessError(
    'USAGE',
    `${name} ${shown(size)}: not a size. Pass a string such as '20MiB', or a number of bytes.`,
  );
}

/** Returns a count: a whole number of zero or more, or Infinity. Throws USAGE for any other value. */
export function checkCount(count: number, name: string): number {
  if (typeof count === 'number' && count >= 0 && (Number.isInteger(count) || count === Infinity)) return count;
  throw new CcsessError('USAGE', `${name} ${shown(count)}: not a whole number of zero or more.`);
}

/** Returns a limit: a count, of which 0 means no limit, as in commands; Infinity if there is none. Throws USAGE. */
export function checkLimit(limit: number | undefined, name: string): number {
  return limit === undefined ? Infinity : checkCount(limit, name) || Infinity;
}

/** Returns a string. Throws USAGE for any other value. */
export function checkText(text: string, name: string): string {
  if (typeof text === 'string') return text;
  throw new CcsessError('USAGE', `${name} must be a string, not ${text === null ? 'null' : typeof text}.`);
}

/** Returns what names a prompt or message: its number or id, as text. Throws USAGE for any other value. */
export function checkReference(reference: string | number, name: string): string {
  if (typeof reference === 'string' || typeof reference === 'number') return String(reference);
  throw new CcsessError('USAGE', `${name} must be a string or a number, not ${shown(reference)}.`);
}

/** Throws USAGE for anything but true and false. */
export function checkSwitch(value: boolean, name: string): void {
  if (typeof value !== 'boolean') throw new CcsessError('USAGE', `${name} must be a boolean, not ${shown(value)}.`);
}

/** Returns a path. Throws USAGE for a string that cannot be one, and for any other value. */
export function checkPath(path: string, name: string): string {
  if (!checkText(path, name).includes('\0')) return path;
  throw new CcsessError('USAGE', `${name} must not contain a NUL character.`);
}

/**
 * Returns one or several strings as a list. Throws USAGE for any other value, which would otherwise not filter at all.
 */
export function toList<T extends string>(values: OneOrMore<T>, name: string): readonly T[] {
  if (typeof values === 'string') return [values];
  if (!Array.isArray(values) || values.some((value) => typeof value !== 'string'))
    throw new CcsessError('USAGE', `${name} must be a string or an array of strings.`);
  return values;
}

/** Options of several functions, as callers pass them. */
interface GivenOptions {
  since?: WrittenMoment | undefined;
  until?: WrittenMoment | undefined;
  olderThan?: WrittenMoment | undefined;
  largerThan?: WrittenSize | undefined;
  maxTotal?: WrittenSize | undefined;
  project?: OneOrMore<string> | undefined;
  kind?: OneOrMore<SessionKind> | undefined;
  touched?: OneOrMore<string> | undefined;
}

/** Options as the core reads them: strings, as on the command line. */
interface WrittenOptions {
  since?: string;
  until?: string;
  olderThan?: string;
  largerThan?: string;
  maxTotal?: string;
  project?: readonly string[];
  kind?: readonly SessionKind[];
  touched?: readonly string[];
}

/**
 * Returns the options as strings, without those that are undefined. Throws USAGE as `momentText`, `sizeText` and
 * `toList`.
 */
export function writtenOptions(options: GivenOptions): WrittenOptions {
  const { since, until, olderThan, largerThan, maxTotal, project, kind, touched } = options;
  const moment = (value: WrittenMoment | undefined, name: string): string | undefined =>
    value === undefined ? undefined : momentText(value, name);
  const size = (value: WrittenSize | undefined, name: string): string | undefined =>
    value === undefined ? undefined : sizeText(value, name);
  return withoutUndefined({
    since: moment(since, 'since'),
    until: moment(until, 'until'),
    olderThan: moment(olderThan, 'olderThan'),
    largerThan: size(largerThan, 'largerThan'),
    maxTotal: size(maxTotal, 'maxTotal'),
    project: project === undefined ? undefined : toList(project, 'project'),
    kind: kind === undefined ? undefined : toList(kind, 'kind'),
    touched: touched === undefined ? undefined : toList(touched, 'touched'),
  });
}

/** Returns an object without the members that are undefined. Throws USAGE for a member that is not a string. */
export function textsWithoutUndefined<T extends Readonly<Record<string, string | undefined>>>(
  members: T,
): ReturnType<typeof withoutUndefined<T>> {
  for (const [name, value] of Object.entries(members)) if (value !== undefined) checkText(value, name);
  return withoutUndefined(members);
}

/** Returns an object without the members that are undefined. */
export function withoutUndefined<T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof withoutUndefined<T>
  >;
}
