import type { BlobPosition } from '../format/segments/segment-writer.js';
import type { BlobRef } from '../format/table/column-layout.js';
import { ColumnTable } from '../format/table/column-table.js';
import type { Columns } from '../format/table/columns.js';
import type { BatchResult, StaleSession } from './batch.js';
import { readStale, type ReadOptions } from './read-stale.js';
import type { StoredIndex } from './stored-index.js';

/** Sessions that were read. */
interface FreshRows {
  /** The key of each row. */
  readonly positions: readonly number[];
  readonly table: ColumnTable;
}

/**
 * Reads sessions, appends their blobs to two new segments (ledgers apart from the rest) and returns their rows. With
 * `readOnly`, the segments are in memory only.
 */
export async function readIntoSegments(
  stale: readonly StaleSession[],
  index: StoredIndex,
  options: Omit<ReadOptions, 'onResult'> & { readOnly?: boolean },
): Promise<FreshRows[]> {
  const fresh: FreshRows[] = [];
  const newPath = (): string | null => (options.readOnly === true ? null : index.newSegmentPath());
  const blobs = index.segments.writer(newPath());
  const ledgers = index.segments.writer(newPath());
  const onResult = (result: BatchResult): void => {
    const start = blobs.append(bufferOf(result.blobs));
    const ledgerStart = result.ledgers.length === 0 ? start : ledgers.append(bufferOf(result.ledgers));
    // A table of each batch, since objects for each of 100,000 sessions take a hundred megabytes.
    fresh.push({
      positions: result.sessions.map(({ key }) => key),
      table: ColumnTable.of(result.sessions.map(({ columns }) => moved(columns, start, ledgerStart))),
    });
  };
  await readStale(stale, { ...options, onResult });
  return fresh;
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Returns the columns with their references, which count from 0, moved to the positions of the appended blobs. */
function moved(columns: Columns, start: BlobPosition, ledgerStart: BlobPosition): Columns {
  const move = (ref: BlobRef, to: BlobPosition): BlobRef => ({
    ...ref,
    segment: to.segment,
    offset: to.offset + ref.offset,
  });
  const { facts, resume, ledger } = columns;
  return {
    ...columns,
    facts: move(facts, start),
    resume: resume && move(resume, start),
    ledger: ledger && move(ledger, ledgerStart),
  };
}
