import { crc32 } from 'node:zlib';
import { wordsOf } from '../format/layout.js';
import { loadOrReject, Rejected, type ReportRejection } from '../format/rejection.js';
import type { BlobRef } from '../format/table/column-layout.js';

/** "ccn" and the revision of this file; raised with every change to its layout or to which facts name a session. */
const MAGIC = 0x63636e01;
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const HEAD = wordsOf(['magic', 'checksum', 'sessions', 'lines', 'textBytes', 'reserved']);
/** A session: identity of its facts, and its two lines. */
const ENTRY = wordsOf(['crc', 'bytes', 'titles', 'folders']);
/** Line number of a session that may have any name. */
const ANY = 0xffffffff;

/** Identity of the bytes of a session's facts. */
export type FactsKey = Pick<BlobRef, 'crc' | 'length'>;

/** The names of one session as lines of bytes (latin1); null if it may have any name. */
export interface NamesEntry extends FactsKey {
  lines: readonly [titles: string, folders: string] | null;
}

/** A part of the texts of the file. */
interface Span {
  start: number;
  end: number;
}

/** Stored names of sessions, by the identity of their facts. Equal lines are stored once. */
export class NamesFile {
  readonly #words: Uint32Array;
  /** The lines, each with its newline. */
  readonly texts: Buffer;
  readonly sessions: number;
  readonly lines: number;
  /** Positions of sessions by their keys; made when a session is not at its expected position. */
  #positions: ReadonlyMap<number, number> | undefined;

  private constructor(words: Uint32Array, texts: Buffer, sessions: number, lines: number) {
    this.#words = words;
    this.texts = texts;
    this.sessions = sessions;
    this.lines = lines;
  }

  /** Reads a stored file; null if there is none, or if it is rejected, which is reported. */
  static load(path: string, report: ReportRejection): NamesFile | null {
    return loadOrReject(path, report, (bytes) => NamesFile.decode(bytes));
  }

  /** Decodes the bytes of a file, aligned to four in memory. Rejects anything that `encodeNames` did not make. */
  static decode(bytes: Buffer): NamesFile {
    if (bytes.length < HEAD.count * WORD_BYTES) throw new Rejected('truncated');
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / WORD_BYTES));
    const head = (name: keyof (typeof HEAD)['at']): number => words[HEAD.at[name]] ?? 0;
    if (head('magic') !== MAGIC) throw new Rejected('foreign');
    if (head('checksum') !== checksumOf(bytes)) throw new Rejected('checksum');
    const [sessions, lines] = [head('sessions'), head('lines')];
    const textStart = (entryStart(sessions) + lines) * WORD_BYTES;
    if (textStart + head('textBytes') !== bytes.length) throw new Rejected('names');
    return new NamesFile(words, bytes.subarray(textStart), sessions, lines);
  }

  /** Returns the position of the session with these facts, which is likely `expected`; -1 if there is none. */
  positionOf(crc: number, length: number, expected: number): number {
    const entry = entryStart(expected);
    const isThere =
      expected < this.sessions &&
      this.#words[entry + ENTRY.at.crc] === crc &&
      this.#words[entry + ENTRY.at.bytes] === length;
    if (isThere) return expected;
    this.#positions ??= new Map(
      Array.from({ length: this.sessions }, (_, at) => {
        const key = this.#keyAt(at);
        return [keyOf(key.crc, key.length), at];
      }),
    );
    return this.#positions.get(keyOf(crc, length)) ?? -1;
  }

  /** Returns 1 for each position whose session has a line in these parts of the texts, or may have any name. */
  withLines(spans: readonly Span[]): Uint8Array {
    const isFound = new Uint8Array(this.lines);
    let line = 0;
    for (const { start } of spans) {
      while (line < this.lines && this.#endOf(line) <= start) line += 1;
      isFound[line] = 1;
    }
    const possible = new Uint8Array(this.sessions);
    for (let at = 0; at < this.sessions; at += 1) {
      const entry = entryStart(at);
      const titles = this.#words[entry + ENTRY.at.titles] ?? ANY;
      const folders = this.#words[entry + ENTRY.at.folders] ?? ANY;
      if (titles === ANY || isFound[titles] === 1 || isFound[folders] === 1) possible[at] = 1;
    }
    return possible;
  }

  /** The names of the session at a position. */
  entry(at: number): NamesEntry {
    const entry = entryStart(at);
    const titles = this.#words[entry + ENTRY.at.titles] ?? ANY;
    const folders = this.#words[entry + ENTRY.at.folders] ?? ANY;
    return { ...this.#keyAt(at), lines: titles === ANY ? null : [this.#line(titles), this.#line(folders)] };
  }

  #line(number: number): string {
    const start = number === 0 ? 0 : this.#endOf(number - 1);
    return this.texts.toString('latin1', start, this.#endOf(number) - 1);
  }

  #endOf(line: number): number {
    return this.#words[entryStart(this.sessions) + line] ?? 0;
  }

  #keyAt(at: number): FactsKey {
    const entry = entryStart(at);
    return { crc: this.#words[entry + ENTRY.at.crc] ?? 0, length: this.#words[entry + ENTRY.at.bytes] ?? 0 };
  }
}

/** Encodes the names of sessions as a file. */
export function encodeNames(sessions: readonly NamesEntry[]): Buffer {
  const numbers = new Map<string, number>();
  const numberOf = (line: string): number => {
    const number = numbers.get(line) ?? numbers.size;
    numbers.set(line, number);
    return number;
  };
  const ambiguous = ambiguousKeys(sessions);
  const pairs = sessions.map(({ crc, length, lines }) =>
    lines === null || ambiguous.has(keyOf(crc, length)) ? [ANY, ANY] : lines.map(numberOf),
  );
  const lines = [...numbers.keys()];
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
  const textStart = (entryStart(sessions.length) + lines.length) * WORD_BYTES;
  const bytes = Buffer.from(new ArrayBuffer(textStart + text.length));
  const words = new Uint32Array(bytes.buffer, 0, textStart / WORD_BYTES);
  sessions.forEach(({ crc, length }, at) => {
    const entry = entryStart(at);
    const [titles = ANY, folders = ANY] = pairs[at] ?? [];
    words[entry + ENTRY.at.crc] = crc;
    words[entry + ENTRY.at.bytes] = length;
    words[entry + ENTRY.at.titles] = titles;
    words[entry + ENTRY.at.folders] = folders;
  });
  let end = 0;
  for (const [at, line] of lines.entries()) words[entryStart(sessions.length) + at] = end += line.length + 1;
  text.copy(bytes, textStart);
  words[HEAD.at.magic] = MAGIC;
  words[HEAD.at.sessions] = sessions.length;
  words[HEAD.at.lines] = lines.length;
  words[HEAD.at.textBytes] = text.length;
  words[HEAD.at.checksum] = checksumOf(bytes);
  return bytes;
}

/** Returns the keys that sessions with different names have in common: they may have any name. */
function ambiguousKeys(sessions: readonly NamesEntry[]): ReadonlySet<number> {
  const known = new Map<number, string>();
  const ambiguous = new Set<number>();
  for (const { crc, length, lines } of sessions) {
    const key = keyOf(crc, length);
    const names = lines?.join('\n') ?? '';
    if ((known.get(key) ?? names) !== names) ambiguous.add(key);
    known.set(key, names);
  }
  return ambiguous;
}

/** First word of an entry. */
function entryStart(at: number): number {
  return HEAD.count + ENTRY.count * at;
}

/** Lengths of facts are used modulo this, since their checksums differ anyway. */
const MAX_LENGTH = 2 ** 21;

function keyOf(crc: number, length: number): number {
  return crc * MAX_LENGTH + (length % MAX_LENGTH);
}

function checksumOf(bytes: Buffer): number {
  return crc32(bytes.subarray((HEAD.at.checksum + 1) * WORD_BYTES));
}
