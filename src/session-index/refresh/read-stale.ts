import type { Worker } from 'node:worker_threads';
import { type BatchResult, readBatch, type StaleSession } from './batch.js';
import { Threads } from './threads.js';
import type { WorkerMessage } from './worker.js';

/** Bytes of a batch: few enough that the threads finish at about the same time. */
const BATCH_BYTES = 6 * 1024 * 1024;
/** Fixed cost per session, expressed in bytes, for balancing batches. */
const SESSION_BYTES = 100_000;

/** Options of `readStale`. */
export interface ReadOptions {
  onResult: (result: BatchResult) => void;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal | undefined;
  /** Threads that may have started already. */
  threads?: Threads | undefined;
}

/**
 * Reads sessions in batches, with several threads if there is much to read. Rejects only when the signal is aborted.
 */
export async function readStale(stale: readonly StaleSession[], options: ReadOptions): Promise<void> {
  const total = stale.reduce((sum, session) => sum + bytesOf(session), 0);
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    options.onProgress?.(Math.min(done, total), total);
  };
  const threads = options.threads ?? new Threads();
  threads.expect(total);
  const work: ReadingWork = { ...options, onBytes, queue: batches(stale) };
  await Promise.all([...threads.take().map((worker) => readInThread(worker, work)), readHere(work)]);
  // Reads the batches that a failed thread gave back.
  await readHere(work);
}

interface ReadingWork extends ReadOptions {
  queue: StaleSession[][];
  onBytes: (bytes: number) => void;
}

async function readHere({ queue, signal, onResult, onBytes }: ReadingWork): Promise<void> {
  for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
    signal?.throwIfAborted();
    onResult(readBatch(batch, onBytes));
    // Lets results of other threads and aborts be handled.
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

/** Feeds one thread until the queue is empty, and ends it. A thread that fails gives its batches back. */
async function readInThread(worker: Worker, { queue, signal, onResult, onBytes }: ReadingWork): Promise<void> {
  const sent: StaleSession[][] = [];
  let hasFailed = false;
  const sendNext = (): void => {
    const batch = queue.shift();
    if (batch === undefined) return;
    sent.push(batch);
    worker.postMessage(batch);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        if ('bytes' in message) return onBytes(message.bytes);
        // An answer may arrive after the failure; its batch was given back by then.
        if (hasFailed) return;
        if (signal?.aborted === true) return reject(signal.reason as Error);
        sent.shift();
        onResult(message);
        sendNext();
        if (sent.length === 0) resolve();
      });
      // A thread may fail, be ended, or send what cannot be received.
      for (const failure of ['error', 'exit', 'messageerror']) {
        worker.on(failure, () => {
          hasFailed = true;
          queue.push(...sent.splice(0));
          resolve();
        });
      }
      // Two batches at first, since this thread is busy with its own when a result arrives.
      sendNext();
      sendNext();
      if (sent.length === 0) resolve();
    });
  } finally {
    void worker.terminate();
  }
}

/**
 * Divides sessions into batches of about equal bytes, the largest first, so that no thread ends long after the others.
 */
function batches(stale: readonly StaleSession[]): StaleSession[][] {
  const sorted = stale.map((session) => ({ session, bytes: bytesOf(session) })).sort((a, b) => b.bytes - a.bytes);
  const queue: StaleSession[][] = [];
  let room = 0;
  for (const { session, bytes } of sorted) {
    if (room <= 0) {
      queue.push([]);
      room = BATCH_BYTES;
    }
    queue.at(-1)?.push(session);
    room -= bytes + SESSION_BYTES;
  }
  return queue;
}

/** Returns the number of bytes to read for a session. */
function bytesOf({ file, resume }: StaleSession): number {
  return file.agents.reduce((sum, agent) => sum + agent.stamp.size, file.stamp.size - (resume?.offset ?? 0));
}
