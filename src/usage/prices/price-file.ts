import { readFileSync } from 'node:fs';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { errorCode } from '../../system/problem.js';
import { decodeText } from '../../system/small-file.js';
import type { Tier } from '../../transcript/scanner/scanner.js';
import { listPrices } from './list-prices.js';
import {
  type Amounts,
  type Billing,
  costAt,
  type ModelPrice,
  type Prices,
  type PriceSource,
  type Rates,
  type SpanPrice,
  type TimeSpan,
} from './prices.js';

/** One model of a price file: its standard rates, and those of other tiers. */
interface FileModel {
  rates: Rates;
  tiers: ReadonlyMap<Tier, Rates>;
}

const RATE_NAMES = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'webSearch'] as const;
const TIER_NAMES: readonly Tier[] = ['priority', 'batch', 'fast'];
/** Maximum price: far above any real one, and low enough for sums to stay finite. */
const MAX_USD = 1e6;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Returns the list prices; those of a file (docs/usage.md, "A price file") replace them at all times for the models
 * that it names. Throws USAGE if the file cannot be read or is invalid.
 */
export function openPrices(path: string | null): Prices {
  const list = listPrices();
  return path === null ? list : new FilePrices(list, path, readPriceFile(path));
}

class FilePrices implements Prices {
  readonly sources: readonly PriceSource[];
  readonly #source: PriceSource;
  readonly #list: Prices;
  readonly #models: ReadonlyMap<string, FileModel>;
  /** Results of earlier lookups, by name of the model. */
  readonly #found = new Map<string, FileModel | null>();

  constructor(list: Prices, path: string, { date, models }: PriceFile) {
    this.#source = { name: path, date };
    this.sources = [this.#source, ...list.sources];
    this.#list = list;
    this.#models = models;
  }

  cost(model: string, billing: Billing, timeMs: number, amounts: Amounts): number | null {
    const found = this.#find(model);
    return found === null
      ? this.#list.cost(model, billing, timeMs, amounts)
      : costAt(found.tiers.get(billing.tier) ?? found.rates, amounts);
  }

  during(model: string, billing: Billing, span: TimeSpan): SpanPrice | null | undefined {
    const found = this.#find(model);
    if (found === null) return this.#list.during(model, billing, span);
    return { rates: found.tiers.get(billing.tier) ?? found.rates, factor: 1, maxSent: Infinity };
  }

  price(model: string, timeMs: number): ModelPrice | null {
    const found = this.#find(model);
    if (found === null) return this.#list.price(model, timeMs);
    return {
      rates: found.rates,
      long: null,
      fast: found.tiers.get('fast') ?? null,
      source: this.#source,
      listed: null,
    };
  }

  isOverridden(model: string): boolean {
    return this.#find(model) !== null;
  }

  /** Finds a model by its whole name, else by the longest prefix that the file names with `*`. */
  #find(model: string): FileModel | null {
    const known = this.#found.get(model);
    if (known !== undefined) return known;
    const found = this.#models.get(model) ?? this.#byStart(model);
    this.#found.set(model, found);
    return found;
  }

  #byStart(model: string): FileModel | null {
    const starts = [...this.#models.keys()].filter((name) => name.endsWith('*') && model.startsWith(name.slice(0, -1)));
    const longest = starts.sort((a, b) => b.length - a.length)[0];
    return longest === undefined ? null : (this.#models.get(longest) ?? null);
  }
}

interface PriceFile {
  date: string | null;
  models: ReadonlyMap<string, FileModel>;
}

function readPriceFile(path: string): PriceFile {
  const wrong = (what: string): CcsessError => new CcsessError('USAGE', phrase`${option('prices')} ${path}: ${what}.`);
  const file = members(parse(path, wrong), 'the file', ['date', 'models'], wrong);
  const { date } = file;
  if (date !== undefined && (typeof date !== 'string' || !isDate(date)))
    throw wrong('date is not a date such as 2026-11-01');
  const models = members(file['models'], 'models', null, wrong);
  const read = Object.entries(models).map(([name, value]) => [name, readModel(name, value, wrong)] as const);
  return { date: date ?? null, models: new Map(read) };
}

function isDate(text: string): boolean {
  const time = DATE.test(text) ? Date.parse(text) : NaN;
  // Dates such as 30 February are read as days of the next month.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function parse(path: string, wrong: (what: string) => CcsessError): unknown {
  try {
    return JSON.parse(decodeText(readFileSync(path))) as unknown;
  } catch (error) {
    const code = errorCode(error);
    throw wrong(
      error instanceof SyntaxError
        ? 'not JSON'
        : code === 'ENOENT'
          ? 'no such file'
          : `cannot be read (${code ?? 'unknown error'})`,
    );
  }
}

function readModel(name: string, value: unknown, wrong: (what: string) => CcsessError): FileModel {
  const { tiers = {}, ...rates } = members(value, `model ${name}`, [...RATE_NAMES, 'tiers'], wrong);
  const named = Object.entries(members(tiers, `tiers of ${name}`, TIER_NAMES, wrong));
  return {
    rates: readRates(name, rates, wrong),
    tiers: new Map(
      named.map(([tier, given]) => [
        tier as Tier,
        readRates(`${name}, ${tier}`, members(given, `tier ${tier} of ${name}`, RATE_NAMES, wrong), wrong),
      ]),
    ),
  };
}

function readRates(name: string, given: Record<string, unknown>, wrong: (what: string) => CcsessError): Rates {
  const rate = (key: (typeof RATE_NAMES)[number]): number | null => {
    const value = given[key];
    if (value === undefined) return null;
    if (typeof value === 'number' && value >= 0 && value <= MAX_USD) return value;
    throw wrong(`${key} of ${name} is not a price: expected US dollars from 0 to a million`);
  };
  const input = rate('input');
  const output = rate('output');
  if (input === null || output === null)
    throw wrong(`${name} needs input and output, in US dollars per million tokens`);
  const cacheWrite = rate('cacheWrite') ?? input;
  return {
    input,
    output,
    cacheRead: rate('cacheRead') ?? input,
    cacheWrite,
    cacheWrite1h: rate('cacheWrite1h') ?? cacheWrite,
    webSearch: rate('webSearch') ?? 0,
  };
}

/** Returns the members of an object. Throws for an unknown member, so that a misspelt name is noticed. */
function members(
  value: unknown,
  what: string,
  known: readonly string[] | null,
  wrong: (what: string) => CcsessError,
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`${what} is not an object`);
  const unknown = known === null ? undefined : Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw wrong(`${what} has a member '${unknown}'; known are ${known?.join(', ') ?? ''}`);
  return value as Record<string, unknown>;
}
