import { CcsessError } from '../system/errors.js';
import type { SessionIndex } from '../session-index/session-index.js';
import { createSession as makeSession, workFolders, type CreateOptions } from '../sessions/create/create.js';
import { readFilters, type Filters } from '../sessions/select/filters.js';
import { moveProject as moveSessions, type MovePlan } from '../sessions/move/move.js';
import { placeOf } from '../sessions/select/start-position.js';
import { resolveSession } from '../sessions/resolve/resolve.js';
import { parseChoice } from '../grammar/choice.js';
import { rowOf } from '../sessions/select/row-of.js';
import { select, SORT_KEYS, type Query, type SortKey } from '../sessions/select/select.js';
import { SessionExists } from '../sessions/resolve/session-id.js';
import { fullRecords } from '../usage/full-records.js';
import { orIoLater } from './as-io.js';
import { checkCount } from './check-count.js';
import { Session, sessionOf } from './session.js';
import { openIndex, surroundingsOf, type LibraryOptions, type Surroundings } from './surroundings.js';

/**
 * Which sessions, in which order: the flags of `ccsess list`, with their grammars (`{ project: '.', since: '7d' }`).
 */
export interface ListOptions extends LibraryOptions, Omit<Filters, 'project'> {
  project?: string | readonly string[];
  /** By default the newest activity first. */
  sort?: SortKey;
  reverse?: boolean;
  /** Maximum number of sessions; by default all. */
  limit?: number;
}

/** The sessions of all projects, or those that the options describe. Rejects with USAGE for what they cannot mean. */
export async function listSessions(options: ListOptions = {}): Promise<Session[]> {
  const surroundings = surroundingsOf(options);
  const { project, reverse } = options;
  const sort = parseChoice(options.sort ?? 'activity', SORT_KEYS, 'sort');
  const limit = checkCount(options.limit ?? Infinity, 'limit');
  const { query } = await readFilters(
    { ...options, project: typeof project === 'string' ? [project] : (project ?? []) },
    surroundings,
  );
  const index = await openIndex(surroundings, { processes: query.live === true });
  const costs = sort === 'cost' ? await costsIn(index, surroundings) : {};
  const { rows } = select(index, { ...query, ...costs, sort, reverse: reverse === true }, limit);
  const records = await fullRecords(index, rows.slice(0, limit), surroundings.now());
  return records.map((record) => new Session(record, surroundings));
}

/** Costs, for sorting by them. */
async function costsIn(index: SessionIndex, { now }: Surroundings): Promise<Pick<Query, 'costs'>> {
  const [{ inclusiveCosts }, { openPrices }] = await Promise.all([
    import('../usage/session-costs.js'),
    import('../usage/prices/price-file.js'),
  ]);
  const prices = await openPrices(null);
  return { costs: (rows) => inclusiveCosts(index, rows, prices, now()) };
}

/**
 * The session of an id, the start of one, a title, or the path of a transcript, as commands take them; null if there is
 * none. Rejects with AMBIGUOUS if several answer to it.
 */
export async function getSession(name: string, options: LibraryOptions = {}): Promise<Session | null> {
  const surroundings = surroundingsOf(options);
  const index = await openIndex(surroundings, { processes: true });
  try {
    const naming = { place: await placeOf(surroundings), describe: (row: { file: { path: string } }) => row.file.path };
    return await sessionOf(index, resolveSession(index, name, naming), surroundings);
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
  const surroundings = surroundingsOf(options);
  surroundings.signal?.throwIfAborted();
  const made = makeSession(options, surroundings);
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
    const session = await getSession(id, options);
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
  const surroundings = surroundingsOf(options);
  const index = await openIndex(surroundings);
  return orIoLater(moveSessions(index, from, to, surroundings));
}
