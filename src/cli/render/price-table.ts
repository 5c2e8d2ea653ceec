import type { ModelPrice, PriceSource, Rates } from '../../usage/prices/prices.js';
import type { PricedModel } from '../../usage/prices/priced-model.js';
import { CLAUDE_CODE_TABLE } from '../../usage/prices/claude-code-prices.js';
import { formatUtcDay } from './text/age.js';
import { grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { renderTable, type Column } from './text/table.js';
import { wrapLine } from './text/wrap.js';

const RATES = [
  ['INPUT', 'input'],
  ['OUTPUT', 'output'],
  ['CACHE READ', 'cacheRead'],
  ['WRITE 5M', 'cacheWrite'],
  ['WRITE 1H', 'cacheWrite1h'],
] as const satisfies readonly (readonly [string, keyof Rates])[];
/** Minimum width at which the WRITE 1H column is shown. */
const WIDE_FROM = 70;
const MIN_NAME = 12;

/** Returns a table of the prices of models, notes and sources, as lines. */
export async function priceLines(
  prices: readonly PricedModel[],
  sources: readonly PriceSource[],
  screen: Screen,
): Promise<string[]> {
  const { width, home } = screen;
  const table = await renderTable<PricedModel>(
    [
      { heading: 'MODEL', cell: ({ model }) => oneLine(model), shrink: 'end', minWidth: MIN_NAME },
      ...RATES.map(
        ([heading, name]): Column<PricedModel> => ({
          heading,
          align: 'right',
          cell: ({ price }) => (price === null ? '–' : `$${price.rates[name]}`),
          from: name === 'cacheWrite1h' ? WIDE_FROM : 0,
        }),
      ),
    ],
    prices,
    screen,
  );
  const notes = prices.flatMap(({ model, price }) => (price === null ? [] : noteLines(model, price, width)));
  return [
    ...table,
    '',
    ...(notes.length === 0 ? [] : [...notes, '']),
    ...wrapLine(
      'US dollars per million tokens, now; earlier responses are counted at the prices of their time, with ' +
        'inference in the United States only at 1.1 times the price.',
      width,
    ),
    ...sources.flatMap(({ name, date }) =>
      wrapLine(
        `From ${shortPath(name, home)}${date === null ? '' : `, ${formatUtcDay(Date.parse(date), true)}`}`,
        width,
      ),
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

/**
 * Returns how a model's price depends on the request, and how it differs from the public list; nothing for most models.
 */
function noteLines(model: string, { rates, long, fast, source, listed }: ModelPrice, width: number): string[] {
  const notes = [
    ...(long === null ? [] : [`above ${grouped(long.above)} input tokens per request: ${rateList(long.rates, rates)}`]),
    ...(fast === null ? [] : [`fast mode: ${rateList(fast, rates)}`]),
    ...(listed === null ? [] : [`the public list differs: ${listedText(listed, rates, long)}`]),
    ...(source.name === CLAUDE_CODE_TABLE.name && listed === null ? ['not in the public list'] : []),
  ];
  return notes.length === 0 ? [] : [...wrapLine(`${oneLine(model)}: ${notes.join('; ')}.`, width)];
}

function listedText(listed: NonNullable<ModelPrice['listed']>, rates: Rates, long: ModelPrice['long']): string {
  const plain = rateList(listed.rates, rates);
  const longer =
    listed.long === null || listed.long.above === long?.above
      ? ''
      : `above ${grouped(listed.long.above)} input tokens ${rateList(listed.long.rates, listed.rates)}`;
  return [plain, longer].filter((text) => text !== '').join(', ');
}

/** Returns the rates that differ from the others. */
function rateList(rates: Rates, others: Rates): string {
  const names = (Object.keys(NAMES) as (keyof Rates)[]).filter((name) => rates[name] !== others[name]);
  return names.map((name) => `${NAMES[name]} $${rates[name]}`).join(', ');
}
