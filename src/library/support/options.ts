import { closest } from '../../grammar/choice.js';
import type { SessionKind } from '../../session-index/record.js';
import { CcsessError } from '../../system/errors.js';

/** A time: an age (`7d`), a date, or a Date. */
export type WrittenMoment = string | Date;
/** A size with a unit (`20MiB`), or a number of bytes. */
export type WrittenSize = string | number;
/** One value or several. */
export type OneOrMore<T> = T | readonly T[];

/** The names of all options of a call, to detect others. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/** Throws USAGE for an unknown option, since a misspelt one may have been meant to protect sessions. */
export function checkOptions<Options extends object>(options: Options, names: OptionNames<Options>): void {
  if (typeof options !== 'object' || options === null)
    throw new CcsessError('USAGE', `options must be an object, not ${String(options)}.`);
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const near = closest(name, Object.keys(names));
    throw new CcsessError('USAGE', `unknown option ${name}${near === null ? '' : ` (did you mean ${near}?)`}.`);
  }
}

/** Returns a time as text. Throws USAGE for an invalid Date, and for values of other types. */
export function momentText(moment: WrittenMoment, name: string): string {
  if (typeof moment === 'string') return moment;
  if (moment instanceof Date && !Number.isNaN(moment.getTime())) return moment.toISOString();
  throw new CcsessError('USAGE', `${name} ${String(moment)}: not a time. Pass a string such as '7d', or a Date.`);
}

/** Returns a size as text. Throws USAGE for a number that is not a count of bytes, and for values of other types. */
function sizeText(size: WrittenSize, name: string): string {
  if (typeof size === 'string') return size;
  if (Number.isSafeInteger(size) && size >= 0) return `${size}B`;
  throw new CcsessError(
    'USAGE',
    `${name} ${String(size)}: not a size. Pass a string such as '20MiB', or a number of bytes.`,
  );
}

/** Returns a count: a whole number of zero or more, or Infinity. Throws USAGE for any other value. */
export function checkCount(count: number, name: string): number {
  if (count >= 0 && (Number.isInteger(count) || count === Infinity)) return count;
  throw new CcsessError('USAGE', `${name} ${String(count)}: not a whole number of zero or more.`);
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
