/** Numbers the prompts of a thread from 1; a repeated entry is the same prompt. */
export class PromptNumbers {
  #last = 0;
  readonly #seen = new Set<string>();

  /** Number of the last prompt; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Counts a prompt by the uuid of its entry; returns false if it was counted before. */
  add(uuid: string): boolean {
    if (this.#seen.has(uuid)) return false;
    this.#seen.add(uuid);
    this.#last += 1;
    return true;
  }

  /** Undoes the last `add`, so that the same entry can be added again. */
  takeBack(uuid: string): void {
    if (this.#seen.delete(uuid)) this.#last -= 1;
  }
}
