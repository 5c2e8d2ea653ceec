/** Functions of the compiled module that make filters. */
export interface SketchExports {
  sketch(at: number, end: number): number;
  isOpaque(listed: number): number;
  countFolded(half: number): number;
  fold(half: number): void;
  pack(values: number): void;
}

/** Position of the bits that the module packs. */
const BITS = 8192;
const HASH_VALUES = 32_768;
/** Bytes of text that share a filter. */
const BLOCK_BYTES = 256 * 1024;
/** Bytes of the next block that a block's filter covers as well, so that a run across their border is in one filter. */
export const OVERLAP = 64;
const STEP = 32;
const MIN_VALUES = 128;
/** Maximum size of a filter as a share of its text, and the size that small texts may have in any case. */
const MAX_SHARE = 1 / 50;
const MIN_BYTES = 1024;
/** Share of set bits up to which a filter is folded to half its size. */
const MAX_FILL = 0.15;

/** A part of a file, which follows the one before it. */
export interface SketchBlock {
  /** Bytes of the file. */
  size: number;
  bits: Uint8Array;
}

/** The trigrams of a file, as bits block by block (docs/index-format.md). */
export class FileSketch {
  readonly #wasm: SketchExports;
  readonly #memory: Buffer;
  readonly blocks: SketchBlock[] = [];
  /** The text has characters in forms that the trigrams do not show. */
  isOpaque = false;
  #from: number | null = null;
  #blockBytes = 0;

  constructor(wasm: SketchExports, memory: Buffer) {
    this.#wasm = wasm;
    this.#memory = memory;
  }

  /**
   * Adds the text between two positions in memory. The next text, which follows it in the file, will begin at `start`
   * too.
   */
  take(start: number, limit: number, isEnd: boolean): void {
    const from = this.#from ?? start;
    this.#blockBytes += limit - start;
    const isBlockEnd = isEnd || this.#blockBytes >= BLOCK_BYTES;
    const stop = isBlockEnd && !isEnd ? limit + OVERLAP : limit;
    const steps = isBlockEnd ? Math.ceil((stop - from) / STEP) : Math.floor((stop - from) / STEP);
    const listed = this.#wasm.sketch(from, from + steps * STEP);
    this.isOpaque ||= this.#wasm.isOpaque(listed) !== 0;
    this.#from = isBlockEnd ? start : from + steps * STEP - (limit - start);
    if (!isBlockEnd) return;
    if (this.#blockBytes > 0) this.blocks.push({ size: this.#blockBytes, bits: this.#packed() });
    this.#blockBytes = 0;
  }

  /**
   * Folds the bits to as few as the share of set ones allows: bit N stands for all values that are N modulo the number
   * of bits.
   */
  #packed(): Uint8Array {
    const mostBits = 8 * Math.max(MIN_BYTES, this.#blockBytes * MAX_SHARE);
    let values = HASH_VALUES;
    for (let half = values / 2; half >= MIN_VALUES; half /= 2) {
      if (values <= mostBits && this.#wasm.countFolded(half) > MAX_FILL * half) break;
      this.#wasm.fold(half);
      values = half;
    }
    this.#wasm.pack(values);
    // Short filters share memory, which saves garbage collection.
    const bits = Buffer.allocUnsafe(values / 8);
    this.#memory.copy(bits, 0, BITS, BITS + values / 8);
    return bits;
  }
}
