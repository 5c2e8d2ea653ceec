import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { wordsOf } from '../layout.js';
import { LEDGER_COUNTS, ledgerStarts, WORD_BYTES } from '../ledger/ledger-layout.js';
import { Rejected, loadOrReject, type ReportRejection } from '../rejection.js';
import { saveFile } from '../save-file.js';
import type { IdSet } from './id-set.js';

/** "ccr" and the revision of this file; raised with every change to its layout and to the hash of ids. */
const MAGIC = 0x63637203;
/** First words. The checksum is that of all words after it, continued from that of the file's name. */
const HEAD = wordsOf(['magic', 'checksum', 'ledgers', 'reserved']);
/** A ledger: its offset in the segment, in units of eight bytes, and how many ids it has. */
const ENTRY = wordsOf(['offset', 'ids']);
const OFFSET_UNIT = 8;
const ID_WORDS = 2;

/** Calls back for ledgers of a segment as `Segments.forEach` does. */
type ForEachLedger = (use: (offset: number, words: Uint32Array, start: number) => void) => void;

/**
 * The ids of the responses and prompts in the ledgers of one segment without their other fields: a seventh of the
 * bytes. In file order: `HEAD`, an `ENTRY` per ledger by its offset, then the ids in the same order, two words each.
 */
export class SegmentIds {
  readonly #words: Uint32Array;

  private constructor(words: Uint32Array) {
    this.#words = words;
  }

  /** Reads a stored file; null if there is none, or if it is rejected, which is reported. */
  static load(path: string, report: ReportRejection): SegmentIds | null {
    return loadOrReject(path, report, (bytes) => SegmentIds.decode(bytes, basename(path)));
  }

  /**
   * Decodes the bytes of a file of this name, aligned to four in memory. Rejects anything that `encode` did not make.
   */
  static decode(bytes: Buffer, name: string): SegmentIds {
    if (bytes.length % WORD_BYTES !== 0 || bytes.length < HEAD.count * WORD_BYTES) throw new Rejected('truncated');
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / WORD_BYTES);
    if (words[HEAD.at.magic] !== MAGIC) throw new Rejected('foreign');
    if (words[HEAD.at.checksum] !== checksumOf(words, name)) throw new Rejected('checksum');
    const idsStart = HEAD.count + ENTRY.count * (words[HEAD.at.ledgers] ?? 0);
    if (idsStart > words.length) throw new Rejected('ids');
    let ids = 0;
    for (let at = HEAD.count; at < idsStart; at += ENTRY.count) ids += words[at + ENTRY.at.ids] ?? 0;
    if (idsStart + ID_WORDS * ids !== words.length) throw new Rejected('ids');
    return new SegmentIds(words);
  }

  /** Collects the ids of ledgers. */
  static of(forEachLedger: ForEachLedger): SegmentIds {
    const entries: number[] = [];
    const lists: Uint32Array[] = [];
    forEachLedger((offset, words, start) => {
      if (offset % OFFSET_UNIT !== 0) return;
      const { at } = LEDGER_COUNTS;
      const [responses, prompts] = [words[start + at.responses] ?? 0, words[start + at.prompts] ?? 0];
      const starts = ledgerStarts({ responses, prompts, toolCalls: 0 });
      // Ids of prompts follow ids of responses.
      const [from, end] = [start + starts.ids / WORD_BYTES, start + starts.requests / WORD_BYTES];
      entries.push(offset / OFFSET_UNIT, responses + prompts);
      lists.push(words.slice(from, end));
    });
    const length = lists.reduce((sum, ids) => sum + ids.length, HEAD.count + entries.length);
    const all = new Uint32Array(length);
    all[HEAD.at.magic] = MAGIC;
    all[HEAD.at.ledgers] = entries.length / ENTRY.count;
    all.set(entries, HEAD.count);
    let next = HEAD.count + entries.length;
    for (const ids of lists) {
      all.set(ids, next);
      next += ids.length;
    }
    return new SegmentIds(all);
  }

  /** Encodes the ids as a file of this name. */
  encode(name: string): Uint32Array {
    this.#words[HEAD.at.checksum] = checksumOf(this.#words, name);
    return this.#words;
  }

  /** Stores the ids for the next run; if the disk refuses, they are collected again then. */
  save(path: string): void {
    saveFile(path, [bytesOf(this.encode(basename(path)))]);
  }

  /** Calls back for each ledger, by its offset, with true if it holds one of these responses or prompts. */
  search(wanted: IdSet, report: (offset: number, holds: boolean) => void): void {
    const words = this.#words;
    const end = HEAD.count + ENTRY.count * (words[HEAD.at.ledgers] ?? 0);
    let next = end;
    for (let at = HEAD.count; at < end; at += ENTRY.count) {
      const ids = next;
      next += ID_WORDS * (words[at + ENTRY.at.ids] ?? 0);
      report((words[at + ENTRY.at.offset] ?? 0) * OFFSET_UNIT, wanted.hasAnyOf(words, ids, next));
    }
  }
}

/** Returns the checksum of all words after it, continued from the name, so that no file is taken for another. */
function checksumOf(words: Uint32Array, name: string): number {
  return crc32(bytesOf(words).subarray(WORD_BYTES * (HEAD.at.checksum + 1)), crc32(name));
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
