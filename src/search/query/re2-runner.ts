import { RE2JS, RE2JSException } from 're2js';
import type { Range, RegexpTerm } from './model.js';
import type { RegexpRunner } from './regexp-runner.js';

/** RE2, whose time grows only with the text: no text is given up. */
export class LinearRunner implements RegexpRunner {
  readonly #expression: RE2JS;
  readonly skipped = 0;

  /** Throws what `re2Problem` reports. */
  constructor(term: Pick<RegexpTerm, 'source' | 'flags'>) {
    this.#expression = compile(term);
  }

  test(texts: readonly string[]): boolean[] {
    return texts.map((text) => this.find(text, 1).length > 0);
  }

  find(text: string, limit: number): Range[] {
    const ranges: Range[] = [];
    const matcher = this.#expression.matcher(text);
    while (ranges.length < limit && matcher.find()) {
      const [start, end] = [matcher.start(), matcher.end()];
      if (end > start) ranges.push([start, end]);
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
