/** Numbers of files by their inodes: a hash table with open addressing, which makes no objects. */
export class InodeMap {
  /** Pairs of an inode and a file's number; NaN marks a free one. At most half of them are in use. */
  #pairs = new Float64Array(2 ** 12).fill(NaN);
  /** Number of inodes. */
  size = 0;

  /** Sets the number of a file, and returns the one that the inode had before; -1 for none. */
  set(ino: number, file: number): number {
    if (this.size * 4 >= this.#pairs.length) this.#grow();
    const at = this.#slotOf(ino);
    const isNew = this.#pairs[at] !== ino;
    const before = isNew ? -1 : (this.#pairs[at + 1] ?? -1);
    this.#pairs[at] = ino;
    this.#pairs[at + 1] = file;
    if (isNew) this.size += 1;
    return before;
  }

  /** The number of the file with an inode; -1 for none. */
  get(ino: number): number {
    const at = this.#slotOf(ino);
    return this.#pairs[at] === ino ? (this.#pairs[at + 1] ?? -1) : -1;
  }

  /** All inodes, each with its file's number. */
  *entries(): Generator<readonly [ino: number, file: number]> {
    for (let at = 0; at < this.#pairs.length; at += 2) {
      const ino = this.#pairs[at] ?? NaN;
      if (!Number.isNaN(ino)) yield [ino, this.#pairs[at + 1] ?? -1];
    }
  }

  /** The position of an inode, or the free one where it would be. */
  #slotOf(ino: number): number {
    const mask = this.#pairs.length - 1;
    // The factor spreads the inodes of files that were created together, which follow one another.
    for (let at = (Math.imul(ino, 0x9e3779b1) >>> 7) & mask & ~1; ; at = (at + 2) & mask) {
      const found = this.#pairs[at] ?? NaN;
      // Only NaN differs from itself.
      if (found === ino || found !== found) return at;
    }
  }

  #grow(): void {
    const pairs = this.#pairs;
    this.#pairs = new Float64Array(4 * pairs.length).fill(NaN);
    this.size = 0;
    for (let at = 0; at < pairs.length; at += 2) {
      const ino = pairs[at] ?? NaN;
      if (ino === ino) this.set(ino, pairs[at + 1] ?? -1);
    }
  }
}
