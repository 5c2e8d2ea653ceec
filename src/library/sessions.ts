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
  checkText,
  given,
  omitUndefined,
  type OneOrMore,
  type OptionNames,
  type WrittenMoment,
  type WrittenSize,
  writtenOptions,
} from './support/options.js';
import { newSession, sessionOf, type Session } from './session.js';
import { LIBRARY_OPTIONS, openIndex, surroundingsOf, type LibraryOptions, type Surroundings } from './surroundings.js';
import { inTurnSettled } from './support/settle-moves.js';

/** Which sessions: `{ project: '.', since: '7d' }`. What is left out does not narrow. */
export interface FilterOptions
  extends LibraryOptions,
    Omit<Filters, 'project' | 'since' | 'until' | 'olderThan' | 'largerThan' | 'kind' | 'touched'> {
  /** Folders (`.`), each with its git worktrees, or patterns (`~/code/**`). */
  project?: OneOrMore<string>;
  /** Last activity at this moment or after. */
  since?: WrittenMoment;
  /** Last activity before this moment. */
  until?: WrittenMoment;
  /** As `until`, and must be past. */
  olderThan?: WrittenMoment;
  largerThan?: WrittenSize;
  kind?: OneOrMore<SessionKind>;
  /** Files, folders or patterns (`src/**`) that tools read or changed; relative ones start from the current folder. */
  touched?: OneOrMore<string>;
}

/** Which sessions, in which order. */
export interface ListOptions extends FilterOptions {
  /** Minimum cost in US dollars, inherited tokens included; an unknown cost never matches. */
  minCostUsd?: number;
  /** By default the newest activity first. */
  sort?: SortKey;
  reverse?: boolean;
  /** Maximum number of sessions; by default, and with 0, all. */
  limit?: number;
  /** Number of sessions to leave out before the first one. */
  offset?: number;
  /** Path of a price file for costs; by default list prices. */
  prices?: string;
}

/** The names of the options that `filtersOf` reads, and of `LibraryOptions`. */
export const FILTER_OPTIONS: OptionNames<FilterOptions> = {
  ...LIBRARY_OPTIONS,
  project: true,
  since: true,
  until: true,
  olderThan: true,
  largerThan: true,
  kind: true,
  title: true,
  tag: true,
  branch: true,
  touched: true,
  model: true,
  ...(Object.fromEntries(SWITCH_FILTERS.map((name) => [name, true])) as Record<SwitchFilter, true>),
  text: true,
};
const LIST: OptionNames<ListOptions> = {
  ...FILTER_OPTIONS,
  minCostUsd: true,
  sort: true,
  reverse: true,
  limit: true,
  offset: true,
  prices: true,
};
const CREATE: OptionNames<CreateOptions & LibraryOptions> = {
  ...LIBRARY_OPTIONS,
  id: true,
  title: true,
  tag: true,
  cwd: true,
  sandboxes: true,
};

/**
 * Resolves to the sessions of all projects, or those that the options describe. Rejects with USAGE for invalid values.
 */
export async function listSessions(options: ListOptions = {}): Promise<Session[]> {
  checkOptions(options, LIST);
  const surroundings = surroundingsOf(options);
  const sort = parseChoice(options.sort ?? 'activity', SORT_KEYS, 'sort');
  const limit = checkLimit(options.limit, 'limit');
  const offset = checkCount(options.offset ?? 0, 'offset');
  const { query } = await readFilters(filtersOf(options), surroundings);
  const index = await openIndex(surroundings, indexOptionsOf(query));
  const costs = await costsIn(index, sort, options, surroundings);
  const wanted = { ...query, ...costs, sort, reverse: options.reverse === true };
  const rows = select(index, wanted, offset + limit).rows.slice(offset, offset + limit);
  const records = await fullRecords(index, rows, surroundings.now(), options.prices ?? null);
  return records.map((record) => newSession(record, surroundings));
}

/** Returns filters in the form that the core reads, which is that of the flags. Throws USAGE. */
export function filtersOf(filters: FilterOptions): Filters {
  const { project, since, until, olderThan, largerThan, kind, touched, title, tag, branch, model, text } = filters;
  return {
    ...omitUndefined({ title, tag, branch, model, text }),
    ...Object.fromEntries(switchedOn(filters).map((name) => [name, true])),
    ...writtenOptions({ project, since, until, olderThan, largerThan, kind, touched }),
  };
}

/** Costs, where sessions are sorted or chosen by them. */
async function costsIn(
  index: SessionIndex,
  sort: SortKey,
  { minCostUsd, prices: file = null }: { minCostUsd?: number; prices?: string | null },
  { now }: Surroundings,
): Promise<Pick<Query, 'costs' | 'minCostUsd'>> {
  if (minCostUsd !== undefined && !(minCostUsd >= 0))
    throw new CcsessError('USAGE', `minCostUsd ${String(minCostUsd)}: not an amount of US dollars.`);
  if (sort !== 'cost' && minCostUsd === undefined) return {};
  const [{ inclusiveCosts }, { openPrices }] = await Promise.all([
    import('../usage/session-costs.js'),
    import('../usage/prices/price-file.js'),
  ]);
  const prices = openPrices(file);
  return { ...given({ minCostUsd }), costs: (rows) => inclusiveCosts(index, rows, prices, now()) };
}

/**
 * The session of an id, the start of one, a title, or the path of a transcript, as commands take them; null if there is
 * none. Rejects with AMBIGUOUS if several answer to it.
 */
export async function getSession(name: string, options: LibraryOptions = {}): Promise<Session | null> {
  checkOptions(options, LIBRARY_OPTIONS);
  checkText(name, 'name');
  return found(options, (index, naming) => resolveSession(index, name, naming));
}

/**
 * The session that this process runs in as a command of Claude Code, else the live one of the current folder; null if
 * there is none, or it has no transcript yet. Rejects with AMBIGUOUS if several are live here.
 */
export async function currentSession(options: LibraryOptions = {}): Promise<Session | null> {
  checkOptions(options, LIBRARY_OPTIONS);
  return found(options, (index, naming, surroundings) => {
    const row = findCurrent(index, naming, surroundings);
    return typeof row === 'string' ? null : row;
  });
}

async function found(
  options: LibraryOptions,
  find: (index: SessionIndex, naming: Naming, surroundings: Surroundings) => SessionRow | null,
): Promise<Session | null> {
  const surroundings = surroundingsOf(options);
  const index = await openIndex(surroundings, { processes: true });
  try {
    const naming = { start: await findStartFolder(surroundings), describe: ({ file }: SessionRow) => file.path };
    const row = find(index, naming, surroundings);
    return row === null ? null : await sessionOf(index, row, surroundings);
  } catch (error) {
    if (error instanceof CcsessError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/**
 * Makes a session that is there before its first message: it has an id and a path, and Claude Code lists and resumes
 * it. Resume it by `resume`, never by a flag for new ids. Rejects with EXISTS if the id is taken, with USAGE for a bad
 * id, title or folder; nothing half-made stays.
 */
export async function createSession(options: CreateOptions & LibraryOptions = {}): Promise<Session> {
  checkOptions(options, CREATE);
  const surroundings = surroundingsOf(options);
  surroundings.signal?.throwIfAborted();
  const { id, title, tag, cwd, sandboxes } = options;
  const texts = given({ id, title, tag, cwd, sandboxes });
  for (const [name, text] of Object.entries(texts)) checkText(text, name);
  const made = makeSession(texts, surroundings);
  const index = await openIndex(surroundings);
  return sessionOf(index, rowOf(index, made), surroundings);
}

/**
 * The session of this id, made if there is none. Of several callers at once one makes it and all get the same. Rejects
 * as
 * `createSession`, with EXISTS if it is in another folder than the one a given `cwd` or `sandboxes` means, and with
 * AMBIGUOUS if several hold the id.
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
    const session = await getSession(id, given({ configDir, cacheDir, now, signal, onProblem }));
    if (session === null) throw error;
    const isAnywhere = options.cwd === undefined && options.sandboxes === undefined;
    const wanted = isAnywhere ? session.metadata.cwd : workFolders(options, id, surroundingsOf(options)).cwd;
    if (session.metadata.cwd === wanted) return session;
    throw new CcsessError(
      'EXISTS',
      `session ${id} exists in ${session.metadata.cwd ?? session.metadata.projectDir}, not in ${wanted}.`,
    );
  }
}

/**
 * Moves the sessions of a folder, and of the folders below it, to where that folder is now, so that they resume and
 * list there; the folder itself is not touched. Rejects, with nothing moved, with LIVE, EXISTS, LOCKED, NOT_FOUND or
 * IO; a session that could not be moved later says so in its `status`.
 */
export async function moveProject(from: string, to: string, options: LibraryOptions = {}): Promise<MovePlan> {
  checkOptions(options, LIBRARY_OPTIONS);
  checkText(from, 'from');
  checkText(to, 'to');
  const surroundings = surroundingsOf(options);
  return inTurnSettled(surroundings, async () => {
    const index = await openIndex(surroundings);
    return rejectAsIo(moveSessions(index, from, to, surroundings));
  });
}
