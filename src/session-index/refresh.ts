import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type BatchResult, readBatch, type StaleSession } from './batch.js';
import type { WorkerMessage } from './worker.js';

/** Below this, starting threads costs more than it saves. */
const WORKERS_FROM_BYTES = 150 * 1024 * 1024;
const BATCH_BYTES = 12 * 1024 * 1024;
const MOST_WORKERS = 8;

/** Choices of `readStale`. */
export interface ReadOptions {
  onResult: (result: BatchResult) => void;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Reads sessions, in threads when there is much to read, and hands over each batch as it is done. Rejects only when
 * the signal is aborted.
 */
export async function readStale(stale: readonly StaleSession[], options: ReadOptions): Promise<void> {
  const total = stale.reduce((sum, session) => sum + bytesOf(session), 0);
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    options.onProgress?.(Math.min(done, total), total);
  };
  const queue = batches(stale);
  const workerFile = fileURLToPath(new URL('./worker.js', import.meta.url));
  const threads = Math.min(MOST_WORKERS, availableParallelism(), queue.length);
  // From source there is no built worker to start; one thread gives the same result.
  if (total >= WORKERS_FROM_BYTES && threads > 1 && existsSync(workerFile)) {
    await Promise.all(Array.from({ length: threads }, () => runWorker(workerFile, queue, { ...options, onBytes })));
  }
  for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
    options.signal?.throwIfAborted();
    options.onResult(readBatch(batch, onBytes));
  }
}

/** Feeds one thread from the queue until it is empty. A thread that fails gives its batch back. */
async function runWorker(file: string, queue: StaleSession[][], options: ReadOptions & { onBytes: (bytes: number) => void }): Promise<void> {
  const worker = new Worker(file);
  try {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      options.signal?.throwIfAborted();
      const result = await askWorker(worker, batch, options.onBytes).catch(() => null);
      if (result === null) {
        queue.push(batch);
        return;
      }
      options.onResult(result);
    }
  } finally {
    await worker.terminate();
  }
}

function askWorker(worker: Worker, batch: StaleSession[], onBytes: (bytes: number) => void): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: WorkerMessage): void => {
      if ('bytes' in message) {
        onBytes(message.bytes);
        return;
      }
      worker.off('message', onMessage).off('error', reject);
      resolve(message);
    };
    worker.on('message', onMessage).once('error', reject);
    worker.postMessage(batch);
  });
}

/** Batches of about equal bytes, the big sessions first, so that no thread is left with a long one at the end. */
function batches(stale: readonly StaleSession[]): StaleSession[][] {
  const sorted = [...stale].sort((a, b) => bytesOf(b) - bytesOf(a));
  const queue: StaleSession[][] = [];
  let room = 0;
  for (const session of sorted) {
    if (room <= 0 || queue.length === 0) {
      queue.push([]);
      room = BATCH_BYTES;
    }
    queue.at(-1)?.push(session);
    room -= bytesOf(session);
  }
  return queue;
}

/** Bytes that reading a session takes. */
function bytesOf({ file, resume }: StaleSession): number {
  return file.agents.reduce((sum, agent) => sum + agent.stamp.size, file.stamp.size - (resume?.offset ?? 0));
}
