import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Below this, starting threads costs more than it saves. */
const THREADS_FROM_BYTES = 150 * 1024 * 1024;
/** That limit for a thread with other work: below it, the thread is held up for a few milliseconds only. */
const BACKGROUND_FROM_BYTES = 4 * 1024 * 1024;
const MAX_THREADS = 8;

/**
 * Threads that read in addition to this one. They take a while to be ready, so they start as soon as it is known that
 * there is much to read.
 */
export class Threads {
  readonly #ready = new Set<Worker>();
  readonly #program: string;
  #isStarted = false;

  /** `program`: the file in dist/ that the threads run. */
  constructor(program = 'worker.cjs') {
    this.#program = program;
  }

  /**
   * Takes the number of bytes to read, as far as known; starts the threads once it is worth it. `areAlone`: this thread
   * has other work, and they read in its place.
   */
  expect(bytes: number, areAlone = false): void {
    if (this.#isStarted || bytes < (areAlone ? BACKGROUND_FROM_BYTES : THREADS_FROM_BYTES)) return;
    this.#isStarted = true;
    const file = fileURLToPath(new URL(`./${this.#program}`, import.meta.url));
    // From source there is no built worker to start; one thread gives the same result.
    const cores = areAlone && bytes < THREADS_FROM_BYTES ? 1 : Math.min(MAX_THREADS, availableParallelism());
    const others = existsSync(file) ? cores - (areAlone ? 0 : 1) : 0;
    for (let n = 0; n < others; n++) this.#start(file, areAlone);
  }

  #start(file: string, isInBackground: boolean): void {
    const worker = new Worker(file, { workerData: { isInBackground } });
    this.#ready.add(worker);
    // One that fails before it is used is none.
    for (const event of ['error', 'exit']) worker.on(event, () => this.#ready.delete(worker));
  }

  /** Hands over those that run; to end them is then the caller's business. */
  take(): Worker[] {
    const workers = [...this.#ready];
    this.#ready.clear();
    return workers;
  }

  /** Ends those that nobody took. */
  end(): void {
    for (const worker of this.take()) void worker.terminate();
  }
}
