import type { ModelPrice, PriceSource, Rates } from '../../usage/prices/prices.js';
import { CLAUDE_CODE_TABLE } from '../../usage/prices/claude-code-prices.js';
import { formatUtcDay } from './text/age.js';
import { grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { GAP_WIDTH, columnWidth, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd } from './text/width.js';
import { IN_COLUMNS } from './text/wrap.js';

/** A model and its prices now; null where they are not known. */
export interface PricedModel {
  model: string;
  price: ModelPrice | null;
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
  prices: readonly PricedModel[],
  sources: readonly PriceSource[],
  { width, color, home }: Screen,
): Promise<string[]> {
  const shown = RATES.filter(([, name]) => width >= WIDE_FROM || name !== 'cacheWrite1h').map(([heading, name]) => ({
    heading,
    cells: prices.map(({ price }) => (price === null ? '–' : `$${price.rates[name]}`)),
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
  const notes = prices.flatMap(({ model, price }) => (price === null ? [] : noteLines(model, price, width)));
  return [
    ...(await tableLines(columns, rows, color.dim)),
    '',
    ...(notes.length === 0 ? [] : [...notes, '']),
    ...IN_COLUMNS.wrap(
      'US dollars a million tokens, now; earlier responses are counted at the prices of their time, with inference in the United States only at 1.1 times the price.',
      width,
    ),
    ...sources.map(
      ({ name, date }) =>
        `From ${shortPath(name, home)}${date === null ? '' : `, ${formatUtcDay(Date.parse(date), true)}`}`,
    ),
  ];
}

const NAMES: Record<keyof Rates, string> = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache read',
  cacheWrite: '5m write',
  cacheWrite1h: '1h write',
  webSearch: 'web search',
};

/** How a model's price depends on the request, and how it differs from the public list; none for most models. */
function noteLines(model: string, { rates, long, fast, source, listed }: ModelPrice, width: number): string[] {
  const notes = [
    ...(long === null ? [] : [`above ${grouped(long.above)} input tokens a request: ${rateList(long.rates, rates)}`]),
    ...(fast === null ? [] : [`fast mode: ${rateList(fast, rates)}`]),
    ...(listed === null ? [] : [`the public list differs: ${listedText(listed, rates, long)}`]),
    ...(source.name === CLAUDE_CODE_TABLE.name && listed === null ? ['not in the public list'] : []),
  ];
  return notes.length === 0 ? [] : [...IN_COLUMNS.wrap(`${oneLine(model)}: ${notes.join('; ')}.`, width)];
}

function listedText(listed: NonNullable<ModelPrice['listed']>, rates: Rates, long: ModelPrice['long']): string {
  const plain = rateList(listed.rates, rates);
  const longer =
    listed.long === null || listed.long.above === long?.above
      ? ''
      : `above ${grouped(listed.long.above)} input tokens ${rateList(listed.long.rates, listed.rates)}`;
  return [plain, longer].filter((text) => text !== '').join(', ');
}

/** The rates that are not the same as the others. */
function rateList(rates: Rates, others: Rates): string {
  const names = (Object.keys(NAMES) as (keyof Rates)[]).filter((name) => rates[name] !== others[name]);
  return names.map((name) => `${NAMES[name]} $${rates[name]}`).join(', ');
}
