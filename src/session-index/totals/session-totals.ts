import type { Tier } from '../../transcript/scanner/scanner.js';
import { bitsIn } from '../format/layout.js';
import { TIERS } from '../format/ledger/ledger-layout.js';
import type { LedgerAbout } from '../format/ledger/session-ledger.js';
import { BILLING, CALLS, ENTRY, NONE, PROMPTS, QUARTER_MS, RESPONSES } from './totals-layout.js';

/** Responses of one model and billing in one quarter hour. */
export interface ResponseTotals {
  /** Number of the quarter hour, counted from 1970; `NONE` if the time is unknown. */
  quarter: number;
  /** Time of the newest response; NaN if unknown. */
  newestMs: number;
  model: string | null;
  tier: Tier;
  isUsOnly: boolean;
  /** True if the responses used no tokens at all. */
  isEmpty: boolean;
  responses: number;
  amounts: {
    input: number;
    output: number;
    cacheRead: number;
    cacheWrite: number;
    /** Part of `cacheWrite` that is kept for an hour; per response at most its `cacheWrite`. */
    cacheWrite1h: number;
    webSearches: number;
  };
  /** Input tokens of the largest request, cache included. */
  maxSent: number;
}

/** Prompts of one quarter hour. */
export interface PromptTotals extends Pick<ResponseTotals, 'quarter' | 'newestMs'> {
  prompts: number;
}

/** Calls of one tool in one quarter hour. */
export interface CallTotals extends Pick<ResponseTotals, 'quarter'> {
  tool: string;
  calls: number;
}

/** Parts of a file of totals that a session's totals are read from. */
export interface TotalsSource {
  readonly words: Uint32Array;
  readonly texts: readonly string[];
}

/** The stored totals of a session that shares no response or prompt with another one. */
export class SessionTotals {
  private readonly source: TotalsSource;
  private readonly entry: number;
  private readonly rows: number;

  /** `entry` and `rows` are the positions of the first words of its entry and of its rows. */
  constructor(source: TotalsSource, entry: number, rows: number) {
    this.source = source;
    this.entry = entry;
    this.rows = rows;
  }

  get about(): Pick<LedgerAbout, 'cwd' | 'repository' | 'gitBranch'> {
    const { at } = ENTRY;
    return {
      cwd: this.#text(this.entry + at.cwd),
      repository: this.#text(this.entry + at.repository),
      gitBranch: this.#text(this.entry + at.gitBranch),
    };
  }

  /** Number of rows of responses. */
  get responses(): number {
    return this.#entry('responseRows');
  }

  get prompts(): number {
    return this.#entry('promptRows');
  }

  get calls(): number {
    return this.#entry('callRows');
  }

  /** Reads a row of responses into an object, which is overwritten. */
  readResponses(at: number, into: ResponseTotals): void {
    const { words } = this.source;
    const row = this.rows + RESPONSES.count * at;
    const { amounts } = into;
    const billing = words[row + RESPONSES.at.billing] ?? 0;
    into.quarter = words[row + RESPONSES.at.quarter] ?? NONE;
    into.newestMs = startOfQuarter(into.quarter) + (words[row + RESPONSES.at.newest] ?? 0);
    into.model = this.#text(row + RESPONSES.at.model);
    into.tier = TIERS[bitsIn(billing, BILLING.tier)] ?? 'standard';
    into.isUsOnly = bitsIn(billing, BILLING.isUsOnly) === 1;
    into.isEmpty = bitsIn(billing, BILLING.isEmpty) === 1;
    into.responses = words[row + RESPONSES.at.responses] ?? 0;
    amounts.input = words[row + RESPONSES.at.input] ?? 0;
    amounts.output = words[row + RESPONSES.at.output] ?? 0;
    amounts.cacheRead = words[row + RESPONSES.at.cacheRead] ?? 0;
    amounts.cacheWrite = words[row + RESPONSES.at.cacheWrite] ?? 0;
    amounts.cacheWrite1h = words[row + RESPONSES.at.cacheWrite1h] ?? 0;
    amounts.webSearches = words[row + RESPONSES.at.webSearches] ?? 0;
    into.maxSent = words[row + RESPONSES.at.maxSent] ?? 0;
  }

  /** Reads a row of prompts into an object, which is overwritten. */
  readPrompts(at: number, into: PromptTotals): void {
    const { words } = this.source;
    const row = this.rows + RESPONSES.count * this.responses + PROMPTS.count * at;
    into.quarter = words[row + PROMPTS.at.quarter] ?? NONE;
    into.newestMs = startOfQuarter(into.quarter) + (words[row + PROMPTS.at.newest] ?? 0);
    into.prompts = words[row + PROMPTS.at.prompts] ?? 0;
  }

  /** Reads a row of tool calls into an object, which is overwritten. */
  readCalls(at: number, into: CallTotals): void {
    const { words } = this.source;
    const row = this.rows + RESPONSES.count * this.responses + PROMPTS.count * this.prompts + CALLS.count * at;
    into.quarter = words[row + CALLS.at.quarter] ?? NONE;
    into.tool = this.#text(row + CALLS.at.tool) ?? '';
    into.calls = words[row + CALLS.at.calls] ?? 0;
  }

  #entry(name: keyof (typeof ENTRY)['at']): number {
    return this.source.words[this.entry + ENTRY.at[name]] ?? 0;
  }

  #text(word: number): string | null {
    return this.source.texts[this.source.words[word] ?? NONE] ?? null;
  }
}

/** Returns an object that totals can be read into. */
export function emptyTotals(): ResponseTotals & PromptTotals & CallTotals {
  return {
    quarter: NONE,
    newestMs: NaN,
    model: null,
    tier: 'standard',
    isUsOnly: false,
    isEmpty: false,
    responses: 0,
    amounts: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearches: 0 },
    maxSent: 0,
    prompts: 0,
    tool: '',
    calls: 0,
  };
}

/** Start of a quarter hour in milliseconds; NaN for an unknown one. */
export function startOfQuarter(quarter: number): number {
  return quarter === NONE ? NaN : quarter * QUARTER_MS;
}
