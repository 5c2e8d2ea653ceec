import type { PriceSource, Rates } from '../../usage/prices.js';
import { formatUtcDay } from './text/age.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { GAP_WIDTH, columnWidth, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd } from './text/width.js';
import { IN_COLUMNS } from './text/wrap.js';

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
/** Below this width WRITE 1H goes. */
const WIDE_FROM = 70;
const SHORTEST_NAME = 12;

/** Prices of models as a table, and where they are from, as lines. */
export async function priceLines(
  prices: readonly ModelPrice[],
  sources: readonly PriceSource[],
  { width, color, home }: Screen,
): Promise<string[]> {
  const shown = RATES.filter(([, name]) => width >= WIDE_FROM || name !== 'cacheWrite1h').map(([heading, name]) => ({
    heading,
    cells: prices.map(({ rates }) => (rates === null ? '–' : `$${rates[name]}`)),
  }));
  const taken = shown.reduce((sum, { heading, cells }) => sum + GAP_WIDTH + columnWidth(heading, cells), GAP_WIDTH);
  const room = Math.max(SHORTEST_NAME, width - taken);
  const columns: Column[] = [
    { heading: '  MODEL' },
    ...shown.map(({ heading }): Column => ({ heading, align: 'right' })),
  ];
  const rows = prices.map(({ model }, at): Cell[] => [
    { text: `  ${cutEnd(oneLine(model), room)}` },
    ...shown.map(({ cells }) => ({ text: cells[at] ?? '' })),
  ]);
  return [
    ...(await tableLines(columns, rows, color.dim)),
    '',
    ...IN_COLUMNS.wrap(
      'US dollars a million tokens, for requests of ordinary length, now; earlier responses are counted at the prices of their time.',
      width,
    ),
    ...sources.map(
      ({ name, date }) =>
        `From ${shortPath(name, home)}${date === null ? '' : `, ${formatUtcDay(Date.parse(date), true)}`}`,
    ),
  ];
}
