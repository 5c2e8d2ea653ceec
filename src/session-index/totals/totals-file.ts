import { crc32 } from 'node:zlib';
import type { SessionLedger } from '../format/ledger/session-ledger.js';
import { Rejected, loadOrReject, type ReportRejection } from '../format/rejection.js';
import type { BlobRef } from '../format/table/column-layout.js';
import { textsIn } from '../format/texts.js';
import { SessionTotals, type TotalsSource } from './session-totals.js';
import { sumLedger } from './sum-ledger.js';
import { CALLS, ENTRY, HEAD, NONE, PROMPTS, RESPONSES } from './totals-layout.js';

/** "cct" and the revision of this file; raised with every change to its layout or to what ledgers hold. */
const MAGIC = 0x63637401;
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const KEY_FACTOR = 0x100000;

/** Identity of a ledger's bytes. */
export type LedgerKey = Pick<BlobRef, 'crc' | 'length'>;

/** Returns the key of a ledger, which two ledgers share only by chance. */
export function keyOf({ crc, length }: LedgerKey): number {
  return crc * KEY_FACTOR + (length % KEY_FACTOR);
}

/** A ledger in a file of totals. */
export interface KeptEntry {
  /** True if the ledger shares a response or prompt with another ledger of the file. */
  isSharing: boolean;
  /** Null if it shares, or if its sums would not be exact. */
  totals: SessionTotals | null;
  /** The entry's words as they are stored. */
  entry: Uint32Array;
  rows: Uint32Array;
}

/** Stored totals of ledgers, by their keys. */
export class TotalsFile implements TotalsSource {
  readonly words: Uint32Array;
  readonly texts: readonly string[];
  /** First word of each ledger's rows, and the end of the last one's. */
  readonly #rowStarts: Uint32Array;
  /** Numbers of ledgers by their keys; created when a ledger is not at its expected position. */
  #numbers: ReadonlyMap<number, number> | undefined;

  private constructor(words: Uint32Array, texts: readonly string[], rowStarts: Uint32Array) {
    this.words = words;
    this.texts = texts;
    this.#rowStarts = rowStarts;
  }

  /** Number of ledgers. */
  get length(): number {
    return this.#rowStarts.length - 1;
  }

  /** Reads a stored file; null if there is none, or if it is rejected, which is reported. */
  static load(path: string, report: ReportRejection): TotalsFile | null {
    return loadOrReject(path, report, (bytes) => TotalsFile.decode(bytes));
  }

  /** Decodes the bytes of a file, aligned to four in memory. Rejects anything that `TotalsWriter` did not make. */
  static decode(bytes: Buffer): TotalsFile {
    if (bytes.length < HEAD.count * WORD_BYTES) throw new Rejected('truncated');
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / WORD_BYTES));
    const head = (name: keyof (typeof HEAD)['at']): number => words[HEAD.at[name]] ?? 0;
    if (head('magic') !== MAGIC) throw new Rejected('foreign');
    if (head('checksum') !== checksumOf(bytes)) throw new Rejected('checksum');
    const rowsStart = HEAD.count + ENTRY.count * head('sessions');
    const textStart = (rowsStart + head('rowWords')) * WORD_BYTES;
    if (textStart + head('textBytes') !== bytes.length) throw new Rejected('totals');
    const rowStarts = new Uint32Array(head('sessions') + 1);
    let rows = rowsStart;
    for (let number = 0; number < head('sessions'); number++) {
      const word = (name: keyof (typeof ENTRY)['at']): number => words[entryStart(number) + ENTRY.at[name]] ?? 0;
      rowStarts[number] = rows;
      rows +=
        RESPONSES.count * word('responseRows') + PROMPTS.count * word('promptRows') + CALLS.count * word('callRows');
    }
    if (rows * WORD_BYTES !== textStart) throw new Rejected('totals');
    rowStarts[head('sessions')] = rows;
    return new TotalsFile(words, textsIn(bytes.subarray(textStart), 'totals'), rowStarts);
  }

  /** Returns the number of a ledger in the file, which is likely `expected`; -1 if it is not there. */
  numberOf(key: LedgerKey, expected = 0): number {
    if (this.#isAt(expected, key)) return expected;
    this.#numbers ??= new Map(Array.from({ length: this.length }, (_, number) => [keyOf(this.#keyAt(number)), number]));
    const number = this.#numbers.get(keyOf(key)) ?? -1;
    return this.#isAt(number, key) ? number : -1;
  }

  /** Returns the totals of a ledger by its number; null if it shares, or if its sums would not be exact. */
  totals(number: number): SessionTotals | null {
    const entry = entryStart(number);
    const isKept = this.words[entry + ENTRY.at.isKept] !== 0 && !this.#isSharing(number);
    return isKept ? new SessionTotals(this, entry, this.#rowStarts[number] ?? 0) : null;
  }

  /** Returns the stored entry of a ledger; undefined if it is not there. */
  find(key: LedgerKey): KeptEntry | undefined {
    const number = this.numberOf(key);
    if (number < 0) return undefined;
    const entry = entryStart(number);
    return {
      isSharing: this.#isSharing(number),
      totals: this.totals(number),
      entry: this.words.subarray(entry, entry + ENTRY.count),
      rows: this.words.subarray(this.#rowStarts[number], this.#rowStarts[number + 1]),
    };
  }

  #isSharing(number: number): boolean {
    return this.words[entryStart(number) + ENTRY.at.isSharing] !== 0;
  }

  #keyAt(number: number): LedgerKey {
    const entry = entryStart(number);
    return { crc: this.words[entry + ENTRY.at.crc] ?? 0, length: this.words[entry + ENTRY.at.bytes] ?? 0 };
  }

  #isAt(number: number, { crc, length }: LedgerKey): boolean {
    if (number < 0 || number >= this.length) return false;
    const entry = entryStart(number);
    return this.words[entry + ENTRY.at.crc] === crc && this.words[entry + ENTRY.at.bytes] === length;
  }
}

/** First word of an entry. */
function entryStart(number: number): number {
  return HEAD.count + ENTRY.count * number;
}

/** Makes a file of totals, ledger by ledger. */
export class TotalsWriter {
  readonly #texts: string[];
  readonly #numbers: Map<string, number>;
  readonly #entries: Uint32Array[] = [];
  readonly #rows: Uint32Array[] = [];

  /** `texts` are those of the file that entries are copied from. */
  constructor(texts: readonly string[]) {
    this.#texts = [...texts];
    this.#numbers = new Map(texts.map((text, number) => [text, number]));
  }

  /** Adds a ledger that was read. */
  add({ crc, length }: LedgerKey, ledger: SessionLedger, isSharing: boolean): void {
    const sums = isSharing ? null : sumLedger(ledger, (text) => this.#number(text));
    const entry = new Uint32Array(ENTRY.count);
    const { at } = ENTRY;
    entry[at.crc] = crc;
    entry[at.bytes] = length;
    entry[at.isSharing] = Number(isSharing);
    entry[at.isKept] = Number(sums !== null);
    entry[at.cwd] = this.#number(sums?.about.cwd ?? null);
    entry[at.repository] = this.#number(sums?.about.repository ?? null);
    entry[at.gitBranch] = this.#number(sums?.about.gitBranch ?? null);
    entry[at.responseRows] = (sums?.responses.length ?? 0) / RESPONSES.count;
    entry[at.promptRows] = (sums?.prompts.length ?? 0) / PROMPTS.count;
    entry[at.callRows] = (sums?.calls.length ?? 0) / CALLS.count;
    this.#entries.push(entry);
    if (sums !== null) this.#rows.push(Uint32Array.from([...sums.responses, ...sums.prompts, ...sums.calls]));
  }

  /** Adds a ledger of the file that `texts` are from. */
  copy({ entry, rows, isSharing }: KeptEntry, sharesNow: boolean): void {
    const copy = entry.slice();
    copy[ENTRY.at.isSharing] = Number(isSharing || sharesNow);
    this.#entries.push(copy);
    this.#rows.push(rows);
  }

  encode(): Buffer {
    const rowWords = this.#rows.reduce((sum, { length }) => sum + length, 0);
    const text = Buffer.from(JSON.stringify(this.#texts));
    const textStart = (HEAD.count + ENTRY.count * this.#entries.length + rowWords) * WORD_BYTES;
    const bytes = Buffer.from(new ArrayBuffer(textStart + text.length));
    const words = new Uint32Array(bytes.buffer, 0, textStart / WORD_BYTES);
    let next = HEAD.count;
    for (const part of [...this.#entries, ...this.#rows]) {
      words.set(part, next);
      next += part.length;
    }
    text.copy(bytes, textStart);
    words[HEAD.at.magic] = MAGIC;
    words[HEAD.at.sessions] = this.#entries.length;
    words[HEAD.at.rowWords] = rowWords;
    words[HEAD.at.textBytes] = text.length;
    words[HEAD.at.checksum] = checksumOf(bytes);
    return bytes;
  }

  #number(text: string | null): number {
    if (text === null) return NONE;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }
}

function checksumOf(bytes: Buffer): number {
  return crc32(bytes.subarray((HEAD.at.checksum + 1) * WORD_BYTES));
}
