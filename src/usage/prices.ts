import type * as GenaiPrices from '@pydantic/genai-prices';
import type { Tier } from '../transcript/scanner/scanner.js';

/** What one response used, as it is priced. `cacheWrite1h` is a part of `cacheWrite`. */
export interface Amounts {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  cacheWrite1h: number;
  webSearches: number;
}

/** US dollars a million tokens, and for one web search. */
export interface Rates {
  input: number;
  output: number;
  cacheRead: number;
  /** Kept for five minutes. */
  cacheWrite: number;
  /** Kept for an hour. */
  cacheWrite1h: number;
  webSearch: number;
}

/** Where prices come from. `date` is the day of the table, null where nobody said. */
export interface PriceSource {
  name: string;
  date: string | null;
}

/** Prices of models by the time of a response. */
export interface Prices {
  /** The table, and the file that overrides it if one was given. */
  readonly sources: readonly PriceSource[];
  /** US dollars for one response; null where the model's price is not known. Times are milliseconds. */
  cost(model: string, tier: Tier, timeMs: number, amounts: Amounts): number | null;
  /** What a model's plain requests cost at a time, long ones apart; null where it is not known. */
  rates(model: string, timeMs: number): Rates | null;
}

/** The prices that come with ccsess: those of the package, bundled; nothing is ever fetched. A test holds version and package together. */
export const TABLE = { name: '@pydantic/genai-prices 0.1.8', version: '0.1.8', date: '2026-09-23' } as const;

const MILLION = 1e6;
/** What asks for a price alone. */
const NO_USE = { input_tokens: 0, output_tokens: 0 };

/** US dollars at the given rates. */
export function costAt(
  rates: Rates,
  { input, output, cacheRead, cacheWrite, cacheWrite1h, webSearches }: Amounts,
): number {
  const hour = Math.min(cacheWrite1h, cacheWrite);
  const tokens =
    input * rates.input +
    output * rates.output +
    cacheRead * rates.cacheRead +
    (cacheWrite - hour) * rates.cacheWrite +
    hour * rates.cacheWrite1h;
  return tokens / MILLION + webSearches * rates.webSearch;
}

/** What of the price package is used. */
type Library = Pick<typeof GenaiPrices, 'calcPrice'>;

/** Loads the bundled table (some 30 ms, so only for who needs it). */
export async function listPrices(): Promise<Prices> {
  return new ListPrices(await import('@pydantic/genai-prices'));
}

/** A model's price for a while: flat rates up to so many input tokens, null if there is none. */
interface Known {
  rates: Rates | null;
  flatUpTo: number;
}

/** A model's prices: from each time on the one beside it, the first from ever on. Empty where it depends on the time of day. */
interface Course {
  starts: number[];
  known: (Known | undefined)[];
}

class ListPrices implements Prices {
  readonly sources = [{ name: TABLE.name, date: TABLE.date }];
  readonly #library: Library;
  readonly #courses = new Map<string, Course>();

  constructor(library: Library) {
    this.#library = library;
  }

  cost(model: string, _tier: Tier, timeMs: number, amounts: Amounts): number | null {
    const { rates, flatUpTo } = this.#at(model, timeMs);
    if (rates === null) return null;
    const sent = amounts.input + amounts.cacheRead + amounts.cacheWrite;
    return sent <= flatUpTo ? costAt(rates, amounts) : this.#calculate(model, timeMs, amounts);
  }

  rates(model: string, timeMs: number): Rates | null {
    return this.#at(model, timeMs).rates;
  }

  #at(model: string, timeMs: number): Known {
    let course = this.#courses.get(model);
    if (course === undefined) {
      course = this.#courseOf(model, timeMs);
      this.#courses.set(model, course);
    }
    let period = course.starts.length - 1;
    while (period > 0 && !(timeMs >= (course.starts[period] ?? 0))) period--;
    const known = course.known[period] ?? this.#look(model, timeMs);
    if (period >= 0) course.known[period] = known;
    return known;
  }

  #courseOf(model: string, timeMs: number): Course {
    const prices = this.#ask(model, timeMs, NO_USE)?.model.prices;
    if (!Array.isArray(prices)) return { starts: [-Infinity], known: [] };
    const starts = prices.flatMap(({ constraint }) =>
      constraint === undefined ? [] : constraint.type === 'start_date' ? [Date.parse(constraint.start_date)] : [NaN],
    );
    return starts.some(Number.isNaN)
      ? { starts: [], known: [] }
      : { starts: [-Infinity, ...starts.sort((a, b) => a - b)], known: [] };
  }

  #look(model: string, timeMs: number): Known {
    const result = this.#ask(model, timeMs, NO_USE);
    if (result === null) return { rates: null, flatUpTo: 0 };
    const tiers = Object.values(result.model_price).flatMap((price) =>
      typeof price === 'object' ? price.tiers.map(({ start }) => start) : [],
    );
    const base = (key: string): number | undefined => {
      const price = result.model_price[key];
      return typeof price === 'object' ? price.base : price;
    };
    const input = base('input_mtok') ?? 0;
    const cacheWrite = base('cache_write_mtok') ?? input;
    const rates: Rates = {
      input,
      output: base('output_mtok') ?? 0,
      cacheRead: base('cache_read_mtok') ?? input,
      cacheWrite,
      cacheWrite1h: base('cache_write_1h_mtok') ?? cacheWrite,
      webSearch: (base('web_searches_kcount') ?? 0) / 1000,
    };
    return { rates, flatUpTo: Math.min(...tiers, Infinity) };
  }

  /** Long requests cost more with some models: the package knows how. */
  #calculate(
    model: string,
    timeMs: number,
    { input, output, cacheRead, cacheWrite, cacheWrite1h, webSearches }: Amounts,
  ): number | null {
    const result = this.#ask(model, timeMs, {
      input_tokens: input + cacheRead + cacheWrite,
      cache_read_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      cache_write_1h_tokens: Math.min(cacheWrite1h, cacheWrite),
      output_tokens: output,
      web_searches: webSearches,
    });
    return result?.total_price ?? null;
  }

  #ask(model: string, timeMs: number, usage: Record<string, number>): ReturnType<Library['calcPrice']> {
    for (const name of new Set([model, plainName(model)])) {
      for (const options of [{ providerId: 'anthropic' }, {}]) {
        try {
          const result = this.#library.calcPrice(usage, name, { ...options, timestamp: new Date(timeMs) });
          if (result !== null) return result;
        } catch {
          // A model the table knows, but not at this kind of usage: as good as unknown.
        }
      }
    }
    return null;
  }
}

/** Clouds wrap a model's name (`us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `anthropic/claude-…`); the price is that of the name within. */
function plainName(model: string): string {
  return /claude-.*/.exec(model)?.[0].replace(/-v\d+(?::\d+)?$/, '') ?? model;
}
