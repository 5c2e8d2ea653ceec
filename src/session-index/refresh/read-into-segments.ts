import type { BlobPosition } from '../format/segments/segment-writer.js';
import type { BlobRef } from '../format/table/column-layout.js';
import type { Columns } from '../format/table/columns.js';
import type { BatchResult, StaleSession } from './batch.js';
import { readStale, type ReadOptions } from './read-stale.js';
import type { StoredIndex } from './stored-index.js';

/**
 * Reads sessions, appends their blobs to two new segments (ledgers apart from the rest) and returns their columns by
 * their keys. With `readOnly`, the segments are in memory only.
 */
export async function readIntoSegments(
  stale: readonly StaleSession[],
  index: StoredIndex,
  options: Omit<ReadOptions, 'onResult'> & { readOnly?: boolean },
): Promise<Map<number, Columns>> {
  const fresh = new Map<number, Columns>();
  const newPath = (): string | null => (options.readOnly === true ? null : index.newSegmentPath());
  const blobs = index.segments.writer(newPath());
  const ledgers = index.segments.writer(newPath());
  const onResult = (result: BatchResult): void => {
    const start = blobs.append(bufferOf(result.blobs));
    const ledgerStart = result.ledgers.length === 0 ? start : ledgers.append(bufferOf(result.ledgers));
    for (const { key, columns } of result.sessions) fresh.set(key, moved(columns, start, ledgerStart));
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
