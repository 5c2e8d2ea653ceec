import { readBytes } from './contents.js';

/** Maximum size of a file that is compared line by line, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Maximum number of added and removed lines that are searched for, since the time grows with their square. */
const MAX_EDITS = 2000;
/** Number of bytes at the start in which a NUL makes a file binary, as in git. */
const SNIFFED_BYTES = 8000;

/** How a file differs between two states, in lines. */
export interface LineChanges {
  insertions: number;
  deletions: number;
  /** `text`; `binary`: no lines are counted; `large`: not compared, every line counts as replaced. */
  kind: 'text' | 'binary' | 'large';
}

/** A state of a file: a path to read, or null if the file did not exist. */
export type FileSide = string | null;

/** Counts the lines that differ between two states of a file. Throws Node's error if one cannot be read. */
export async function countLines(before: FileSide, after: FileSide): Promise<LineChanges> {
  const sides = textsOf(before, after);
  if (sides === 'large') return { insertions: 0, deletions: 0, kind: 'large' };
  if (sides === 'binary') return { insertions: 0, deletions: 0, kind: 'binary' };
  const [old, now] = sides;
  if (old === '' || now === '') return { insertions: linesIn(now), deletions: linesIn(old), kind: 'text' };
  const { diffLines } = await import('diff');
  const parts = diffLines(old, now, { maxEditLength: MAX_EDITS });
  if (parts === undefined) return { insertions: linesIn(now), deletions: linesIn(old), kind: 'large' };
  const sum = (isIncluded: (part: { added: boolean; removed: boolean }) => boolean): number =>
    parts.filter(isIncluded).reduce((lines, { count }) => lines + count, 0);
  return { insertions: sum(({ added }) => added), deletions: sum(({ removed }) => removed), kind: 'text' };
}

/**
 * Returns the hunks of a unified diff between two states of a file, without its header; `binary` or `large` if they are
 * not compared. Throws Node's error if one cannot be read.
 */
export async function diffOf(before: FileSide, after: FileSide): Promise<string[] | 'binary' | 'large'> {
  const sides = textsOf(before, after);
  if (typeof sides === 'string') return sides;
  const { structuredPatch } = await import('diff');
  const patch = structuredPatch('', '', ...sides, undefined, undefined, { context: 3, maxEditLength: MAX_EDITS });
  if (patch === undefined) return 'large';
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
}

function textsOf(before: FileSide, after: FileSide): [string, string] | 'binary' | 'large' {
  const [old, now] = [before, after].map((path) => (path === null ? Buffer.alloc(0) : readBytes(path, MAX_BYTES)));
  if (!old || !now) return 'large';
  if (isBinary(old) || isBinary(now)) return 'binary';
  return [old.toString('utf8'), now.toString('utf8')];
}

function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, SNIFFED_BYTES).includes(0);
}

function linesIn(text: string): number {
  const newlines = text.split('\n').length - 1;
  return text === '' || text.endsWith('\n') ? newlines : newlines + 1;
}
