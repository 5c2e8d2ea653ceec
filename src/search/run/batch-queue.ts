import type { Worker } from 'node:worker_threads';
import { plainTranscript } from '../../claude/scan/known-folder.js';
import type { Batch, BatchResult, SearchTask } from './batch.js';
import type { WorkerRequest } from './worker.js';

/** Maximum number of finished batches that wait to be taken. */
export const MAX_AHEAD = 64;

/** Interface for feeding a thread; `Worker` implements it. */
export type SearchThread = Pick<Worker, 'on' | 'postMessage'>;

/** Returns a batch as plain data, since members computed on demand cannot be sent to another thread. */
export function plainBatch({ number, files }: Batch): Batch {
  return { number, files: files.map((one) => ({ ...one, file: plainTranscript(one.file) })) };
}

/** Batches that wait, are being searched by threads, or are done and not yet taken. */
export class BatchQueue {
  readonly #queue: Batch[];
  readonly #task: SearchTask;
  readonly #results = new Map<number, BatchResult>();
  readonly #idle = new Set<() => void>();
  #taken = 0;
  #threads = 0;
  #wake: () => void = () => {};

  constructor(batches: readonly Batch[], task: SearchTask) {
    this.#queue = [...batches].reverse();
    this.#task = task;
  }

  /** Sets the number of the result that is needed next, so that threads which were too far ahead continue. */
  advance(next: number): void {
    this.#taken = next;
    // A thread that is still too far ahead waits again.
    const waiting = [...this.#idle];
    this.#idle.clear();
    for (const ask of waiting) ask();
  }

  /** True while other threads search. */
  get hasThreads(): boolean {
    return this.#threads > 0;
  }

  /** The next batch, unless too many are done before the next one is taken. */
  takeBatch(): Batch | undefined {
    return this.#isAhead ? undefined : this.#queue.pop();
  }

  get #isAhead(): boolean {
    const [first] = this.#queue.slice(-1);
    return first !== undefined && first.number > this.#taken + MAX_AHEAD;
  }

  /** Keeps a result until it is taken, and ends the wait for one. */
  put(result: BatchResult): void {
    this.#results.set(result.number, result);
    this.#wake();
  }

  /** Removes and returns the result of the batch with this number; undefined if it has not arrived. */
  takeResult(number: number): BatchResult | undefined {
    const result = this.#results.get(number);
    this.#results.delete(number);
    return result;
  }

  /** Resolves when a result has arrived or a batch was given back; rejects when aborted. */
  async nextResult(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal?.reason as Error);
      signal?.addEventListener('abort', abort, { once: true });
      this.#wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
    });
  }

  /** Feeds a thread, one batch ahead. A thread that fails gives its batches back. */
  add(worker: SearchThread): void {
    const asked: Batch[] = [];
    let hasFailed = false;
    this.#threads += 1;
    const ask = (): void => {
      if (this.#isAhead) return void this.#idle.add(ask);
      const batch = this.#queue.pop();
      if (batch === undefined) return;
      asked.push(batch);
      worker.postMessage({ batch: plainBatch(batch) } satisfies WorkerRequest);
    };
    worker.on('message', (result: BatchResult) => {
      // An answer may arrive after the failure; its batch was given back by then, and the thread takes no other.
      if (hasFailed) return;
      asked.splice(0, 1);
      this.put(result);
      ask();
    });
    worker.on('error', () => {
      hasFailed = true;
      this.#threads -= 1;
      this.#queue.push(...asked.splice(0).reverse());
      this.#idle.delete(ask);
      this.#wake();
    });
    worker.postMessage({ task: this.#task } satisfies WorkerRequest);
    ask();
    ask();
  }
}
