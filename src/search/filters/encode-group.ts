import { crc32 } from 'node:zlib';
import { bitsAt } from '../../session-index/format/layout.js';
import { FILE_STAMP } from '../../session-index/format/stamps.js';
import type { FileFilter } from './filter-record.js';
import {
  CHECKED_FROM,
  FILE,
  type Group,
  GROUP,
  GROUP_BYTES,
  layoutOfGroup,
  type Matrix,
  padded,
  scalesOf,
  WORD_BYTES,
} from './group-layout.js';

/** Memory of the last group, which the next one reuses: allocating megabytes for each would make the process grow. */
let memory = Buffer.alloc(0);

/** Name of a folder of tool results, or of a file in one. */
const LISTED_NAME = /^[^/]+\/[^/]+\/tool-results(?:\/|$)/;

/**
 * Encodes filters as a group. The filter of a folder of tool results has no blocks, and the number of files in the
 * folder as its size: if that many files have filters and the folder is unchanged, no other file is in it. The result
 * is valid until the next call.
 */
export function encodeGroup(filters: readonly FileFilter[]): Buffer {
  const blocks = filters.flatMap((filter) => filter.blocks);
  const scales = blocks.map(({ bits }) => Math.log2(bits.length));
  const head = new Uint32Array(GROUP_BYTES / WORD_BYTES);
  for (const scale of scales) scalesOf(head)[scale] = (scalesOf(head)[scale] ?? 0) + 1;
  const isListed = filters.map(({ path }) => LISTED_NAME.test(path));
  const namesOf = (listed: boolean): Buffer =>
    Buffer.from(filters.flatMap(({ path }, at) => (isListed[at] === listed ? [path] : [])).join('\0'));
  const [listed, names] = [namesOf(true), namesOf(false)];
  const group = layoutOfGroup({ files: filters.length, listedBytes: listed.length }, scalesOf(head));
  const bytes = cleared(padded(group.namesAt + names.length));
  const words = new Uint32Array(bytes.buffer, 0, bytes.length / WORD_BYTES);
  words.set(head);
  const stamps = new Float64Array(bytes.buffer, group.stampsAt, filters.length * FILE_STAMP.width);
  let end = 0;
  filters.forEach(({ stamp, isOpaque, blocks: some }, at) => {
    end += some.length;
    FILE_STAMP.write(stamp, stamps, at * FILE_STAMP.width);
    words[group.filesAt / WORD_BYTES + at] =
      bitsAt(Number(isOpaque), FILE.opaque) | bitsAt(Number(isListed[at]), FILE.listed) | bitsAt(end, FILE.end);
  });
  words.set(
    blocks.map(({ size }) => size),
    group.sizesAt / WORD_BYTES,
  );
  const next = new Map(group.matrices.map((matrix) => [matrix.scale, { matrix, column: 0 }]));
  for (const [block, { bits }] of blocks.entries()) {
    const into = next.get(scales[block] ?? -1);
    if (into === undefined) continue;
    words[group.columnsAt / WORD_BYTES + into.matrix.firstColumn + into.column] = block;
    writeColumn(words, (group.bitsAt + into.matrix.start) / WORD_BYTES + into.column, into.matrix, bits);
    into.column += 1;
  }
  writeChecksums(bytes, words, group);
  bytes.set(listed, group.listedAt);
  bytes.set(names, group.namesAt);
  words[GROUP.at.length] = bytes.length;
  words[GROUP.at.files] = group.files;
  words[GROUP.at.opaque] = filters.filter(({ isOpaque }) => isOpaque).length;
  words[GROUP.at.listedBytes] = listed.length;
  words[GROUP.at.nameBytes] = names.length;
  words[GROUP.at.nameCrc] = crc32(names);
  words[GROUP.at.crc] = crc32(bytes.subarray(CHECKED_FROM, group.bitsAt));
  return bytes;
}

function cleared(length: number): Buffer {
  if (memory.length < length) memory = Buffer.from(new ArrayBuffer(Math.ceil(1.25 * length)));
  return memory.subarray(0, length).fill(0);
}

function writeColumn(words: Uint32Array, start: number, { rows, width }: Matrix, bits: Uint8Array): void {
  const isAligned = bits.byteOffset % WORD_BYTES === 0;
  const from = isAligned ? new Uint32Array(bits.buffer, bits.byteOffset, rows) : new Uint32Array(bits.slice().buffer);
  for (let row = 0, at = start; row < rows; row += 1, at += width) words[at] = from[row] ?? 0;
}

function writeChecksums(bytes: Buffer, words: Uint32Array, { matrices, bitsAt: bits, stripesAt }: Group): void {
  for (const { start, rows, stripeRows, firstStripe, width } of matrices) {
    const length = stripeRows * width * WORD_BYTES;
    for (let stripe = 0; stripe < rows / stripeRows; stripe += 1) {
      const from = bits + start + stripe * length;
      words[stripesAt / WORD_BYTES + firstStripe + stripe] = crc32(bytes.subarray(from, from + length));
    }
  }
}
