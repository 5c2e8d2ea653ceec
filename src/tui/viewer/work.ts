/** Milliseconds of work after which keys are handled. */
const SLICE_MS = 12;

/** Runs a task in small steps; keys are handled in between and can stop it. */
export class Work {
  readonly #fail: (error: unknown) => void;
  #running: symbol | null = null;

  /** `fail` is called with the error of a step that throws. */
  constructor(fail: (error: unknown) => void) {
    this.#fail = fail;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Stops the task; no further step of it runs. */
  stop(): void {
    this.#running = null;
  }

  /** Starts a task, which replaces the one before, and calls `done` with its result. A short task is done on return. */
  run<Result>(steps: Iterator<void, Result>, done: (result: Result) => void): void {
    const task = Symbol('task');
    this.#running = task;
    const slice = (): void => {
      if (this.#running !== task) return;
      try {
        const started = performance.now();
        let next = steps.next();
        while (next.done !== true && performance.now() - started < SLICE_MS) next = steps.next();
        if (next.done !== true) return void setImmediate(slice);
        this.#running = null;
        done(next.value);
      } catch (error) {
        this.#running = null;
        this.#fail(error);
      }
    };
    slice();
  }
}
