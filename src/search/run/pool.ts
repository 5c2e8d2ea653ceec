import { Threads } from '../../session-index/refresh/threads.js';
import { loadEngine } from '../query/engine.js';
import { type Batch, BatchSearcher, type BatchResult, type SearchTask } from './batch.js';
import { BatchQueue } from './batch-queue.js';

/** Options of `searchBatches`. */
export interface PoolOptions {
  /** Bytes to be searched, which decide whether more threads are started. */
  bytes: number;
  signal?: AbortSignal | undefined;
  /** Other threads search alone, unless they cannot be started or there is little to search. */
  isInBackground?: boolean;
}

const SEARCH_WORKER = 'search-worker.cjs';

/**
 * Searches batches, with several threads if there is much to search, and yields their results in order, each as soon as
 * it has arrived. Rejects when aborted; ends the threads however the iteration ends.
 */
export async function* searchBatches(
  batches: readonly Batch[],
  task: SearchTask,
  { bytes, signal, isInBackground = false }: PoolOptions,
): AsyncGenerator<BatchResult> {
  const threads = new Threads(SEARCH_WORKER);
  threads.expect(bytes, isInBackground);
  const queue = new BatchQueue(batches, task);
  const workers = threads.take();
  try {
    for (const worker of workers) queue.add(worker);
    const searcher = new BatchSearcher(task, await loadEngine(task.query));
    for (let next = 0; next < batches.length; ) {
      signal?.throwIfAborted();
      const result = queue.takeResult(next);
      if (result !== undefined) {
        next += 1;
        yield result;
        continue;
      }
      queue.advance(next);
      const batch = isInBackground && queue.hasThreads ? undefined : queue.takeBatch();
      if (batch !== undefined) queue.put(searcher.search(batch));
      // Lets results of other threads arrive, and an abort take effect.
      await (batch === undefined ? queue.nextResult(signal) : tick());
    }
  } finally {
    for (const worker of workers) void worker.terminate();
  }
}

async function tick(): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve));
}
