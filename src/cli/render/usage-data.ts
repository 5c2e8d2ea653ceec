import type { Overview } from '../../usage/overview.js';
import type { UsageFigures, UsageReport, UsageRow } from '../../usage/report.js';
import { tabbed } from './text/pipe.js';
import type { PricedModel } from '../../usage/prices/priced-model.js';
import { plainUsd } from './money.js';
import { csvLine } from './text/csv.js';

const CSV_HEADING = [
  'title',
  'cwd',
  'sessions',
  'prompts',
  'responses',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'totalTokens',
  'costUsd',
  'unpricedTokens',
  'footprintBytes',
];

/**
 * Returns a row as a line for pipes: its keys (one per grouping), sessions, prompts, tokens, costUsd, footprintBytes,
 * title.
 */
export function usageLine(row: UsageRow): string {
  return tabbed([...keysOf(row), ...shortFigures(row), row.session?.title ?? null]);
}

/** Returns the overview as lines for pipes: `today`, `7 days` …, then the fields of `usageLine`. */
export function overviewData({ windows }: Overview): string[] {
  return windows.map(({ days, figures }) =>
    tabbed([days === null ? 'all' : days === 1 ? 'today' : `${days} days`, ...shortFigures(figures)]),
  );
}

/**
 * Returns a price as a line for pipes: model, input, output, cacheRead, cacheWrite, cacheWrite1h, webSearch. The fields
 * of an unknown price are empty.
 */
export function priceLine({ model, price }: PricedModel): string {
  return tabbed([
    model,
    ...(['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'webSearch'] as const).map(
      (name) => price?.rates[name] ?? null,
    ),
  ]);
}

/** Yields rows as comma-separated values with a heading (RFC 4180). Each of several groupings has its own column. */
export function* usageCsv(rows: readonly UsageRow[], by: UsageReport['by']): Generator<string> {
  yield csvLine([...(typeof by === 'string' ? ['key'] : by), ...CSV_HEADING]);
  for (const row of rows) {
    const { session, sessions, prompts, responses, tokens, costUsd, unpricedTokens, footprintBytes } = row;
    const { input, output, cacheRead, cacheWrite, total } = tokens;
    yield csvLine([
      ...[
        ...keysOf(row),
        session?.title ?? null,
        session?.cwd ?? null,
        sessions,
        prompts,
        responses,
        input,
        output,
        cacheRead,
        cacheWrite,
        total,
      ],
      ...[plainUsd(costUsd), unpricedTokens, footprintBytes],
    ]);
  }
}

function keysOf({ key, keys }: UsageRow): readonly (string | null)[] {
  return keys.length > 1 ? keys : [key];
}

function shortFigures({ sessions, prompts, tokens, costUsd, footprintBytes }: UsageFigures): (number | null)[] {
  return [sessions, prompts, tokens.total, plainUsd(costUsd), footprintBytes];
}
