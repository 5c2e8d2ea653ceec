import type { UsageFigures, UsageRow } from '../../usage/report.js';
import { bar } from './bars.js';
import { formatRoughUsd, formatUsd } from './money.js';
import { counted, grouped, threeFigures } from './text/number.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable, type Cell, type Column } from './text/table.js';
import { cutStart } from './text/width.js';
import { shortId } from '../../claude/layout.js';

/** Minimum width of the screen for SESSIONS, PROMPTS and DISK. */
const WIDE_FROM = 70;
const MAX_BAR = 40;
const MIN_BAR = 6;
/** Weight of the label when it shares the width with its bar, whose weight is 1. */
const LABEL_SHARE = 6;

/** One line of a usage table. */
export interface UsageLine {
  /** The label in full. */
  label: string;
  /** True for a path, which is cut at its start instead of its end. */
  isPath: boolean;
  figures: UsageFigures;
  /** Set for a line that sums up other rows, and so has no bar: the remaining rows, or all. */
  sum?: 'rest' | 'total';
}

/** Returns the first `limit` rows as lines (0 means all), and one line for the others, made by `rest`. */
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
      label: `${shortId(key ?? '')}  ${oneLine(session.title ?? '(no title)')}`,
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
 * Returns a table of usage as lines, heading first: label, cost, a bar, and as many further columns as fit. Bars
 * compare costs, or tokens if no cost is known.
 */
export function usageTable(heading: string, items: readonly UsageLine[], screen: Screen): Promise<string[]> {
  const { color } = screen;
  const figures = items.filter(({ sum }) => sum === undefined).map((item) => item.figures);
  const measure = figures.some(({ costUsd }) => costUsd !== null && costUsd > 0) ? costOf : tokensOf;
  const most = figures.reduce((largest, item) => Math.max(largest, measure(item)), 0);
  const rough = items.some((item) => costOf(item.figures) >= 100);
  const isKnown = (name: 'prompts' | 'footprintBytes'): boolean => items.some((item) => item.figures[name] !== null);
  return renderTable<UsageLine>(
    [
      labelColumn(heading, color),
      figureColumn('COST', ({ costUsd }) => (rough ? formatRoughUsd : formatUsd)(costUsd)),
      barColumn(({ figures: one, sum }) => (sum !== undefined || most === 0 ? 0 : measure(one) / most), color),
      ...(heading === 'SESSION'
        ? []
        : [figureColumn('SESSIONS', ({ sessions }) => grouped(sessions), { from: WIDE_FROM, color: color.dim })]),
      ...(isKnown('prompts')
        ? [
            figureColumn('PROMPTS', ({ prompts }) => (prompts === null ? '' : grouped(prompts)), {
              from: WIDE_FROM,
              color: color.dim,
            }),
          ]
        : []),
      figureColumn('TOKENS', ({ tokens }) => threeFigures(tokens.total), { color: color.dim }),
      ...(isKnown('footprintBytes')
        ? [
            figureColumn('DISK', ({ footprintBytes: bytes }) => (bytes === null ? '' : formatSize(bytes)), {
              from: WIDE_FROM,
              color: color.dim,
            }),
          ]
        : []),
    ],
    items,
    screen,
  );
}

function labelColumn(heading: string, color: Screen['color']): Column<UsageLine> {
  return {
    heading,
    cell: ({ label, isPath, sum }) => ({
      text: label,
      color: sum === 'total' ? color.bold : isPath ? color.blueBright : String,
      ...(isPath ? { fit: (width: number): Cell => ({ text: cutStart(label, width) }) } : {}),
    }),
    shrink: 'end',
    share: LABEL_SHARE,
  };
}

/** Returns a column of bars for shares between 0 and 1, thinner and dimmer than the figures they illustrate. */
function barColumn(shareOf: (line: UsageLine) => number, color: Screen['color']): Column<UsageLine> {
  return {
    heading: '',
    cell(line) {
      const share = shareOf(line);
      return { text: share === 0 ? '' : ' '.repeat(MAX_BAR), fit: (width) => ({ text: bar(share, width) }) };
    },
    shrink: 'end',
    minWidth: MIN_BAR,
    color: color.cyan.dim,
  };
}

function figureColumn(
  heading: string,
  text: (figures: UsageFigures) => string,
  more: Partial<Column<UsageLine>> = {},
): Column<UsageLine> {
  return { heading, align: 'right', cell: ({ figures }) => text(figures), ...more };
}

/** Returns the line for the remaining rows: `77 others`, `12 earlier`. */
export function restLine(rows: readonly UsageRow[], word: string, figures: UsageFigures): UsageLine {
  return { label: counted(rows.length, word, word), isPath: false, figures, sum: 'rest' };
}

function costOf({ costUsd }: UsageFigures): number {
  return costUsd ?? 0;
}

function tokensOf({ tokens }: UsageFigures): number {
  return tokens.total;
}
