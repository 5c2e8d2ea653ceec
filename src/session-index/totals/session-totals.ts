import type { Tier } from '../../transcript/scanner/scanner.js';
import { bitsIn } from '../format/layout.js';
import { TIERS } from '../format/ledger/ledger-layout.js';
import type { LedgerAbout } from '../format/ledger/session-ledger.js';
import { BILLING, CALLS, ENTRY, NONE, PROMPTS, QUARTER_MS, RESPONSES } from './totals-layout.js';

/** Responses of one model and billing in one quarter hour. A reader overwrites it with the next. */
export interface ResponseTotals {
  /** Start of the quarter hour in milliseconds; NaN where no time is known. */
  startMs: number;
  /** Time of the newest of them. */
  newestMs: number;
  model: string | null;
  tier: Tier;
  isUsOnly: boolean;
  /** They used no tokens at all. */
  isEmpty: boolean;
  responses: number;
  amounts: {
    input: number;
    output: number;
    cacheRead: number;
    cacheWrite: number;
    /** Of each response at most its `cacheWrite`. */
    cacheWrite1h: number;
    webSearches: number;
  };
  /** Input tokens of the largest request, cache included. */
  maxSent: number;
}

/** Parts of a file of totals, as a session's totals read it. */
export interface TotalsSource {
  readonly words: Uint32Array;
  readonly texts: readonly string[];
}

/** The kept totals of one session, of which no response or prompt is held by another one. */
export class SessionTotals {
  private readonly source: TotalsSource;
  private readonly entry: number;
  private readonly rows: number;

  /** `entry` and `rows` are the first words of its entry and of its rows. */
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

  forEachResponses(use: (totals: ResponseTotals) => void): void {
    const { words } = this.source;
    const { at, count } = RESPONSES;
    const totals = emptyTotals();
    const { amounts } = totals;
    const end = this.rows + count * this.#entry('responseRows');
    for (let row = this.rows; row < end; row += count) {
      const billing = words[row + at.billing] ?? 0;
      totals.startMs = startOf(words[row + at.quarter]);
      totals.newestMs = totals.startMs + (words[row + at.newest] ?? 0);
      totals.model = this.#text(row + at.model);
      totals.tier = TIERS[bitsIn(billing, BILLING.tier)] ?? 'standard';
      totals.isUsOnly = bitsIn(billing, BILLING.isUsOnly) === 1;
      totals.isEmpty = bitsIn(billing, BILLING.isEmpty) === 1;
      totals.responses = words[row + at.responses] ?? 0;
      amounts.input = words[row + at.input] ?? 0;
      amounts.output = words[row + at.output] ?? 0;
      amounts.cacheRead = words[row + at.cacheRead] ?? 0;
      amounts.cacheWrite = words[row + at.cacheWrite] ?? 0;
      amounts.cacheWrite1h = words[row + at.cacheWrite1h] ?? 0;
      amounts.webSearches = words[row + at.webSearches] ?? 0;
      totals.maxSent = words[row + at.maxSent] ?? 0;
      use(totals);
    }
  }

  forEachPrompts(use: (startMs: number, newestMs: number, prompts: number) => void): void {
    const { words } = this.source;
    const { at, count } = PROMPTS;
    const first = this.rows + RESPONSES.count * this.#entry('responseRows');
    for (let n = 0; n < this.#entry('promptRows'); n++) {
      const row = first + count * n;
      const startMs = startOf(words[row + at.quarter]);
      use(startMs, startMs + (words[row + at.newest] ?? 0), words[row + at.prompts] ?? 0);
    }
  }

  forEachCalls(use: (tool: string, startMs: number, calls: number) => void): void {
    const { words } = this.source;
    const { at, count } = CALLS;
    const prompts = PROMPTS.count * this.#entry('promptRows');
    const first = this.rows + RESPONSES.count * this.#entry('responseRows') + prompts;
    for (let n = 0; n < this.#entry('callRows'); n++) {
      const row = first + count * n;
      use(this.#text(row + at.tool) ?? '', startOf(words[row + at.quarter]), words[row + at.calls] ?? 0);
    }
  }

  #entry(name: keyof (typeof ENTRY)['at']): number {
    return this.source.words[this.entry + ENTRY.at[name]] ?? 0;
  }

  #text(word: number): string | null {
    return this.source.texts[this.source.words[word] ?? NONE] ?? null;
  }
}

function emptyTotals(): ResponseTotals {
  return {
    startMs: NaN,
    newestMs: NaN,
    model: null,
    tier: 'standard',
    isUsOnly: false,
    isEmpty: false,
    responses: 0,
    amounts: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearches: 0 },
    maxSent: 0,
  };
}

function startOf(quarter = NONE): number {
  return quarter === NONE ? NaN : quarter * QUARTER_MS;
}
