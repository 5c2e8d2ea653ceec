/** Characters of a group: few at first, since one match can be enough. */
const FIRST_CHARS = 4 * 1024;
const MAX_CHARS = 1024 * 1024;

/** A text, and what it belongs to. */
export interface GroupedText<T> {
  text: string;
  of: T;
}

/**
 * Collects texts to test them in groups, each twice as long as the one before: a regular expression runs with a
 * deadline, which takes longer to set than most texts take to test.
 */
export class TextGroup<T> {
  readonly #onGroup: (texts: readonly GroupedText<T>[]) => void;
  #texts: GroupedText<T>[] = [];
  #chars = 0;
  #maxChars = FIRST_CHARS;

  /** `onGroup` receives each group once it is long enough, and the last one in `end`. */
  constructor(onGroup: (texts: readonly GroupedText<T>[]) => void) {
    this.#onGroup = onGroup;
  }

  add(text: string, of: T): void {
    this.#texts.push({ text, of });
    this.#chars += text.length;
    if (this.#chars < this.#maxChars) return;
    this.#maxChars = Math.min(2 * this.#maxChars, MAX_CHARS);
    this.end();
  }

  /** Passes on what is left. */
  end(): void {
    const texts = this.#texts;
    this.#texts = [];
    this.#chars = 0;
    if (texts.length > 0) this.#onGroup(texts);
  }
}
