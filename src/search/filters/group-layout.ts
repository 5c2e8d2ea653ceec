import { bitFieldsOf, wordsOf } from '../../session-index/format/layout.js';
import { FILE_STAMP } from '../../session-index/format/stamps.js';

/** Bytes of a word. */
export const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const FLOAT_BYTES = Float64Array.BYTES_PER_ELEMENT;

/**
 * Words at the start of a group; `crc` covers all bytes after it up to the bits. The number of blocks of each scale
 * follows.
 */
export const GROUP = wordsOf(['length', 'crc', 'files', 'opaque', 'listedBytes', 'nameBytes', 'nameCrc', 'reserved']);
/** Number of scales. The scale of a block is the binary logarithm of the number of bytes of its bits. */
const SCALES = 24;
/** Bytes of the head of a group with its scales. */
export const GROUP_BYTES = (GROUP.count + SCALES) * WORD_BYTES;
/** First byte that the checksum of a directory covers. */
export const CHECKED_FROM = (GROUP.at.crc + 1) * WORD_BYTES;

/** Bits of a file's word: `opaque` (always read), `listed` (a folder of tool results, or in one), end of its blocks. */
export const FILE = bitFieldsOf({ opaque: 1, listed: 1, end: 30 });
/** Minimum number of bytes of bits that share a checksum, unless the matrix is smaller. */
const STRIPE_BYTES = 1024;

/**
 * The filters of one scale in a group. Row N holds word N of every filter, so a short read shows which have a bit set.
 */
export interface Matrix {
  scale: number;
  /** Number of filters. */
  width: number;
  /** Position of the first filter among all columns. */
  firstColumn: number;
  /** Words of one filter. */
  rows: number;
  /** Position of the first row, in bytes from the start of the group's bits. */
  start: number;
  /** Number of rows that share a checksum, a power of two. */
  stripeRows: number;
  /** Position of the first checksum. */
  firstStripe: number;
}

/** The parts of a group, with the positions of its sections in bytes. */
export interface Group {
  files: number;
  blocks: number;
  // Sections of the directory: states and words of files, sizes of blocks, the block of each column, checksums, names.
  stampsAt: number;
  filesAt: number;
  sizesAt: number;
  columnsAt: number;
  stripesAt: number;
  listedAt: number;
  listedBytes: number;
  bitsAt: number;
  namesAt: number;
  matrices: Matrix[];
  stripes: number;
}

/** Returns the layout of a group with a number of blocks of each scale. */
export function layoutOfGroup(counts: Pick<Group, 'files' | 'listedBytes'>, blocksOf: ArrayLike<number>): Group {
  const matrices: Matrix[] = [];
  let [blocks, stripes, bitBytes] = [0, 0, 0];
  for (let scale = 0; scale < blocksOf.length; scale += 1) {
    const width = blocksOf[scale] ?? 0;
    if (width === 0) continue;
    const rows = Math.max(1, 2 ** scale / WORD_BYTES);
    const rowBytes = width * WORD_BYTES;
    const stripeRows = Math.min(rows, 2 ** Math.ceil(Math.log2(Math.max(1, STRIPE_BYTES / rowBytes))));
    matrices.push({ scale, width, firstColumn: blocks, rows, start: bitBytes, stripeRows, firstStripe: stripes });
    blocks += width;
    stripes += rows / stripeRows;
    bitBytes += rows * rowBytes;
  }
  const stampsAt = GROUP_BYTES;
  const filesAt = stampsAt + counts.files * FILE_STAMP.width * FLOAT_BYTES;
  const sizesAt = filesAt + counts.files * WORD_BYTES;
  const columnsAt = sizesAt + blocks * WORD_BYTES;
  const stripesAt = columnsAt + blocks * WORD_BYTES;
  const listedAt = stripesAt + stripes * WORD_BYTES;
  const bitsAt = padded(listedAt + counts.listedBytes);
  const namesAt = bitsAt + bitBytes;
  const sections = { stampsAt, filesAt, sizesAt, columnsAt, stripesAt, listedAt, bitsAt, namesAt };
  return { ...counts, ...sections, blocks, matrices, stripes };
}

/** The numbers of blocks of each scale, which follow the words at the start of a group. */
export function scalesOf(group: Uint32Array): Uint32Array {
  return group.subarray(GROUP.count, GROUP.count + SCALES);
}

/** The next multiple of eight. */
export function padded(length: number): number {
  return Math.ceil(length / FLOAT_BYTES) * FLOAT_BYTES;
}
