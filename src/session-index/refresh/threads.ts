import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Below this, starting threads costs more than it saves. */
const THREADS_FROM_BYTES = 150 * 1024 * 1024;
/** Limit for a thread with other work, which is delayed by milliseconds only if it reads fewer bytes itself. */
const BACKGROUND_FROM_BYTES = 4 * 1024 * 1024;
const MAX_THREADS = 8;

/**
 * Threads that read in addition to this one. Since they are slow to start, they are started as soon as it is known that
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
   * Starts the threads once the number of bytes to read, as far as known, is worth it. `areAlone`: this thread has
   * other work and does not read itself.
   */
  expect(bytes: number, areAlone = false): void {
    if (this.#isStarted || bytes < (areAlone ? BACKGROUND_FROM_BYTES : THREADS_FROM_BYTES)) return;
    this.#isStarted = true;
    const file = fileURLToPath(new URL(`./${this.#program}`, import.meta.url));
    // When run from source, there is no built worker, and one thread gives the same result.
    const cores = areAlone && bytes < THREADS_FROM_BYTES ? 1 : Math.min(MAX_THREADS, availableParallelism());
    const others = existsSync(file) ? cores - (areAlone ? 0 : 1) : 0;
    for (let n = 0; n < others; n++) this.#start(file, areAlone);
  }

  #start(file: string, isInBackground: boolean): void {
    const worker = new Worker(file, { workerData: { isInBackground } });
    this.#ready.add(worker);
    // A thread that fails before it is used is not counted.
    for (const event of ['error', 'exit']) worker.on(event, () => this.#ready.delete(worker));
  }

  /** Returns the running threads, which the caller must end. */
  take(): Worker[] {
    const workers = [...this.#ready];
    this.#ready.clear();
    return workers;
  }

  /** Ends the threads that were not taken. */
  end(): void {
    for (const worker of this.take()) void worker.terminate();
  }
}
