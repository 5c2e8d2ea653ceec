/** Milliseconds after which other work of the thread gets its turn. */
const TURN_MS = 6;

/** A long task's view of the other work of its thread. */
export interface TurnScheduler {
  /** True if the task has held the thread long enough. */
  readonly isDue: boolean;
  /** Resolves when other work that was waiting has run. */
  give(): Promise<void>;
}

/** Lets other work of this thread, such as keys, run between the steps of a long task. */
export class Turns implements TurnScheduler {
  #since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#since >= TURN_MS;
  }

  async give(): Promise<void> {
    await new Promise((resolve) => void setImmediate(resolve));
    this.#since = performance.now();
  }
}
