import { readSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { withFile } from '../../transcript/lines.js';
import { startOf } from './session-ledger.js';
import { removeTemporary, unique } from './store.js';

/** Raised with every change to what follows. */
const MAGIC = 0x63637201;
const HEADER = 4;
const AFTER_SUM = 2;
/** Words of an entry: a ledger's offset, in units of eight bytes, and how many responses it has. */
const ENTRY = 2;
const UNIT = 8;

/**
 * The ids of the responses in the ledgers of one segment, without their other fields: a seventh of the bytes. As words:
 * a magic number, the check sum of what follows, the number of ledgers, 0, an entry for each by their offset,
 * then the ids in the same order, two words each (`SessionLedger.ids`).
 */
export class SegmentIds {
  readonly #words: Uint32Array;

  private constructor(words: Uint32Array) {
    this.#words = words;
  }

  /** Reads what `save` wrote; null if there is none or anything about it is in doubt. */
  static load(path: string): SegmentIds | null {
    try {
      return withFile(path, (fd, size) => {
        const bytes = Buffer.from(new ArrayBuffer(size));
        if (readSync(fd, bytes, 0, bytes.length, 0) !== bytes.length) return null;
        const words = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
        const isWhole =
          words[0] === MAGIC && words[1] === checkSum(words, path) && HEADER + ENTRY * (words[2] ?? 0) <= words.length;
        return isWhole ? new SegmentIds(words) : null;
      });
    } catch {
      return null;
    }
  }

  /** Of ledgers that are shown as `Segments.show` shows them. */
  static of(each: (see: (offset: number, words: Uint32Array, start: number) => void) => void): SegmentIds {
    const entries: number[] = [];
    const ids: Uint32Array[] = [];
    each((offset, words, start) => {
      if (offset % UNIT !== 0) return;
      const count = words[start] ?? 0;
      const from = start + startOf('ids', count, words[start + 1] ?? 0);
      entries.push(offset / UNIT, count);
      ids.push(words.slice(from, from + 2 * count));
    });
    const all = new Uint32Array(HEADER + entries.length + ids.reduce((sum, { length }) => sum + length, 0));
    all[0] = MAGIC;
    all[2] = entries.length / ENTRY;
    all.set(entries, HEADER);
    let next = HEADER + entries.length;
    for (const some of ids) {
      all.set(some, next);
      next += some.length;
    }
    return new SegmentIds(all);
  }

  /** Keeps them for the next time; where the disk refuses, they are found anew then. */
  save(path: string): void {
    const temporary = `${path}.${unique()}.tmp`;
    this.#words[1] = checkSum(this.#words, path);
    try {
      writeFileSync(temporary, this.#words, { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      removeTemporary(temporary);
    }
  }

  /** Calls back for each ledger, by its offset, with true if it holds one of these. */
  look(wanted: ResponseIds, report: (offset: number, holds: boolean) => void): void {
    const words = this.#words;
    const end = HEADER + ENTRY * (words[2] ?? 0);
    let next = end;
    for (let at = HEADER; at < end; at += ENTRY) {
      const ids = next;
      next += 2 * (words[at + 1] ?? 0);
      report((words[at] ?? 0) * UNIT, wanted.areIn(words, ids, next));
    }
  }
}

/** The responses of some ledgers, to be looked for among those of many others without an object for each of these. */
export class ResponseIds {
  /** An open table, at most half full: the places of ids, counted from 1. */
  readonly #slots: Uint32Array;
  readonly #ids: Uint32Array;

  /** Each of the lists holds two words an id. */
  constructor(lists: readonly Uint32Array[]) {
    this.#ids = new Uint32Array(lists.reduce((sum, ids) => sum + ids.length, 0));
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(this.#ids.length + 2)));
    let next = 0;
    for (const ids of lists) {
      this.#ids.set(ids, next);
      next += ids.length;
    }
    for (let at = 0; at < next; at += 2) {
      const slot = this.#slotOf(this.#ids[at] ?? 0, this.#ids[at + 1] ?? 0);
      this.#slots[slot] = at / 2 + 1;
    }
  }

  /** True if one of these is among the ids from one word to another. */
  areIn(words: Uint32Array, start: number, end: number): boolean {
    for (let at = start; at < end; at += 2) {
      if (this.#slots[this.#slotOf(words[at] ?? 0, words[at + 1] ?? 0)] !== 0) return true;
    }
    return false;
  }

  /** Position of an id, or where it would be. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const place = this.#slots[slot] ?? 0;
      if (place === 0 || (this.#ids[2 * place - 2] === low && this.#ids[2 * place - 1] === high)) return slot;
    }
  }
}

/** Of the words behind it and of the file's name, so that those of another segment do not pass for these. */
function checkSum({ buffer, byteOffset, byteLength }: Uint32Array, path: string): number {
  return crc32(Buffer.from(buffer, byteOffset + 4 * AFTER_SUM, byteLength - 4 * AFTER_SUM), crc32(basename(path)));
}
