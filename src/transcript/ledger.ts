import type { Usage } from './scanner/scanner.js';

/** The model of lines that no model wrote (docs/storage.md). */
export const SYNTHETIC = '<synthetic>';

/** The ledger as plain data: parallel lists, so that tens of thousands of rows are read back at once. */
export interface LedgerState {
  ids: string[];
  /** Four counts a row: input, output, cache read, cache write. */
  counts: number[];
}

/**
 * Tokens by API response. A response spans several lines with the same `message.id`, and resumed or forked
 * transcripts repeat it: it counts once, with the line that says the most output (docs/storage.md).
 */
export class ResponseLedger {
  readonly #rows = new Map<string, Usage>();
  /** Responses without an id: each line stands for itself. */
  #nameless = 0;

  constructor(state?: LedgerState) {
    state?.ids.forEach((id, row) => {
      const [input = 0, output = 0, cacheRead = 0, cacheWrite = 0] = state.counts.slice(row * 4, row * 4 + 4);
      this.#rows.set(id, { input, output, cacheRead, cacheWrite });
      if (id.startsWith('#')) this.#nameless++;
    });
  }

  /** True if a line of this response was seen, whether it told its usage or not. */
  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** Takes in one assistant line. Lines Claude Code made up (`<synthetic>`) cost nothing. */
  add(id: string | null, model: string | null, usage: Usage | null): void {
    const key = id ?? `#${this.#nameless++}`;
    const told = model === SYNTHETIC || usage === null ? NOTHING : usage;
    const known = this.#rows.get(key);
    if (known === undefined || told.output > known.output) this.#rows.set(key, told);
  }

  /** The rows by response; those without an id have a key of their own that starts with `#`. */
  get rows(): ReadonlyMap<string, Usage> {
    return this.#rows;
  }

  get state(): LedgerState {
    const counts: number[] = [];
    for (const row of this.#rows.values()) counts.push(row.input, row.output, row.cacheRead, row.cacheWrite);
    return { ids: [...this.#rows.keys()], counts };
  }
}

const NOTHING: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
