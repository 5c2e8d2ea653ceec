import type { UsageFigures, UsageRow } from '../../usage/report.js';
import { bar } from './bars.js';
import { formatRoughUsd, formatUsd } from './money.js';
import { counted, grouped, threeFigures } from './text/number.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { GAP_WIDTH, columnWidth, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd, cutStart, widthOf } from './text/width.js';

/** Below this width SESSIONS and DISK go. */
const WIDE_FROM = 70;
const LONGEST_BAR = 40;
const SHORTEST_BAR = 6;

/** One line of a usage table. */
export interface UsageLine {
  /** As it is shown, uncut. */
  label: string;
  /** A path says most at its end. */
  isPath: boolean;
  figures: UsageFigures;
  /** A sum of other rows: bars do not compare with it. `total` is of all of them. */
  sum?: 'rest' | 'total';
}

/** The first `limit` rows as lines, and one for the rest, as `rest` words it. 0 means no limit. */
export function usageLinesOf(
  rows: readonly UsageRow[],
  limit: number,
  rest: (rows: readonly UsageRow[]) => UsageLine,
  home: string,
): UsageLine[] {
  const shown = limit === 0 ? rows : rows.slice(0, limit);
  const others = rows.slice(shown.length);
  return [...shown.map((row) => lineOf(row, home)), ...(others.length === 0 ? [] : [rest(others)])];
}

function lineOf(row: UsageRow, home: string): UsageLine {
  const { key, keys, session } = row;
  if (keys.length > 1)
    return { label: keys.map((one) => keyLabel(one, home)).join(' · '), isPath: false, figures: row };
  if (session !== null)
    return {
      label: `${(key ?? '').slice(0, 8)}  ${oneLine(session.title ?? '(no title)')}`,
      isPath: false,
      figures: row,
    };
  const isPath = key?.startsWith('/') === true;
  return {
    label: keyLabel(key, home),
    isPath,
    figures: row,
  };
}

function keyLabel(key: string | null, home: string): string {
  if (key === null || key === '') return '(unknown)';
  return key.startsWith('/') ? shortPath(key, home) : oneLine(key);
}

/**
 * A table of usage as lines, the heading first: label, cost, a bar of it, and as much of the rest as the width has room
 * for. Bars compare costs, or tokens where no cost is known.
 */
export async function usageTable(
  heading: string,
  items: readonly UsageLine[],
  { width, color }: Screen,
): Promise<string[]> {
  const wide = width >= WIDE_FROM;
  const figures = items.filter(({ sum }) => sum === undefined).map((item) => item.figures);
  const measure = figures.some(({ costUsd }) => costUsd !== null && costUsd > 0) ? costOf : tokensOf;
  const most = figures.reduce((largest, item) => Math.max(largest, measure(item)), 0);
  const rough = items.some((item) => costOf(item.figures) >= 100);
  const after: [Column, (item: UsageFigures) => string][] = [
    ...(wide && heading !== 'SESSION' ? [column('SESSIONS', ({ sessions }) => grouped(sessions))] : []),
    ...(wide && items.some((item) => item.figures.prompts !== null)
      ? [column('PROMPTS', ({ prompts }) => (prompts === null ? '' : grouped(prompts)))]
      : []),
    column('TOKENS', ({ tokens }) => threeFigures(tokens.total)),
    ...(wide && items.some((item) => item.figures.footprintBytes !== null)
      ? [column('DISK', ({ footprintBytes }) => (footprintBytes === null ? '' : formatSize(footprintBytes)))]
      : []),
  ];
  const costs = items.map((item) => (rough ? formatRoughUsd : formatUsd)(item.figures.costUsd));
  const texts = after.map(([{ heading: title }, text]) => ({ title, cells: items.map((item) => text(item.figures)) }));
  const taken = [{ title: 'COST', cells: costs }, ...texts].reduce(
    (sum, { title, cells }) => sum + GAP_WIDTH + columnWidth(title, cells),
    2 * GAP_WIDTH,
  );
  const labelWidth = Math.min(
    columnWidth(
      heading,
      items.map(({ label }) => label),
    ),
    Math.max(widthOf(heading), Math.min(width - taken - SHORTEST_BAR, Math.floor(width / 2))),
  );
  const barWidth = Math.max(0, Math.min(LONGEST_BAR, width - taken - labelWidth));
  const columns: Column[] = [
    { heading: `  ${heading}` },
    { heading: 'COST', align: 'right' },
    { heading: '' },
    ...after.map(([title]) => title),
  ];
  const rows = items.map(({ label, isPath, figures: item, sum }, at): Cell[] => [
    { text: `  ${(isPath ? cutStart : cutEnd)(label, labelWidth)}`, ...(sum === 'total' ? { paint: color.bold } : {}) },
    { text: costs[at] ?? '' },
    { text: sum !== undefined || most === 0 ? '' : bar(measure(item) / most, barWidth), paint: color.cyan },
    ...texts.map(({ cells }) => ({ text: cells[at] ?? '' })),
  ]);
  return tableLines(columns, rows, color.dim);
}

/** `77 others`, `12 earlier`. */
export function restLine(rows: readonly UsageRow[], word: string, figures: UsageFigures): UsageLine {
  return { label: counted(rows.length, word, word), isPath: false, figures, sum: 'rest' };
}

function column(heading: string, text: (figures: UsageFigures) => string): [Column, (figures: UsageFigures) => string] {
  return [{ heading, align: 'right' }, text];
}

function costOf({ costUsd }: UsageFigures): number {
  return costUsd ?? 0;
}

function tokensOf({ tokens }: UsageFigures): number {
  return tokens.total;
}
