import type { Worker } from 'node:worker_threads';
import { plainTranscript } from '../../claude/scan/known-folder.js';
import { Threads } from '../../session-index/refresh/threads.js';
import { loadEngine } from '../query/engine.js';
import { type Batch, BatchSearcher, type BatchResult, type SearchTask } from './batch.js';
import type { WorkerRequest } from './worker.js';

/** Choices of `searchBatches`. */
export interface PoolOptions {
  /** Bytes to be searched, which decide whether more threads are started. */
  bytes: number;
  signal?: AbortSignal | undefined;
  /** Other threads search alone, unless they cannot be started or there is little to search. */
  isInBackground?: boolean;
}

/** Batches that may be finished before the first of them is taken. */
const MAX_AHEAD = 64;
const SEARCH_WORKER = 'search-worker.cjs';

/**
 * Searches batches, with more threads than this one when there is much to search, and gives their results in order,
 * each as soon as it is there. Rejects when aborted; ends the threads however the iteration ends.
 */
export async function* searchBatches(
  batches: readonly Batch[],
  task: SearchTask,
  { bytes, signal, isInBackground = false }: PoolOptions,
): AsyncGenerator<BatchResult> {
  const threads = new Threads(SEARCH_WORKER);
  threads.expect(bytes, isInBackground);
  const run = new Run(batches, task);
  const workers = threads.take();
  try {
    for (const worker of workers) run.add(worker);
    const searcher = new BatchSearcher(task, await loadEngine(task.query));
    for (let next = 0; next < batches.length; ) {
      signal?.throwIfAborted();
      const result = run.takeResult(next);
      if (result !== undefined) {
        next += 1;
        yield result;
        continue;
      }
      run.advance(next);
      const batch = isInBackground && run.hasThreads ? undefined : run.takeBatch();
      if (batch !== undefined) run.put(searcher.search(batch));
      // Lets in what other threads have found, and whoever wants to abort.
      await (batch === undefined ? run.nextResult(signal) : tick());
    }
  } finally {
    for (const worker of workers) void worker.terminate();
  }
}

/** A batch as plain data: members that are worked out when they are asked for do not cross threads. */
export function plainBatch({ number, files }: Batch): Batch {
  return { number, files: files.map((one) => ({ ...one, file: plainTranscript(one.file) })) };
}

async function tick(): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve));
}

/** Batches that are waiting, being searched and done. */
class Run {
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

  /** Takes the number of the next result that is asked for: threads that were too far ahead continue. */
  advance(next: number): void {
    this.#taken = next;
    for (const ask of this.#idle) {
      this.#idle.delete(ask);
      ask();
    }
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

  put(result: BatchResult): void {
    this.#results.set(result.number, result);
    this.#wake();
  }

  takeResult(number: number): BatchResult | undefined {
    const result = this.#results.get(number);
    this.#results.delete(number);
    return result;
  }

  /** Resolves when a result has come or a batch is back; rejects when aborted. */
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
  add(worker: Worker): void {
    const asked: Batch[] = [];
    this.#threads += 1;
    const ask = (): void => {
      if (this.#isAhead) return void this.#idle.add(ask);
      const batch = this.#queue.pop();
      if (batch === undefined) return;
      asked.push(batch);
      worker.postMessage({ batch: plainBatch(batch) } satisfies WorkerRequest);
    };
    worker.on('message', (result: BatchResult) => {
      asked.splice(0, 1);
      this.put(result);
      ask();
    });
    worker.on('error', () => {
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
