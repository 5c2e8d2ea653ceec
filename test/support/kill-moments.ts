/**
 * Moments to kill a program at, spread over the later part of its run and a little beyond. The duration of a run is
 * estimated anew after each one, since a busy machine becomes faster and slower.
 */
export class KillMoments {
  #takesMs: number;
  readonly #from: number;
  #drawnMs = 0;

  constructor(takesMs: number, from = 0.3) {
    this.#takesMs = takesMs;
    this.#from = from;
  }

  /** Milliseconds after which to kill the next run. */
  draw(): number {
    this.#drawnMs = this.#takesMs * (this.#from + (1.1 - this.#from) * Math.random());
    return this.#drawnMs;
  }

  /** Corrects the estimate by the end of the last run and its duration. */
  learn(wasKilled: boolean, tookMs: number): void {
    if (!wasKilled) this.#takesMs = (this.#takesMs + tookMs) / 2;
    else if (this.#drawnMs > 0.9 * this.#takesMs) this.#takesMs *= 1.1;
  }
}
