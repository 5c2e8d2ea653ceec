import { RE2JS, RE2JSException } from 're2js';
import type { Range, RegexpTerm } from './model.js';
import type { RegexpRunner } from './regexp-runner.js';

/** Time limit for a text in milliseconds, plus some for each character: many times what RE2 needs to read it once. */
const TEXT_MS = 1000;
const CHARACTER_MS = 0.001;

/**
 * Runs an expression with RE2, which finds each match in linear time. If every one of many matches takes a search to
 * the end of the text (`/(y*z)?/`), the text is searched up to the time limit, and skipped if nothing was found by
 * then.
 */
export class LinearRunner implements RegexpRunner {
  readonly #expression: RE2JS;
  readonly #now: () => number;
  skipped = 0;

  /** Throws what `re2Problem` reports. `now` returns milliseconds. */
  constructor(term: Pick<RegexpTerm, 'source' | 'flags'>, now = (): number => performance.now()) {
    this.#expression = compile(term);
    this.#now = now;
  }

  test(texts: readonly string[]): boolean[] {
    return texts.map((text) => this.#find(text, 1).length > 0);
  }

  find(texts: readonly string[], limit: number): Range[][] {
    return texts.map((text) => this.#find(text, limit));
  }

  #find(text: string, limit: number): Range[] {
    const ranges: Range[] = [];
    const matcher = this.#expression.matcher(text);
    const deadline = this.#now() + TEXT_MS + text.length * CHARACTER_MS;
    while (ranges.length < limit && matcher.find()) {
      const [start, end] = [matcher.start(), matcher.end()];
      if (end > start) ranges.push([start, end]);
      if (this.#now() > deadline) {
        if (ranges.length === 0) this.skipped += 1;
        break;
      }
    }
    return ranges;
  }
}

/** The reason why RE2 does not accept an expression, in a few words; null if it does. */
export function re2Problem(term: Pick<RegexpTerm, 'source' | 'flags'>): string | null {
  try {
    compile(term);
    return null;
  } catch (error) {
    if (error instanceof RE2JSException) return error.message.replace(/^error parsing regexp: /, '');
    throw error;
  }
}

function compile({ source, flags }: Pick<RegexpTerm, 'source' | 'flags'>): RE2JS {
  const bits = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL, u: 0 };
  let sum = 0;
  for (const [flag, bit] of Object.entries(bits)) if (flags.includes(flag)) sum |= bit;
  return RE2JS.compile(source, sum);
}
