import { Segments } from './segments/segments.js';
import type { SegmentWriter } from './segments/segment-writer.js';
import type { BlobRef } from './table/column-layout.js';
import { ColumnTable } from './table/column-table.js';
import type { Columns } from './table/columns.js';
import type { Store } from './store.js';

/** Maximum number of segments; each refresh adds one of facts and one of ledgers. */
const MAX_SEGMENTS = 16;
/** Segments of fewer bytes are not worth compaction for their unused bytes. */
const WORTH_BYTES = 8 * 1024 * 1024;

/** Number of sessions whose blobs are copied together. */
const ROWS_AT_ONCE = 500;

/** Returns true if the blobs are in too many files, or most of their bytes are unused. */
export function wantsCompaction({ table, segments }: Store): boolean {
  const { files } = segments;
  if (files.length > MAX_SEGMENTS) return true;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return total > WORTH_BYTES && table.blobBytes < total / 2;
}

/**
 * Returns the store with its blobs copied to two new segments, one for ledgers; null if one cannot be read or written.
 */
export function compacted(store: Store, segmentPath: string, ledgerPath: string): Store | null {
  const segments = new Segments(() => {});
  const blobs = segments.writer(segmentPath);
  const ledgers = segments.writer(ledgerPath);
  const columns: Columns[] = [];
  // Some at a time, since a read and a write for each of thousands of blobs take longer than all else.
  for (let start = 0; start < store.table.length; start += ROWS_AT_ONCE) {
    const end = Math.min(start + ROWS_AT_ONCE, store.table.length);
    const old = Array.from({ length: end - start }, (_, at) => store.table.row(start + at));
    const copy = (refs: readonly (BlobRef | null)[], writer: SegmentWriter): (BlobRef | null)[] =>
      appendAll(refs, store.segments.copies(refs), writer);
    const facts = copy(
      old.map((row) => row.facts),
      blobs,
    );
    const resumes = copy(
      old.map((row) => row.resume),
      blobs,
    );
    const copiedLedgers = copy(
      old.map((row) => row.ledger),
      ledgers,
    );
    for (const [at, row] of old.entries()) {
      const [fact = null, resume = null, ledger = null] = [facts[at], resumes[at], copiedLedgers[at]];
      if (fact === null || (ledger === null) !== (row.ledger === null) || segments.isInMemory) {
        segments.close();
        return null;
      }
      columns.push({ ...row, facts: fact, resume, ledger });
    }
  }
  return { ...store, table: ColumnTable.of(columns), segments };
}

/** Appends blobs in one write, and returns their new positions; null for a blob that is missing. */
function appendAll(
  refs: readonly (BlobRef | null)[],
  blobs: readonly (Buffer | null)[],
  writer: SegmentWriter,
): (BlobRef | null)[] {
  const whole = Buffer.concat(blobs.filter((blob) => blob !== null));
  if (whole.length === 0) return refs.map(() => null);
  const { segment, offset: first } = writer.append(whole);
  let offset = first;
  return refs.map((ref, at) => {
    const blob = blobs[at] ?? null;
    if (ref === null || blob === null) return null;
    const moved = { ...ref, segment, offset };
    offset += blob.length;
    return moved;
  });
}
