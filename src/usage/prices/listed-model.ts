/** A rule of the price package that matches names of models. */
export type NameRule =
  | { readonly or: readonly NameRule[] }
  | { readonly and: readonly NameRule[] }
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string };

/** A price, or prices by the size of a request. */
export type ListedPrice =
  | number
  | { readonly base: number; readonly tiers: readonly { readonly start: number; readonly price: number }[] };

/** Prices by the package's key, US dollars per million tokens or a thousand web searches. */
export type ListedPrices = Readonly<Record<string, ListedPrice>>;

/** Prices from a start date on; a period without a constraint has no start. */
export interface PricePeriod {
  readonly constraint?: { readonly type: 'start_date'; readonly start_date: string };
  readonly prices: ListedPrices;
}

/** A model of the price package with its prices, or with one set of prices per period. */
export interface ListedModel {
  readonly match: NameRule;
  readonly prices: ListedPrices | readonly PricePeriod[];
}

/** A release date without dashes, at the end of a name or followed by another part of it. */
const RELEASE = /(-)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g;

/** Returns the first model whose rule matches a name, as the package finds it; null if none does. */
export function findListed(models: readonly ListedModel[], name: string): ListedModel | null {
  const plain = name.toLowerCase().trim();
  const found = models.find(({ match }) => isMatch(match, plain));
  if (found !== undefined) return found;
  const dashed = plain.replace(RELEASE, withDashes);
  return dashed === plain ? null : (models.find(({ match }) => isMatch(match, dashed)) ?? null);
}

/** Returns a model's prices at a time, as the package finds them; null for a time that is not a number. */
export function pricesAt({ prices }: ListedModel, timeMs: number): ListedPrices | null {
  if (!isPeriods(prices)) return prices;
  if (Number.isNaN(timeMs)) return null;
  const current = prices.findLast(({ constraint }) => constraint === undefined || timeMs >= startMs(constraint));
  return (current ?? prices[0])?.prices ?? null;
}

/** Returns the times at which a model's prices change. */
export function changesOf({ prices }: ListedModel): number[] {
  return isPeriods(prices)
    ? prices.flatMap(({ constraint }) => (constraint === undefined ? [] : [startMs(constraint)]))
    : [];
}

function isPeriods(prices: ListedModel['prices']): prices is readonly PricePeriod[] {
  return Array.isArray(prices);
}

function startMs({ start_date: day }: NonNullable<PricePeriod['constraint']>): number {
  return Date.parse(day);
}

function isMatch(rule: NameRule, name: string): boolean {
  if ('or' in rule) return rule.or.some((one) => isMatch(one, name));
  if ('and' in rule) return rule.and.every((one) => isMatch(one, name));
  if ('equals' in rule) return name === rule.equals.toLowerCase();
  if ('starts_with' in rule) return name.startsWith(rule.starts_with.toLowerCase());
  if ('ends_with' in rule) return name.endsWith(rule.ends_with.toLowerCase());
  if ('contains' in rule) return name.includes(rule.contains.toLowerCase());
  return new RegExp(rule.regex).test(name);
}

/** Returns a release date with dashes; returns `text` unchanged if the calendar has no such day. */
function withDashes(text: string, dash: string, year: string, month: string, day: string): string {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isDay ? `${dash}${year}-${month}-${day}` : text;
}
