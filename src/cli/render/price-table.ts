import type { PriceSource, Rates } from '../../usage/prices.js';
import { formatUtcDay } from './age.js';
import { shortPath } from './path.js';
import { oneLine } from './sanitize.js';
import type { Screen } from './screen.js';
import { tableLines, type Cell, type Column } from './table.js';
import { cutEnd } from './width.js';
import { IN_COLUMNS } from './wrap.js';

/** What a model costs now; null where nobody knows. */
export interface ModelPrice {
  model: string;
  rates: Rates | null;
}

const RATES = [
  ['INPUT', 'input'],
  ['OUTPUT', 'output'],
  ['CACHE READ', 'cacheRead'],
  ['WRITE 5M', 'cacheWrite'],
  ['WRITE 1H', 'cacheWrite1h'],
] as const satisfies readonly (readonly [string, keyof Rates])[];
const COLUMNS: readonly Column[] = [{ heading: '  MODEL' }, ...RATES.map(([heading]): Column => ({ heading, align: 'right' }))];
const MOST_NAME = 40;

/** Prices of models as a table, and where they are from, as lines. */
export async function priceLines(prices: readonly ModelPrice[], sources: readonly PriceSource[], { width, color, home }: Screen): Promise<string[]> {
  const rows = prices.map(({ model, rates }): Cell[] => [
    { text: `  ${cutEnd(oneLine(model), MOST_NAME)}` },
    ...RATES.map(([, name]) => ({ text: rates === null ? '–' : `$${rates[name]}` })),
  ]);
  return [
    ...(await tableLines(COLUMNS, rows, color.dim)),
    '',
    ...IN_COLUMNS.wrap('US dollars a million tokens, for requests of ordinary length, now; earlier responses are counted at the prices of their time.', width),
    ...sources.map(({ name, date }) => `From ${shortPath(name, home)}${date === null ? '' : `, ${formatUtcDay(Date.parse(date), true)}`}`),
  ];
}
