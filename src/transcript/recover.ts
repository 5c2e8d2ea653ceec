import type { ProblemCode } from '../system/problem.js';
import { asEntry, type Entry } from './messages/classify.js';
import { findObjectEnd } from './json/json-span.js';

/** Damage in one line; `offset` counts bytes from the start of the line. */
export interface LineDamage {
  /** At most one of each code per line. */
  code: Extract<ProblemCode, 'nul-run' | 'glued-records' | 'damaged-line' | 'torn-tail' | 'not-an-object'>;
  message: string;
  offset: number;
}

/** The entries and the damage of a line that is not one JSON object. */
export interface RecoveredLine {
  /** In the order of the line; `offset` is the start of each in bytes from the start of the line. */
  entries: { entry: Entry; offset: number }[];
  damage: LineDamage[];
}

/** Members that only complete entries have, never the objects nested in them (docs/storage.md). */
const ENTRY_MARKS = ['sessionId', 'parentUuid', 'leafUuid', 'messageId'];
const OBJECT_START = Buffer.from('{"');
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Recovers the entries of a line that `JSON.parse` refuses or that is not an object: skips NUL bytes, finds records
 * glued to others, and reports the rest as damage. Never throws, in linear time; `isLast` means that not even a newline
 * follows, so that a torn record may still be being written.
 */
export function recoverLine(bytes: Buffer, isLast: boolean): RecoveredLine {
  const start = bytes.subarray(0, 3).equals(BOM) ? 3 : 0;
  const entries: RecoveredLine['entries'] = [];
  const damage: LineDamage[] = [];
  const nuls = nulDamage(bytes);
  if (nuls !== null) damage.push(nuls);

  const whole = classifyLine(bytes, start);
  if (whole === 'blank') return { entries, damage };
  if (whole === 'other') {
    damage.push({ code: 'not-an-object', message: 'a JSON value that is not an object', offset: start });
    return { entries, damage };
  }
  const bad: { start: number; end: number; torn: boolean }[] = [];
  let glued: number | null = null;
  let done = start;
  for (const found of findEntries(bytes, start)) {
    const first = skipBlank(bytes, done);
    if (first < found.start) bad.push({ start: first, end: found.start, torn: false });
    if (first < found.start || entries.length > 0) glued ??= found.start;
    entries.push({ entry: found.entry, offset: found.start });
    done = found.end;
  }
  const rest = skipBlank(bytes, done);
  if (rest < bytes.length) {
    bad.push({ start: rest, end: bytes.length, torn: isLast && isTornObject(bytes, rest) });
  }
  if (glued !== null) {
    damage.push({ code: 'glued-records', message: 'a record begins in the middle of the line', offset: glued });
  }
  const torn = bad.find((part) => part.torn);
  const lost = bad.filter((part) => !part.torn);
  if (lost[0] !== undefined) {
    const count = lost.reduce((sum, part) => sum + part.end - part.start, 0);
    damage.push({
      code: 'damaged-line',
      message: `${plural(count, 'byte')} that cannot be read`,
      offset: lost[0].start,
    });
  }
  if (torn !== undefined) {
    damage.push({ code: 'torn-tail', message: 'the last record is not complete', offset: torn.start });
  }
  return { entries, damage };
}

interface FoundEntry {
  entry: Entry;
  start: number;
  end: number;
}

/** Yields every record in the bytes, but not the objects nested in a torn one. */
function* findEntries(bytes: Buffer, from: number): Generator<FoundEntry> {
  /** An object that begins between these positions needs no entry marks, since it cannot be nested in another one. */
  let trusted = [skipBlank(bytes, from), skipBlank(bytes, from)] as const;
  let at = bytes[trusted[0]] === 0x7b ? trusted[0] : bytes.indexOf(OBJECT_START, from);
  while (at >= 0) {
    const span = findObjectEnd(bytes, at);
    const entry = span.ok ? parseEntry(bytes, at, span.at) : null;
    const isTrusted = at >= trusted[0] && at <= trusted[1];
    let next = span.at;
    if (entry !== null && (isTrusted || looksWhole(entry))) {
      yield { entry, start: at, end: span.at };
      trusted = [span.at, skipBlank(bytes, span.at)];
    } else if (!span.ok) {
      // A record glued to a torn one begins where the torn one becomes invalid; if it is torn within a string, two
      // bytes before, since its `{"` is read as the end of that string.
      if (isTrusted || at > trusted[1]) trusted = [span.at - 2, span.at];
      next = at + 1;
    }
    at = bytes.indexOf(OBJECT_START, next);
  }
}

function looksWhole(entry: Entry): boolean {
  return typeof entry['type'] === 'string' && ENTRY_MARKS.some((mark) => entry[mark] !== undefined);
}

function parseEntry(bytes: Buffer, start: number, end: number): Entry | null {
  try {
    // Throws for more than half a GiB, the limit of strings.
    const text = bytes.toString('utf8', start, end);
    return asEntry(JSON.parse(text.includes('\0') ? text.replaceAll('\0', '') : text));
  } catch {
    return null;
  }
}

/** `blank`: only space and NUL bytes; `other`: valid JSON, but not an object; `open`: must be searched. */
function classifyLine(bytes: Buffer, start: number): 'blank' | 'other' | 'open' {
  const first = skipBlank(bytes, start);
  if (first === bytes.length) return 'blank';
  if (bytes[first] === 0x7b) return 'open';
  try {
    JSON.parse(bytes.toString('utf8', first).replaceAll('\0', ''));
    return 'other';
  } catch {
    return 'open';
  }
}

function isTornObject(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== 0x7b) return false;
  const span = findObjectEnd(bytes, at);
  return !span.ok && span.at >= bytes.length;
}

function nulDamage(bytes: Buffer): LineDamage | null {
  const first = bytes.indexOf(0);
  if (first < 0) return null;
  let count = 0;
  for (let at = first; at < bytes.length; at += 1) if (bytes[at] === 0) count += 1;
  return { code: 'nul-run', message: plural(count, 'NUL byte'), offset: first };
}

/** Returns the first position from `from` on with neither space nor NUL. */
function skipBlank(bytes: Buffer, from: number): number {
  let at = from;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const isSpace = byte === 0 || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
    if (!isSpace) break;
  }
  return at;
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
