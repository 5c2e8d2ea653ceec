import { CcsessError } from '../system/errors.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SessionKind } from '../session-index/record.js';
import { createSession as makeSession, workFolders, type CreateOptions } from '../sessions/create/create.js';
import { readFilters, type Filters } from '../sessions/select/filters.js';
import { moveProject as moveSessions, type MovePlan } from '../sessions/move/move.js';
import { findStartFolder } from '../sessions/select/start-folder.js';
import { currentSession as findCurrent } from '../sessions/resolve/current.js';
import { resolveSession, type Naming } from '../sessions/resolve/resolve.js';
import { parseChoice } from '../grammar/choice.js';
import { rowOf } from '../sessions/select/row-of.js';
import { indexOptionsOf, select, SORT_KEYS, type Query, type SortKey } from '../sessions/select/select.js';
import { SWITCH_FILTERS, switchedOn, type SwitchFilter } from '../sessions/select/switch-filters.js';
import { SessionExists } from '../sessions/resolve/session-id.js';
import { fullRecords } from '../usage/full-records.js';
import { rejectAsIo } from './support/as-io.js';
import {
  checkCount,
  checkLimit,
  checkOptions,
  checkPath,
  checkText,
  type OneOrMore,
  type OptionNames,
  textsWithoutUndefined,
  withoutUndefined,
  type WrittenMoment,
  writtenOptions,
  type WrittenSize,
} from './support/options.js';
import { newSession, sessionOf, type Session } from './session.js';
import { LIBRARY_OPTIONS, openIndex, contextOf, type LibraryOptions, type LibraryContext } from './context.js';
import { runAfterRecovery } from './support/recover-moves.js';

/** Filters of sessions: `{ project: '.', since: '7d' }`. Options that are left out match every session. */
export interface FilterOptions
  extends LibraryOptions,
    Omit<Filters, 'project' | 'since' | 'until' | 'olderThan' | 'largerThan' | 'kind' | 'touched'> {
  /** Folders (`.`), each with its git worktrees, or patterns (`~/code/**`). */
  project?: OneOrMore<string>;
  /** Last activity at or after this time. */
  since?: WrittenMoment;
  /** Last activity before this time. */
  until?: WrittenMoment;
  /** Last activity before this time, which must be in the past. */
  olderThan?: WrittenMoment;
  largerThan?: WrittenSize;
  kind?: OneOrMore<SessionKind>;
  /** Files, folders or patterns (`src/**`) that tools read or changed. Relative ones start from the current folder. */
  touched?: OneOrMore<string>;
}

/** Selection and order of sessions. */
export interface ListOptions extends FilterOptions {
  /** Minimum cost in US dollars, copied responses included. Sessions of unknown cost never match. */
  minCostUsd?: number;
  /** By default the newest activity comes first. */
  sort?: SortKey;
  reverse?: boolean;
  /** Maximum number of sessions; by default all. */
  limit?: number;
  /** Number of sessions to skip. */
  offset?: number;
  /** Path of a price file for costs; by default list prices are used. */
  prices?: string;
}

/** Names of the options in `FilterOptions` and `LibraryOptions`. */
export const FILTER_OPTIONS: OptionNames<FilterOptions> = {
  ...LIBRARY_OPTIONS,
  project: 'other',
  since: 'other',
  until: 'other',
  olderThan: 'other',
  largerThan: 'other',
  kind: 'other',
  title: 'string',
  tag: 'string',
  branch: 'string',
  touched: 'other',
  model: 'string',
  ...(Object.fromEntries(SWITCH_FILTERS.map((name) => [name, 'boolean'])) as Record<SwitchFilter, 'boolean'>),
  text: 'string',
};
const LIST: OptionNames<ListOptions> = {
  ...FILTER_OPTIONS,
  minCostUsd: 'number',
  sort: 'string',
  reverse: 'boolean',
  limit: 'number',
  offset: 'number',
  prices: 'string',
};
const CREATE: OptionNames<CreateOptions & LibraryOptions> = {
  ...LIBRARY_OPTIONS,
  id: 'string',
  title: 'string',
  tag: 'string',
  cwd: 'string',
  sandboxes: 'string',
};

/** Resolves to the sessions of all projects, or those that match the options. Rejects with USAGE for invalid values. */
export async function listSessions(options: ListOptions = {}): Promise<Session[]> {
  checkOptions(options, LIST);
  const context = contextOf(options);
  const sort = parseChoice(options.sort ?? 'activity', SORT_KEYS, 'sort');
  const limit = checkLimit(options.limit, 'limit');
  const offset = checkCount(options.offset ?? 0, 'offset');
  const { query } = await readFilters(filtersOf(options), context);
  const index = await openIndex(context, indexOptionsOf(query));
  const costs = await costsIn(index, sort, options, context);
  const wanted = { ...query, ...costs, sort, reverse: options.reverse === true };
  const rows = select(index, wanted, offset + limit).rows.slice(offset, offset + limit);
  const records = await fullRecords(index, rows, context.now(), options.prices ?? null);
  return records.map((record) => newSession(record, context));
}

/** Returns the filters as the core reads them, which is in the form of command-line flags. Throws USAGE. */
export function filtersOf(filters: FilterOptions): Filters {
  const { project, since, until, olderThan, largerThan, kind, touched, title, tag, branch, model, text } = filters;
  return {
    ...textsWithoutUndefined({ title, tag, branch, model, text }),
    ...Object.fromEntries(switchedOn(filters).map((name) => [name, true])),
    ...writtenOptions({ project, since, until, olderThan, largerThan, kind, touched }),
  };
}

/** Returns the costs if sessions are sorted or selected by them. */
async function costsIn(
  index: SessionIndex,
  sort: SortKey,
  { minCostUsd, prices: file = null }: { minCostUsd?: number; prices?: string | null },
  { now }: LibraryContext,
): Promise<Pick<Query, 'costs' | 'minCostUsd'>> {
  if (minCostUsd !== undefined && !(minCostUsd >= 0))
    throw new CcsessError('USAGE', `minCostUsd ${String(minCostUsd)}: not an amount of US dollars.`);
  if (sort !== 'cost' && minCostUsd === undefined) return {};
  const [{ inclusiveCosts }, { openPrices }] = await Promise.all([
    import('../usage/session-costs.js'),
    import('../usage/prices/price-file.js'),
  ]);
  const prices = openPrices(file);
  return { ...withoutUndefined({ minCostUsd }), costs: (rows) => inclusiveCosts(index, rows, prices, now()) };
}

/**
 * Resolves to the session with an id, the start of an id, a title or a transcript's path, as in commands; null if there
 * is none. Rejects with AMBIGUOUS if several match.
 */
export async function getSession(name: string, options: LibraryOptions = {}): Promise<Session | null> {
  checkOptions(options, LIBRARY_OPTIONS);
  checkText(name, 'name');
  return findSession(options, (index, naming) => resolveSession(index, name, naming));
}

/**
 * Resolves to the session that this process runs in as a command of Claude Code, else the live session of the current
 * folder; null if there is none or it has no transcript yet. Rejects with AMBIGUOUS if several are live in the folder.
 */
export async function currentSession(options: LibraryOptions = {}): Promise<Session | null> {
  checkOptions(options, LIBRARY_OPTIONS);
  return findSession(options, (index, naming, context) => {
    const row = findCurrent(index, naming, context);
    return typeof row === 'string' ? null : row;
  });
}

async function findSession(
  options: LibraryOptions,
  find: (index: SessionIndex, naming: Naming, context: LibraryContext) => SessionRow | null,
): Promise<Session | null> {
  const context = contextOf(options);
  const index = await openIndex(context, { processes: true });
  try {
    const naming = { start: await findStartFolder(context), describe: ({ file }: SessionRow) => file.path };
    const row = find(index, naming, context);
    return row === null ? null : await sessionOf(index, row, context);
  } catch (error) {
    if (error instanceof CcsessError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/**
 * Creates an empty session before its first message; Claude Code lists and resumes it. Rejects with EXISTS if the id is
 * taken, and with USAGE for an invalid id, title or folder; nothing half-written is left.
 */
export async function createSession(options: CreateOptions & LibraryOptions = {}): Promise<Session> {
  checkOptions(options, CREATE);
  const context = contextOf(options);
  context.signal?.throwIfAborted();
  const { id, title, tag, cwd, sandboxes } = options;
  const texts = withoutUndefined({ id, title, tag, cwd, sandboxes });
  for (const [name, text] of Object.entries(texts)) checkText(text, name);
  for (const name of ['cwd', 'sandboxes'] as const) checkPath(texts[name] ?? '', name);
  const created = makeSession(texts, context);
  const index = await openIndex(context);
  return sessionOf(index, rowOf(index, created), context);
}

/**
 * Resolves to the session with this id, creating it if necessary; several callers at once get the same one. Rejects as
 * `createSession`, with EXISTS if the session is in another folder than `cwd` or `sandboxes` name, and with AMBIGUOUS
 * if several have the id.
 */
export async function getOrCreateSession(
  id: string,
  options: Omit<CreateOptions, 'id'> & LibraryOptions = {},
): Promise<Session> {
  try {
    return await createSession({ ...options, id });
  } catch (error) {
    if (!(error instanceof SessionExists)) throw error;
    const { configDir, cacheDir, now, signal, onProblem } = options;
    const session = await getSession(id, withoutUndefined({ configDir, cacheDir, now, signal, onProblem }));
    if (session === null) throw error;
    const isAnywhere = options.cwd === undefined && options.sandboxes === undefined;
    const wanted = isAnywhere ? session.metadata.cwd : workFolders(options, id, contextOf(options)).cwd;
    if (session.metadata.cwd === wanted) return session;
    throw new CcsessError(
      'EXISTS',
      `session ${id} exists in ${session.metadata.cwd ?? session.metadata.projectDir}, not in ${wanted}.`,
    );
  }
}

/**
 * Moves the sessions of a folder, and of folders below it, to the folder's new path, so that they are listed and
 * resumed there; the folder itself is not touched. Rejects with nothing moved (LIVE, EXISTS, LOCKED, NOT_FOUND or IO);
 * a session that cannot be moved later has that `status`.
 */
export async function moveProject(from: string, to: string, options: LibraryOptions = {}): Promise<MovePlan> {
  checkOptions(options, LIBRARY_OPTIONS);
  checkPath(from, 'from');
  checkPath(to, 'to');
  const context = contextOf(options);
  return runAfterRecovery(context, async () => {
    const index = await openIndex(context);
    return rejectAsIo(moveSessions(index, from, to, context));
  });
}
