import { closest } from '../../grammar/choice.js';
import type { SessionKind } from '../../session-index/record.js';
import { CcsessError } from '../../system/errors.js';

/** A moment: an age (`7d`), a date, or a Date. */
export type WrittenMoment = string | Date;
/** A size: with a unit (`20MiB`), or a number of bytes. */
export type WrittenSize = string | number;
/** One or several. */
export type OneOrMore<T> = T | readonly T[];

/** The names of all options of a call, so that others can be refused. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/** Throws USAGE for an option that does not exist: a misspelt one may be what protects sessions. */
export function checkOptions<Options extends object>(options: Options, names: OptionNames<Options>): void {
  if (typeof options !== 'object' || options === null)
    throw new CcsessError('USAGE', `options are an object, not ${String(options)}.`);
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const near = closest(name, Object.keys(names));
    throw new CcsessError('USAGE', `unknown option ${name}${near === null ? '' : ` (did you mean ${near}?)`}.`);
  }
}

/** Returns a moment as it is written in text. Throws USAGE for a Date without a time, and for any other value. */
export function momentText(moment: WrittenMoment, name: string): string {
  if (typeof moment === 'string') return moment;
  if (moment instanceof Date && !Number.isNaN(moment.getTime())) return moment.toISOString();
  throw new CcsessError('USAGE', `${name} ${String(moment)}: not a moment. Pass a text such as '7d', or a Date.`);
}

/** Returns a size as it is written in text. Throws USAGE for a number that is not one of bytes, and any other value. */
function sizeText(size: WrittenSize, name: string): string {
  if (typeof size === 'string') return size;
  if (Number.isSafeInteger(size) && size >= 0) return `${size}B`;
  throw new CcsessError('USAGE', `${name} ${String(size)}: not a size. Pass a text such as '20MiB', or bytes.`);
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

/** Returns a text. Throws USAGE for any other value. */
export function checkText(text: string, name: string): string {
  if (typeof text === 'string') return text;
  throw new CcsessError('USAGE', `${name} is a text, not ${text === null ? 'null' : typeof text}.`);
}

/** Returns one or several texts as a list. Throws USAGE for any other value, which would be no filter at all. */
export function listOf<T extends string>(values: OneOrMore<T>, name: string): readonly T[] {
  if (typeof values === 'string') return [values];
  if (!Array.isArray(values) || values.some((value) => typeof value !== 'string'))
    throw new CcsessError('USAGE', `${name} is a text or a list of texts.`);
  return values;
}

/** Options that several functions take, as programs give them. */
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

/** Options in the form that the core reads: texts, as commands get them. */
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
 * Returns options as they are written, without those that are undefined. Throws USAGE as `momentText`, `sizeText` and
 * `listOf`.
 */
export function writtenOptions(options: GivenOptions): WrittenOptions {
  const { since, until, olderThan, largerThan, maxTotal, project, kind, touched } = options;
  const moment = (value: WrittenMoment | undefined, name: string): string | undefined =>
    value === undefined ? undefined : momentText(value, name);
  const size = (value: WrittenSize | undefined, name: string): string | undefined =>
    value === undefined ? undefined : sizeText(value, name);
  return given({
    since: moment(since, 'since'),
    until: moment(until, 'until'),
    olderThan: moment(olderThan, 'olderThan'),
    largerThan: size(largerThan, 'largerThan'),
    maxTotal: size(maxTotal, 'maxTotal'),
    project: project === undefined ? undefined : listOf(project, 'project'),
    kind: kind === undefined ? undefined : listOf(kind, 'kind'),
    touched: touched === undefined ? undefined : listOf(touched, 'touched'),
  });
}

/** Returns an object without the members that are undefined. Throws USAGE for one that is not a text. */
export function omitUndefined<T extends Readonly<Record<string, string | undefined>>>(
  members: T,
): ReturnType<typeof given<T>> {
  for (const [name, value] of Object.entries(members)) if (value !== undefined) checkText(value, name);
  return given(members);
}

/** Returns an object without the members that are undefined. */
export function given<T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof given<T>
  >;
}
