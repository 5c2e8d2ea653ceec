import type { FileStamp } from '../../claude/model.js';
import { FILE_STAMP } from '../../session-index/format/stamps.js';
import { wordsOf } from '../../session-index/format/layout.js';
import type { SketchBlock } from '../raw/file-sketch.js';

/** The filter of one file, stored by a search so that later searches can skip the file. */
export interface FileFilter {
  /** Path of the file below the projects folder. */
  path: string;
  stamp: FileStamp;
  /** True if the file may contain text that its trigrams do not show; it is then read by every search. */
  isOpaque: boolean;
  blocks: readonly SketchBlock[];
}

const FLOAT_BYTES = Float64Array.BYTES_PER_ELEMENT;
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const STAMP_BYTES = FILE_STAMP.width * FLOAT_BYTES;
const HEAD = wordsOf(['isOpaque', 'nameBytes', 'blocks', 'reserved']);
const HEAD_BYTES = STAMP_BYTES + HEAD.count * WORD_BYTES;
/** Words before the bits of a block: the number of bytes of the bits, and of the part of the file they describe. */
const BLOCK = wordsOf(['bits', 'size']);
const BLOCK_BYTES = BLOCK.count * WORD_BYTES;

/**
 * Packs a filter into one buffer, which can be passed between threads: the stamp, the words of `HEAD`, the path, then
 * the blocks. Its length is a multiple of eight.
 */
export function packFilter({ path, stamp, isOpaque, blocks }: FileFilter): Uint8Array {
  const name = Buffer.from(path);
  const blocksAt = HEAD_BYTES + padded(name.length);
  const length = blocks.reduce((sum, { bits }) => sum + BLOCK_BYTES + padded(bits.length), blocksAt);
  const bytes = new Uint8Array(length);
  FILE_STAMP.write(stamp, new Float64Array(bytes.buffer, 0, FILE_STAMP.width), 0);
  const words = new Uint32Array(bytes.buffer);
  const head = STAMP_BYTES / WORD_BYTES;
  words[head + HEAD.at.isOpaque] = Number(isOpaque);
  words[head + HEAD.at.nameBytes] = name.length;
  words[head + HEAD.at.blocks] = blocks.length;
  bytes.set(name, HEAD_BYTES);
  let at = blocksAt;
  for (const { size, bits } of blocks) {
    words[at / WORD_BYTES + BLOCK.at.bits] = bits.length;
    words[at / WORD_BYTES + BLOCK.at.size] = size;
    bytes.set(bits, at + BLOCK_BYTES);
    at += BLOCK_BYTES + padded(bits.length);
  }
  return bytes;
}

/** Unpacks a filter without copying its bits. `bytes` must begin at a multiple of eight in their buffer. */
export function unpackFilter(bytes: Uint8Array): FileFilter {
  const { buffer, byteOffset, length } = bytes;
  const stamp = FILE_STAMP.read(new Float64Array(buffer, byteOffset, FILE_STAMP.width), 0);
  const words = new Uint32Array(buffer, byteOffset, length / WORD_BYTES);
  const wordAt = (at: number, word: number): number => words[at / WORD_BYTES + word] ?? 0;
  const nameBytes = wordAt(STAMP_BYTES, HEAD.at.nameBytes);
  const path = Buffer.from(buffer, byteOffset + HEAD_BYTES, nameBytes).toString('utf8');
  const blocks: SketchBlock[] = [];
  let at = HEAD_BYTES + padded(nameBytes);
  for (let left = wordAt(STAMP_BYTES, HEAD.at.blocks); left > 0; left -= 1) {
    const bits = wordAt(at, BLOCK.at.bits);
    blocks.push({
      size: wordAt(at, BLOCK.at.size),
      bits: bytes.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + bits),
    });
    at += BLOCK_BYTES + padded(bits);
  }
  return { path, stamp, isOpaque: wordAt(STAMP_BYTES, HEAD.at.isOpaque) !== 0, blocks };
}

function padded(length: number): number {
  return Math.ceil(length / FLOAT_BYTES) * FLOAT_BYTES;
}
