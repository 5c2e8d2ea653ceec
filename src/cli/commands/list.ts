import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import type { ProjectFilter, SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { cachedExists, projectFolderOf } from '../../claude/worktree.js';
import { listing, type HiddenReason } from '../../sessions/select/listing.js';
import { readFilters } from '../../sessions/select/filters.js';
import { findStartFolder } from '../../sessions/select/start-folder.js';
import { indexOptionsOf, SORT_KEYS, select, type Query } from '../../sessions/select/select.js';
import { hasSeveralConfigDirs } from '../shared/screen.js';
import type { Context } from '../context.js';
import { costedRecords, createCostCalculator, createPriceLoader, type PriceLoader } from '../shared/costs.js';
import { addFilterFlags, alsoListedBy, resolvedAge, writtenFilters, type FilterFlags } from '../shared/filters.js';
import { noteInterrupted, noteProblems } from '../shared/notes.js';
import { parseChoice } from '../../grammar/choice.js';
import { quoted } from '../../grammar/quoted.js';
import { parseCount } from '../../grammar/count.js';
import { parseUsd } from '../../grammar/usd.js';
import type { ListItem } from '../render/list.js';
import { batches, jsonArray, jsonLines } from '../render/text/json.js';
import { sessionLine } from '../render/text/pipe.js';
import { sessionCsv } from '../render/list-csv.js';
import { printPieces } from '../shared/print-sentences.js';

/** The flags of `list`, as typed. */
export interface ListFlags extends FilterFlags {
  limit?: string;
  all?: boolean;
  sort?: string;
  reverse?: boolean;
  groupBy?: string;
  minCost?: string;
  prices?: string;
  redact?: boolean;
  jsonl?: boolean;
  csv?: boolean;
}

/** Options of `list`. */
export interface ListOptions {
  /** Filters and order; default: all sessions, newest activity first. */
  query: Query;
  /** Projects as typed; null for all. */
  project: readonly string[] | null;
  /** Sessions to list that a table hides by default. */
  alsoListed: readonly HiddenReason[];
  /** The filters as a command line, for messages; empty for none. */
  filters: string;
  /** Ages among the filters, as resolved times to print. */
  resolved: readonly string[];
  /** Maximum number of sessions, 0 for all; null for the default: 30 in a table, else all. */
  limit: number | null;
  /** Group rows by project. */
  byProject: boolean;
  prices: PriceLoader;
  /** Mask secrets in titles, prompts and all other texts. */
  isRedacted: boolean;
  form: ListForm;
}

/** Form of the output. */
export type ListForm = 'table' | 'lines' | 'json' | 'jsonl' | 'csv';

const TERMINAL_LIMIT = 30;

/** `ccsess list`: lists sessions of all projects, newest activity first. */
export function define(command: Command, context: Context): void {
  addFilterFlags(
    command.argument('[text...]', 'only sessions with all these words in the title or in the first or last prompt'),
  )
    .option(
      '--min-cost <usd>',
      'only sessions that cost at least <usd> at list prices (forks: with the part they copied)',
    )
    .option('--prices <file>', 'take prices from a JSON file')
    .option('-a, --all', 'also show headless, teammate, archived and non-resumable sessions')
    .option(
      '-L, --limit <n>',
      `maximum number of sessions (0 = all; default: ${TERMINAL_LIMIT} on a terminal, else all)`,
    )
    .option('--sort <key>', `sort by: ${SORT_KEYS.join(', ')} (default: activity)`)
    .option('--reverse', 'reverse the order')
    .option('--group-by <what>', 'group rows by: project')
    .option('--redact', 'mask secrets of well-known forms (keys, tokens, passwords in URLs)')
    .option('--jsonl', 'print one JSON object per line')
    .option('--csv', 'print comma-separated values')
    .action(async (text: string[], flags: ListFlags) => runList(await readListOptions(text, flags, context), context));
}

/**
 * Reads the arguments and flags of `list`, and the file of `--prices`. Throws USAGE for invalid values and for flags
 * that cannot be combined.
 */
export async function readListOptions(
  text: readonly string[],
  typed: ListFlags,
  context: Context,
): Promise<ListOptions> {
  const flags = text.length === 0 ? typed : { ...typed, text: text.join(' ') };
  const { query, ages } = await readFilters(flags, context);
  if (flags.sort !== undefined) query.sort = parseChoice(flags.sort, SORT_KEYS, '--sort');
  if (flags.reverse === true) query.reverse = true;
  if (flags.groupBy !== undefined) parseChoice(flags.groupBy, ['project'], '--group-by');
  const form = readForm(flags, context);
  if (flags.minCost !== undefined) query.minCostUsd = parseUsd(flags.minCost, '--min-cost');
  const limit = flags.limit === undefined ? null : parseCount(flags.limit, '--limit');
  return {
    query,
    project: flags.project ?? null,
    alsoListed: alsoListedBy(flags),
    filters: [writtenFilters(flags), flags.minCost === undefined ? '' : `--min-cost ${quoted(flags.minCost)}`]
      .join(' ')
      .trim(),
    resolved: ages.map(resolvedAge),
    limit,
    byProject: flags.groupBy !== undefined,
    prices: await createPriceLoader(flags.prices),
    isRedacted: flags.redact === true,
    form,
  };
}

function readForm({ jsonl = false, csv = false }: ListFlags, { global, stdout }: Context): ListForm {
  if (global.json && jsonl) throw new CcsessError('USAGE', '--json and --jsonl cannot be combined.');
  if (csv && (global.json || jsonl))
    throw new CcsessError('USAGE', `--${global.json ? 'json' : 'jsonl'} and --csv cannot be combined.`);
  if (global.json) return 'json';
  return jsonl ? 'jsonl' : csv ? 'csv' : stdout.isTerminal ? 'table' : 'lines';
}

/** Lists sessions: as a table on a terminal, a line per record in a pipe, or as data. */
export async function runList(options: ListOptions, context: Context): Promise<void> {
  const { project, limit, byProject, prices, form, isRedacted } = options;
  const mask = isRedacted ? (await import('../../redaction/mask-secrets.js')).maskSecretsIn : null;
  const query = { ...options.query };
  const index = await context.openIndex(indexOptionsOf(query));
  await noteProblems(index.problems, context);
  await noteInterrupted(context);
  if (query.project !== undefined && index.rows.length > 0)
    query.project = await widenFilter(query.project, project ?? [], index, context);
  const byCost = query.sort === 'cost' || query.minCostUsd !== undefined;
  if (byCost) query.costs = await createCostCalculator(index, prices, context);
  const selection = select(index, query, form !== 'table' && limit !== null && limit > 0 ? limit : Infinity);
  if (selection.rows.length === 0) await (await import('./list/nothing.js')).noteNothing(index, options, context);

  if (form !== 'table')
    return printData(index, recordsOf(index, first(selection.rows, limit ?? 0), { byProject, mask }), options, context);
  if (selection.rows.length === 0) return;
  // Loading the modules that lay out text takes longer than a whole list in a pipe.
  const { showsCosts, showTable } = await import('./list/table.js');
  const { listed, hidden } = listing(selection.rows, options.alsoListed);
  const rows = first(listed, limit ?? TERMINAL_LIMIT);
  const found = recordsOf(index, rows, { byProject, mask });
  const costs = showsCosts(context.width, byCost)
    ? (await createCostCalculator(index, prices, context))(found.map(({ row }) => row))
    : null;
  const shown =
    costs === null
      ? found
      : found.map((item, at) => ({ ...item, record: { ...item.record, costUsd: costs[at] ?? null } }));
  await showTable(
    {
      index,
      selection,
      listed,
      hidden,
      shown,
      byProject,
      sort: query.sort ?? 'activity',
      withCosts: costs !== null,
      resolved: options.resolved,
      anyProject: project === null,
      isFiltered: options.filters !== '' || limit !== null || byProject,
    },
    context,
  );
}

function first<T>(items: readonly T[], limit: number): readonly T[] {
  return limit === 0 ? items : items.slice(0, limit);
}

/** Options of `recordsOf`. */
interface RecordOptions {
  byProject: boolean;
  /** Masks the secrets of a record; null to leave records unchanged. */
  mask: ((record: SessionRecord) => SessionRecord) | null;
}

/** Returns rows with their records and sizes; with `byProject`, grouped by folder in the order of first rows. */
function recordsOf(
  index: SessionIndex,
  rows: readonly SessionRow[],
  { byProject, mask }: RecordOptions,
): Omit<ListItem, 'idLength' | 'isHere'>[] {
  const records = index.records(rows, { footprint: true });
  // Only needed for groups, since it checks every folder.
  const exists = byProject ? cachedExists() : (): boolean => true;
  const pairs = rows.flatMap((row, at) => {
    const record = records[at];
    if (record === undefined) return [];
    return [{ row, record: mask === null ? record : mask(record), folder: projectFolderOf(record, exists) }];
  });
  return byProject ? groupByFolder(pairs) : pairs;
}

/** Groups sessions by folder; those without one by project dir. */
function groupByFolder<T extends { record: SessionRecord; folder: string | null }>(pairs: readonly T[]): T[] {
  const groups = new Map<string, T[]>();
  for (const pair of pairs) {
    const key = pair.folder ?? `\0${pair.record.projectDir}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pair]);
    else group.push(pair);
  }
  return [...groups.values()].flat();
}

async function printData(
  index: SessionIndex,
  pairs: readonly { row: SessionRow; record: SessionRecord }[],
  { form, prices }: ListOptions,
  context: Context,
): Promise<void> {
  const { stdout } = context;
  // Lines in a pipe have no costs, which would take far longer than the list.
  const records = (form !== 'lines' ? await costedRecords(index, pairs, prices, context) : pairs).map(
    ({ record }) => record,
  );
  const pieces =
    form === 'jsonl'
      ? jsonLines(records)
      : form === 'csv'
        ? batches(sessionCsv(records))
        : form === 'json'
          ? jsonArray(records, stdout.isTerminal)
          : batches(records.map((record) => sessionLine(record, hasSeveralConfigDirs(context))));
  await printPieces(pieces, context);
}

/** Returns a filter for the folders that were probably meant, if no session belongs to the named ones. */
async function widenFilter(
  filter: ProjectFilter,
  project: readonly string[],
  index: SessionIndex,
  context: Context,
): Promise<ProjectFilter> {
  const { readableProjects } = await import('../shared/project-argument.js');
  const meant = await readableProjects(project, index, context);
  if (meant === project) return filter;
  const { projectFilter } = await import('../../sessions/select/project-filter.js');
  return projectFilter(meant, await findStartFolder(context));
}
