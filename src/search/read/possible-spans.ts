import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { type FilterQuery, mayHold } from '../filters/filter-query.js';
import { type FileSketch, OVERLAP } from '../raw/file-sketch.js';

/** Returns the parts of a file that may match a query according to the sketch just made of it; null if any part may. */
export function possibleSpans(
  { runs, anchor }: FilterQuery,
  { blocks, isOpaque }: Pick<FileSketch, 'blocks' | 'isOpaque'>,
): JsonSpan[] | null {
  if (isOpaque) return null;
  if (!runs.every((run) => blocks.some(({ bits }) => mayHold(run, bits, 0, bits.length)))) return [];
  if (anchor === null) return null;
  const spans: JsonSpan[] = [];
  let offset = 0;
  for (const { size, bits } of blocks) {
    const start = Math.max(0, offset - anchor.reach);
    offset += size;
    if (!mayHold(anchor.run, bits, 0, bits.length)) continue;
    const last = spans.at(-1);
    if (last !== undefined && start <= last.end) last.end = offset + OVERLAP + anchor.reach;
    else spans.push({ start, end: offset + OVERLAP + anchor.reach });
  }
  return spans;
}
