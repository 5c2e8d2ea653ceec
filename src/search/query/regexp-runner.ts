import { createContext, Script, type Context } from 'node:vm';
import { threadTimeMs } from '../../system/process/thread-time.js';
import type { Range, RegexpTerm } from './model.js';

/** Time limits in milliseconds: for a group of texts, and for each text of a group that exceeded its limit. */
const LIMITS = { groupMs: 1000, textMs: 300 };
/** Number of texts given up after which the limit for a text is half, and its least value in milliseconds. */
const PATIENCE = 20;
const MIN_TEXT_MS = 30;
/** Limit in milliseconds for a text whose thread hardly ever gets a processor. */
const MAX_WAIT_MS = 20_000;
const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/**
 * An engine for one regular expression. A text that takes too long counts as not matching and is added to `skipped`.
 */
export interface RegexpRunner {
  /** Returns for each text whether the expression has a match in it that is not empty. */
  test(texts: readonly string[]): boolean[];
  /** Returns for each text the first `limit` matches that are not empty. */
  find(texts: readonly string[], limit: number): Range[][];
  /** Number of texts given up so far. */
  readonly skipped: number;
}

/** Variables of the code below, in its own context. */
interface Globals {
  expression: RegExp | null;
  texts: readonly string[];
  limit: number;
}

// Parameters, since each look at a variable of another context takes as long as a short search.
const TEST = `((expression, texts) => texts.map((text) => {
  expression.lastIndex = 0;
  for (let one; (one = expression.exec(text)) !== null; ) {
    if (one[0] !== '') return true;
    expression.lastIndex += 1;
  }
  return false;
}))(expression, texts)`;
const FIND = `((expression, texts, limit) => texts.map((text) => {
  const found = [];
  expression.lastIndex = 0;
  for (let one; found.length < 2 * limit && (one = expression.exec(text)) !== null; ) {
    if (one[0] === '') expression.lastIndex += 1;
    else found.push(one.index, one.index + one[0].length);
  }
  return found;
}))(expression, texts, limit)`;

/**
 * JavaScript's own engine, which backtracks: each run has a deadline. A text is given up only if its thread had a
 * processor for about the time of the limit, so that a busy machine finds as much as an idle one.
 */
export class BacktrackingRunner implements RegexpRunner {
  readonly #context: Context;
  readonly #globals: Globals;
  readonly #limits: typeof LIMITS;
  readonly #threadTimeMs: () => number;
  readonly #test = new Script(TEST);
  readonly #find = new Script(FIND);
  skipped = 0;

  constructor({ source, flags }: Pick<RegexpTerm, 'source' | 'flags'>, limits = LIMITS, threadTime = threadTimeMs) {
    this.#limits = limits;
    this.#threadTimeMs = threadTime;
    this.#globals = { expression: new RegExp(source, `${flags}g`), texts: [], limit: 0 };
    this.#context = createContext(this.#globals);
  }

  test(texts: readonly string[]): boolean[] {
    return this.#forEach(this.#test, texts, false);
  }

  find(texts: readonly string[], limit: number): Range[][] {
    this.#globals.limit = limit;
    return this.#forEach<number[]>(this.#find, texts, []).map(rangesOf);
  }

  /** Returns what the script returns for each text, `none` for one that takes too long. */
  #forEach<T>(script: Script, texts: readonly string[], none: T): T[] {
    this.#globals.texts = texts;
    const all = this.#run<T[]>(script, this.#limits.groupMs);
    if (all !== null) return [...all];
    return texts.map((text) => {
      this.#globals.texts = [text];
      const one = this.#runText<T[]>(script);
      if (one === null) this.skipped += 1;
      return one?.[0] ?? none;
    });
  }

  /** Limit for the next text. It falls with each text given up, or a search of thousands of them would hardly end. */
  get #textMs(): number {
    const { textMs } = this.#limits;
    return Math.max(Math.min(MIN_TEXT_MS, textMs), Math.round((textMs * PATIENCE) / (PATIENCE + this.skipped)));
  }

  /** Returns null if the text takes too long. */
  #runText<T>(script: Script): T | null {
    const textMs = this.#textMs;
    for (let timeout = textMs; timeout <= MAX_WAIT_MS; timeout *= 2) {
      const startedMs = this.#threadTimeMs();
      const result = this.#run<T>(script, timeout);
      if (result !== null) return result;
      if (this.#threadTimeMs() - startedMs > textMs / 2) break;
    }
    return null;
  }

  /** Returns null after a time-out. */
  #run<T>(script: Script, timeout: number): T | null {
    try {
      return script.runInContext(this.#context, { timeout }) as T;
    } catch (error) {
      // The error is made in the other context, where Error is another class.
      if ((error as NodeJS.ErrnoException).code === TIMED_OUT) return null;
      throw error;
    }
  }
}

/** Pairs of starts and ends as ranges. */
function rangesOf(positions: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at < positions.length; at += 2) ranges.push([positions[at] ?? 0, positions[at + 1] ?? 0]);
  return ranges;
}
