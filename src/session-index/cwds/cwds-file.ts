import { crc32 } from 'node:zlib';
import { wordsOf } from '../format/layout.js';
import { Rejected, loadOrReject, type ReportRejection } from '../format/rejection.js';
import type { BlobRef } from '../format/table/column-layout.js';
import { textsIn } from '../format/texts.js';

/** "ccc" and the revision of this file; raised with every change to its layout or to which cwds sessions have. */
const MAGIC = 0x63636301;
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const HEAD = wordsOf(['magic', 'checksum', 'sessions', 'cwdWords', 'textBytes', 'reserved']);
/** A session: identity of its facts, and the number of its cwds. */
const ENTRY = wordsOf(['crc', 'bytes', 'cwds']);

/** Identity of the bytes of a session's facts. */
export type FactsKey = Pick<BlobRef, 'crc' | 'length'>;

/** The cwds of one session. */
export interface CwdsEntry extends FactsKey {
  cwds: readonly string[];
}

/** Stored cwds of sessions, by the identity of their facts. */
export class CwdsFile {
  readonly #words: Uint32Array;
  readonly #texts: readonly string[];
  /** First word of each session's cwds, and the end of the last one's. */
  readonly #starts: Uint32Array;
  /** Positions of sessions by their keys; made when a session is not at its expected position. */
  #positions: ReadonlyMap<string, number> | undefined;

  private constructor(words: Uint32Array, texts: readonly string[], starts: Uint32Array) {
    this.#words = words;
    this.#texts = texts;
    this.#starts = starts;
  }

  /** Reads a stored file; null if there is none, or if it is rejected, which is reported. */
  static load(path: string, report: ReportRejection): CwdsFile | null {
    return loadOrReject(path, report, (bytes) => CwdsFile.decode(bytes));
  }

  /** Decodes the bytes of a file, aligned to four in memory. Rejects anything that `encodeCwds` did not make. */
  static decode(bytes: Buffer): CwdsFile {
    if (bytes.length < HEAD.count * WORD_BYTES) throw new Rejected('truncated');
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / WORD_BYTES));
    const head = (name: keyof (typeof HEAD)['at']): number => words[HEAD.at[name]] ?? 0;
    if (head('magic') !== MAGIC) throw new Rejected('foreign');
    if (head('checksum') !== checksumOf(bytes)) throw new Rejected('checksum');
    const sessions = head('sessions');
    const textStart = (entryStart(sessions) + head('cwdWords')) * WORD_BYTES;
    if (textStart + head('textBytes') !== bytes.length) throw new Rejected('cwds');
    const starts = new Uint32Array(sessions + 1);
    let start = entryStart(sessions);
    for (let at = 0; at < sessions; at++) {
      starts[at] = start;
      start += words[entryStart(at) + ENTRY.at.cwds] ?? 0;
    }
    starts[sessions] = start;
    if (start * WORD_BYTES !== textStart) throw new Rejected('cwds');
    return new CwdsFile(words, textsIn(bytes.subarray(textStart), 'cwds'), starts);
  }

  /** Number of sessions. */
  get length(): number {
    return this.#starts.length - 1;
  }

  /** Returns the position of the session with these facts, which is likely `expected`; -1 if there is none. */
  positionOf(key: FactsKey, expected: number): number {
    if (this.#isAt(expected, key)) return expected;
    this.#positions ??= new Map(Array.from({ length: this.length }, (_, at) => [textOf(this.#keyAt(at)), at]));
    return this.#positions.get(textOf(key)) ?? -1;
  }

  /** The cwds of the session at a position. */
  cwds(at: number): string[] {
    return Array.from(
      this.#words.subarray(this.#starts[at], this.#starts[at + 1]),
      (number) => this.#texts[number] ?? '',
    );
  }

  /** Adds the cwds of sessions at some positions, in their order. */
  addTo(cwds: Set<string>, positions: Iterable<number>): void {
    const isAdded = new Uint8Array(this.#texts.length);
    for (const at of positions) {
      for (let word = this.#starts[at] ?? 0; word < (this.#starts[at + 1] ?? 0); word++) {
        const number = this.#words[word] ?? 0;
        if (isAdded[number] === 1) continue;
        isAdded[number] = 1;
        cwds.add(this.#texts[number] ?? '');
      }
    }
  }

  #keyAt(at: number): FactsKey {
    const entry = entryStart(at);
    return { crc: this.#words[entry + ENTRY.at.crc] ?? 0, length: this.#words[entry + ENTRY.at.bytes] ?? 0 };
  }

  #isAt(at: number, { crc, length }: FactsKey): boolean {
    if (at >= this.length) return false;
    const entry = entryStart(at);
    return this.#words[entry + ENTRY.at.crc] === crc && this.#words[entry + ENTRY.at.bytes] === length;
  }
}

/** Encodes the cwds of sessions as a file. */
export function encodeCwds(sessions: readonly CwdsEntry[]): Buffer {
  const numbers = new Map<string, number>();
  const numberOf = (cwd: string): number => {
    const number = numbers.get(cwd) ?? numbers.size;
    numbers.set(cwd, number);
    return number;
  };
  const lists = sessions.map(({ cwds }) => cwds.map(numberOf));
  const cwdWords = lists.reduce((sum, { length }) => sum + length, 0);
  const text = Buffer.from(JSON.stringify([...numbers.keys()]));
  const textStart = (entryStart(sessions.length) + cwdWords) * WORD_BYTES;
  const bytes = Buffer.from(new ArrayBuffer(textStart + text.length));
  const words = new Uint32Array(bytes.buffer, 0, textStart / WORD_BYTES);
  let next = entryStart(sessions.length);
  sessions.forEach(({ crc, length }, at) => {
    const list = lists[at] ?? [];
    const entry = entryStart(at);
    words[entry + ENTRY.at.crc] = crc;
    words[entry + ENTRY.at.bytes] = length;
    words[entry + ENTRY.at.cwds] = list.length;
    words.set(list, next);
    next += list.length;
  });
  text.copy(bytes, textStart);
  words[HEAD.at.magic] = MAGIC;
  words[HEAD.at.sessions] = sessions.length;
  words[HEAD.at.cwdWords] = cwdWords;
  words[HEAD.at.textBytes] = text.length;
  words[HEAD.at.checksum] = checksumOf(bytes);
  return bytes;
}

/** First word of an entry. */
function entryStart(at: number): number {
  return HEAD.count + ENTRY.count * at;
}

function textOf({ crc, length }: FactsKey): string {
  return `${crc} ${length}`;
}

function checksumOf(bytes: Buffer): number {
  return crc32(bytes.subarray((HEAD.at.checksum + 1) * WORD_BYTES));
}
