import { type BlobRef, type Columns, ColumnTable } from './columns.js';
import { Segments } from './segments.js';
import type { Store } from './store.js';

const MOST_SEGMENTS = 8;
const WORTH_BYTES = 8 * 1024 * 1024;

/** True if the blobs lie in many files, or most of their bytes are no longer referred to. */
export function wantsCompaction({ table, segments }: Store): boolean {
  const { files } = segments;
  if (files.length > MOST_SEGMENTS) return true;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= WORTH_BYTES) return false;
  let used = 0;
  for (let row = 0; row < table.length; row++) used += table.facts(row).length + (table.resume(row)?.length ?? 0);
  return used < total / 2;
}

/** The same store with its blobs copied to one new segment; null if one cannot be read or written. */
export function compacted(store: Store, segmentPath: string): Store | null {
  const segments = Segments.none();
  const writer = segments.writer(segmentPath);
  const copy = (ref: BlobRef): BlobRef | null => {
    const bytes = store.segments.copy(ref);
    return bytes === null ? null : { ...ref, ...writer.append(bytes) };
  };
  const columns: Columns[] = [];
  for (let row = 0; row < store.table.length; row++) {
    const old = store.table.row(row);
    const facts = copy(old.facts);
    const resume = old.resume === null ? null : copy(old.resume);
    if (facts === null || segments.inMemory) {
      segments.close();
      return null;
    }
    columns.push({ ...old, facts, resume });
  }
  return { ...store, table: ColumnTable.of(columns), segments };
}
