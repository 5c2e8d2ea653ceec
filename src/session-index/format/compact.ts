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
  const copy = (ref: BlobRef | null, writer: SegmentWriter): BlobRef | null => {
    const bytes = ref === null ? null : store.segments.copy(ref);
    return ref === null || bytes === null ? null : { ...ref, ...writer.append(bytes) };
  };
  const columns: Columns[] = [];
  for (let row = 0; row < store.table.length; row++) {
    const old = store.table.row(row);
    const facts = copy(old.facts, blobs);
    const resume = copy(old.resume, blobs);
    const ledger = copy(old.ledger, ledgers);
    if (facts === null || (ledger === null) !== (old.ledger === null) || segments.isInMemory) {
      segments.close();
      return null;
    }
    columns.push({ ...old, facts, resume, ledger });
  }
  return { ...store, table: ColumnTable.of(columns), segments };
}
