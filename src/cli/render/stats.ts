import type { Overview } from '../../usage/overview.js';
import type { PriceSource } from '../../usage/prices/prices.js';
import { isByTime, sumFigures, type UsageFigures, type UsageReport, type UsageRow } from '../../usage/report.js';
import { formatUtcDay } from './text/age.js';
import { sparkline } from './bars.js';
import { formatRoughUsd, formatUsd } from './money.js';
import { counted, grouped, threeFigures } from './text/number.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { toolList } from './tool-list.js';
import { formatSize } from './text/size.js';
import { renderTable, type Column } from './text/table.js';
import { restLine, usageLinesOf, usageTable } from './usage-table.js';
import { joinFitting, wrapLine } from './text/wrap.js';
import { DAY_MS } from '../../system/time.js';

/** Maximum number of projects and models in the overview before the rest is summed up. */
const MAX_PROJECTS = 5;
const MAX_MODELS = 5;
/** Maximum number of sessions named in the footer. */
const MAX_IDS = 3;
const SHORT_ID = 8;

/** Values of the footer of all usage screens. */
export interface UsageFoot {
  sources: readonly PriceSource[];
  /** The price file in use. */
  pricesFile: string | null;
  unpriced: readonly { model: string; tokens: number }[];
  sharing: number;
  /** Tool calls by tool name, most frequent first. */
  tools: Readonly<Record<string, number>>;
  /** Ids of sessions without a response or prompt of their own. */
  owningNothing: readonly string[];
  /** Number of sessions in the trash; 0 is not shown. */
  trashed: number;
  /** Resolved ages, as sentences. */
  resolved: readonly string[];
}

/** Returns the overview's screen as lines. With `ranged`, it has only the usage of the requested range. */
export async function overviewLines(
  overview: Overview,
  ranged: boolean,
  foot: UsageFoot,
  screen: Screen,
): Promise<string[]> {
  const windows = ranged ? overview.windows.filter(({ days }) => days === null) : overview.windows;
  const projects = usageLinesOf(
    overview.projects,
    topOf(overview.projects, MAX_PROJECTS),
    (rest) => restLine(rest, 'others', sumFigures(rest)),
    screen.home,
  );
  const models = usageLinesOf(
    overview.models,
    topOf(overview.models, MAX_MODELS),
    (rest) => restLine(rest, 'others', sumFigures(rest)),
    screen.home,
  );
  return [
    ...(await windowTable(windows, ranged, screen)),
    ...(ranged ? [] : ['', ...dayLines(overview, screen)]),
    '',
    ...(await usageTable('PROJECT', projects, screen)),
    '',
    ...(await usageTable('MODEL', models, screen)),
    '',
    ...footLines(foot, screen),
  ];
}

/** Returns a table as lines: `limit` rows, the rest in one line, and the total. By time, the newest rows are shown. */
export async function reportLines(
  report: UsageReport,
  limit: number,
  foot: UsageFoot,
  screen: Screen,
): Promise<string[]> {
  const { by, rows, totals } = report;
  const several = typeof by !== 'string';
  const time = isByTime(several ? (by[0] ?? 'day') : by);
  // Newest first until the rest is cut off; rows of unknown time count as oldest.
  const listed = time
    ? [...rows.filter(({ key }) => key !== null).reverse(), ...rows.filter(({ key }) => key === null)]
    : rows;
  const lines = usageLinesOf(
    listed,
    limit,
    (rest) => restLine(rest, time ? 'earlier' : 'others', sumFigures(rest)),
    screen.home,
  );
  // The latest rows come last, next to the total.
  const ordered = time ? lines.reverse() : lines;
  const total = { label: 'total', isPath: false, figures: totals, sum: 'total' as const };
  return [
    ...(await usageTable((several ? by.join(' · ') : by).toUpperCase(), [...ordered, total], screen)),
    '',
    ...footLines(foot, screen),
  ];
}

/** Returns the first ids in short form, and the number of the others. */
function namedIds(ids: readonly string[]): string {
  const named = ids.slice(0, MAX_IDS).map((id) => oneLine(id.slice(0, SHORT_ID)));
  return [...named, ...(ids.length > MAX_IDS ? [`${grouped(ids.length - MAX_IDS)} more`] : [])].join(', ');
}

function topOf(rows: readonly UsageRow[], most: number): number {
  // A single further row takes no more room than a line that sums it up.
  return rows.length <= most + 1 ? 0 : most;
}

type Window = Overview['windows'][number];

function windowTable(windows: readonly Window[], ranged: boolean, screen: Screen): Promise<string[]> {
  const { dim } = screen.color;
  const figure = (
    heading: string,
    text: (figures: UsageFigures) => string,
    more: Partial<Column<Window>> = { color: dim },
  ): Column<Window> => ({ heading, align: 'right', cell: ({ figures }) => text(figures), ...more });
  return renderTable<Window>(
    [
      { heading: 'TIME', cell: ({ days }) => windowName(days, ranged) },
      figure('COST', ({ costUsd }) => formatUsd(costUsd), {}),
      figure('SESSIONS', ({ sessions }) => grouped(sessions)),
      figure('PROMPTS', ({ prompts }) => grouped(prompts ?? 0)),
      figure('TOKENS', ({ tokens }) => threeFigures(tokens.total)),
      figure('DISK', ({ footprintBytes }) => formatSize(footprintBytes ?? 0)),
    ],
    windows,
    screen,
  );
}

function windowName(days: number | null, ranged: boolean): string {
  if (days === null) return ranged ? 'in this range' : 'all';
  return days === 1 ? 'today' : `${days} days`;
}

function dayLines({ days }: Overview, { width, color }: Screen): string[] {
  const line = sparkline(days.map(({ costUsd }) => costUsd ?? 0));
  const most = days.reduce((best, day) => ((day.costUsd ?? 0) > (best.costUsd ?? 0) ? day : best), {
    day: 0,
    costUsd: 0 as number | null,
  });
  const words =
    (most.costUsd ?? 0) === 0 ? 'none' : `peak: ${formatUtcDay(most.day * DAY_MS)}, ${formatRoughUsd(most.costUsd)}`;
  const label = `  daily cost, last ${days.length} days   `;
  const whole = `${label}${color.cyan.dim(line)}   ${words}`;
  return label.length + days.length + 3 + words.length <= width
    ? [whole]
    : [`${label}${color.cyan.dim(line)}`, `  ${words}`];
}

function footLines(
  { sources, pricesFile, unpriced, sharing, tools, owningNothing, trashed, resolved }: UsageFoot,
  { width, home }: Screen,
): string[] {
  const table = sources[pricesFile === null ? 0 : 1];
  const dated =
    table?.date === undefined || table.date === null ? '' : ` (as of ${formatUtcDay(Date.parse(table.date), true)})`;
  const file = pricesFile === null ? 'Costs at' : `Costs at the prices of ${shortPath(pricesFile, home)}, else at`;
  const shared = sharing === 0 ? '' : ` (${counted(sharing, 'session')} share history)`;
  const trash = trashed === 0 ? '' : `; ${grouped(trashed)} in the trash not counted`;
  const sentences = [
    `${file} API list prices${dated}; subscriptions are billed differently.`,
    `Shared history counted once${shared}. Disk: current${trash}.`,
    ...(Object.keys(tools).length === 0 ? [] : [`Tool calls: ${toolList(tools, ', ')}.`]),
    ...(owningNothing.length === 0 ? [] : [`Sessions without usage of their own: ${namedIds(owningNothing)}.`]),
    ...(unpriced.length === 0
      ? []
      : [`No price is known for ${unpriced.map(unpricedModel).join(', ')}: counted without cost.`]),
  ];
  return [
    ...sentences.flatMap((sentence) => wrapLine(sentence, width)),
    ...resolved.flatMap((line) => joinFitting([line], width)),
  ];
}

function unpricedModel({ model, tokens }: UsageReport['totals']['unpriced'][number]): string {
  return `${oneLine(model)} (${threeFigures(tokens)} tokens)`;
}
