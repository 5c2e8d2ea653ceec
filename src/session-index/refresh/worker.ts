import { parentPort } from 'node:worker_threads';
import { readBatch, type StaleSession } from './batch.js';

/** Message of a worker: progress while it reads, then the batch. */
export type WorkerMessage = { bytes: number } | ReturnType<typeof readBatch>;

const PROGRESS_BYTES = 8 * 1024 * 1024;

// The body of a reading thread: one batch in, one result out, until it is ended.
parentPort?.on('message', (stale: StaleSession[]) => {
  let unreported = 0;
  const result = readBatch(stale, (bytes) => {
    unreported += bytes;
    if (unreported < PROGRESS_BYTES) return;
    parentPort?.postMessage({ bytes: unreported } satisfies WorkerMessage);
    unreported = 0;
  });
  parentPort?.postMessage(result satisfies WorkerMessage, [
    result.blobs.buffer as ArrayBuffer,
    result.ledgers.buffer as ArrayBuffer,
  ]);
});
