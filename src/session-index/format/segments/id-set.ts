/** A set of response ids, two words each, without an object per id. */
export class IdSet {
  /** A hash table with open addressing, at most half full: positions of ids, counted from 1. */
  readonly #slots: Uint32Array;
  readonly #ids: Uint32Array;

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

  /** Returns true if any of the ids between two positions of `words` is in the set. */
  hasAnyOf(words: Uint32Array, start: number, end: number): boolean {
    for (let at = start; at < end; at += 2) {
      if (this.#slots[this.#slotOf(words[at] ?? 0, words[at + 1] ?? 0)] !== 0) return true;
    }
    return false;
  }

  /** Slot of an id, or the free one where it would be. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const position = this.#slots[slot] ?? 0;
      if (position === 0 || (this.#ids[2 * position - 2] === low && this.#ids[2 * position - 1] === high)) return slot;
    }
  }
}
