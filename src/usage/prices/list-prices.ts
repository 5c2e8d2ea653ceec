import { CLAUDE_CODE_TABLE, fastFactor, ownPrice, US_ONLY_FACTOR } from './claude-code-prices.js';
import {
  type Amounts,
  type Billing,
  costAt,
  type LongRequests,
  type ModelPrice,
  multiplyRates,
  plainName,
  type Prices,
  type PriceSource,
  type Rates,
  sentTokens,
  type SpanPrice,
  type TimeSpan,
} from './prices.js';
import { publicPrices, type PublicPrices, TABLE } from './public-prices.js';

const PUBLIC: PriceSource = { name: TABLE.name, date: TABLE.date };
const OWN: PriceSource = { name: CLAUDE_CODE_TABLE.name, date: CLAUDE_CODE_TABLE.date };

/** Returns the prices that come with ccsess: the public list prices, and Claude Code's own where the two differ. */
export function listPrices(): Prices {
  return new ListPrices(publicPrices());
}

/** Facts about a model that hold at any time. */
interface ModelFacts {
  own: { rates: Rates; long: LongRequests | null } | null;
  fastFactor: number;
  isClaude: boolean;
}

class ListPrices implements Prices {
  readonly sources = [PUBLIC, OWN];
  readonly #list: PublicPrices;
  readonly #models = new Map<string, ModelFacts>();

  constructor(list: PublicPrices) {
    this.#list = list;
  }

  cost(model: string, { tier, isUsOnly }: Billing, timeMs: number, amounts: Amounts): number | null {
    const { own, isClaude, ...known } = this.#known(model);
    // Long requests to Claude models cost more only where Claude Code's own table says so.
    if (own === null && !isClaude) return this.#list.cost(model, timeMs, amounts);
    const standard = own?.rates ?? this.#list.at(model, timeMs).rates;
    if (standard === null) return null;
    const long = own?.long ?? null;
    const rates = long === null || sentTokens(amounts) <= long.above ? standard : long.rates;
    return costAt(rates, amounts, (tier === 'fast' ? known.fastFactor : 1) * (isUsOnly ? US_ONLY_FACTOR : 1));
  }

  during(model: string, { tier, isUsOnly }: Billing, { firstMs, lastMs }: TimeSpan): SpanPrice | null | undefined {
    const { own, isClaude, ...known } = this.#known(model);
    const hasFactors = own !== null || isClaude;
    const listed = own === null ? this.#list.at(model, firstMs) : null;
    if (listed !== null && listed !== this.#list.at(model, lastMs)) return undefined;
    const { rates, long } = own ?? { rates: listed?.rates ?? null, long: hasFactors ? null : (listed?.long ?? null) };
    if (rates === null) return null;
    const factor = (tier === 'fast' ? known.fastFactor : 1) * (isUsOnly ? US_ONLY_FACTOR : 1);
    return { rates, factor: hasFactors ? factor : 1, maxSent: long?.above ?? Infinity };
  }

  price(model: string, timeMs: number): ModelPrice | null {
    const { own, fastFactor: factor, isClaude } = this.#known(model);
    const listed = this.#list.at(model, timeMs);
    const rates = own?.rates ?? listed.rates;
    if (rates === null) return null;
    const long = own === null && !isClaude ? listed.long : (own?.long ?? null);
    const isListed = listed.rates !== null && isSame(rates, listed.rates) && long?.above === listed.long?.above;
    return {
      rates,
      long,
      fast: factor === 1 ? null : multiplyRates(rates, factor),
      source: own === null ? PUBLIC : OWN,
      listed: listed.rates === null || isListed ? null : { rates: listed.rates, long: listed.long },
    };
  }

  isOverridden(): boolean {
    return false;
  }

  #known(model: string): ModelFacts {
    let known = this.#models.get(model);
    if (known === undefined) {
      const name = plainName(model);
      const own = ownPrice(name);
      known = {
        own: own === null ? null : { rates: own.rates, long: own.long ?? null },
        fastFactor: fastFactor(name),
        isClaude: name.startsWith('claude-'),
      };
      this.#models.set(model, known);
    }
    return known;
  }
}

function isSame(a: Rates, b: Rates): boolean {
  return (Object.keys(a) as (keyof Rates)[]).every((name) => a[name] === b[name]);
}
