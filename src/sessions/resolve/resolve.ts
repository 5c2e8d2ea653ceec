import { CcsessError } from '../../system/errors.js';
import { call, phrase } from '../../system/phrase.js';
import { closest } from '../../grammar/choice.js';
import type { ProjectFilter, SessionRecord } from '../../session-index/record.js';
import { customTitleText } from '../../session-index/given-title.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { byActivity, plainList, hiddenReasonOf } from '../select/listing.js';
import { projectFilter, type StartFolder } from '../select/project-filter.js';
import { guessProjects } from '../select/guess-project.js';
import { transcriptsAt } from './transcript-name.js';

/** Folder that names are resolved from, and the description of a session if several have the name. */
export interface Naming {
  start: StartFolder;
  /** One line that distinguishes this session from others. */
  describe(row: SessionRow, record: SessionRecord): string;
}

/** Error AMBIGUOUS for a name that several sessions have. */
export class AmbiguousName extends CcsessError {
  /** Reason, as the start of a sentence. */
  readonly why: string;
  /** All sessions with the name, newest first. */
  readonly rows: readonly SessionRow[];

  constructor(why: string, rows: readonly SessionRow[], hint: string) {
    const ids = new Set(rows.map(({ file }) => file.id)).size;
    const handle = ids === rows.length ? 'id' : ids === 1 ? 'transcript' : 'id or transcript';
    super('AMBIGUOUS', `${why}. Name one by its ${handle}:`, { hint });
    this.why = why;
    this.rows = rows;
  }
}

const LISTING = phrase`${call('listSessions')}`;
const MIN_PREFIX_LENGTH = 4;
const MAX_HINTS = 5;
/** Quotation marks inside shell quotes, as in `'"My title"'`. */
const QUOTES = /^["'“‘]+|["'”’]+$/g;
/** Maximum share of a title's characters that may be mistyped. */
const MAX_ERRORS = 0.25;
/** Number of rows whose records are read at a time. */
const BATCH = 64;

/**
 * Returns the session of a name: a full id, else the path of a transcript (`transcriptsAt`), else an id prefix (4
 * characters or more) or a title (given or generated, exact except for case), `@N` (row N of a terminal's plain list),
 * or `@` (the newest interactive one of the current folder). An id matches as it is typed, else in lower case. Of
 * several sessions with one id or title, the one in the current folder or its worktrees is returned; empty copies count
 * only if all are empty. Throws NOT_FOUND with the nearest matches, or `AmbiguousName` with all of them, as hints.
 */
export function resolveSession(index: SessionIndex, name: string, naming: Naming): SessionRow {
  const position = /^@(\d*)$/.exec(name)?.[1];
  if (position === '') return newestHere(index, naming.start);
  if (position !== undefined) return rowOfList(index, Number(position));
  const id = name.toLowerCase();
  const exact = firstFound([name, id], (one) => index.withId(one));
  if (exact.length > 0) return onlyMatchInFolder(index, withoutBlanks(exact), naming, 'have this id');
  const located = transcriptsAt(index, name, naming.start);
  if (located.length > 0) return onlyMatchInFolder(index, located, naming, 'have a transcript of this name');

  const titled = withTitle(index, name);
  const prefixed = id.length < MIN_PREFIX_LENGTH ? [] : firstFound([name, id], (start) => index.withIdPrefix(start));
  const matches = withoutBlanks([...new Set([...prefixed, ...titled])]);
  if (matches.length === 0) throw notFound(index, name, naming);
  if (prefixed.length === 0) return onlyMatchInFolder(index, matches, naming, 'have this title (/clear passes it on)');
  const [only] = matches;
  if (matches.length === 1 && only !== undefined) return only;
  if (new Set(matches.map(({ file }) => file.id)).size === 1)
    return onlyMatchInFolder(index, matches, naming, 'have this id');
  const why =
    titled.length === 0
      ? `${matches.length} ids begin with '${name}'`
      : `'${name}' begins one session's id and is another's title`;
  throw ambiguous(index, matches, naming, why);
}

/** Returns what the first name with a match finds. */
function firstFound(names: readonly string[], find: (name: string) => SessionRow[]): SessionRow[] {
  for (const name of names) {
    const rows = find(name);
    if (rows.length > 0) return rows;
  }
  return [];
}

/** Leaves out empty copies (from broken syncs) of sessions that have another copy with content. */
function withoutBlanks(rows: readonly SessionRow[]): SessionRow[] {
  const best = new Map<string, number>();
  for (const row of rows) best.set(row.file.id, Math.max(best.get(row.file.id) ?? 0, contentRank(row)));
  return rows.filter((row) => contentRank(row) === best.get(row.file.id));
}

/** 2: prompts or answers, or content that could not be read; 1: created and waiting; 0: nothing to resume. */
function contentRank({ empty, damaged, unreadable, resumable }: SessionRow): number {
  return !empty || damaged || unreadable ? 2 : resumable ? 1 : 0;
}

function newestHere(index: SessionIndex, start: StartFolder): SessionRow {
  const isHere = projectFilter(['.'], { ...start, worktreesOf: null });
  const rows = index.rows.filter((row) => row.kind === 'interactive' && hiddenReasonOf(row) === null).sort(byActivity);
  for (let at = 0; at < rows.length; at += BATCH) {
    const batch = rows.slice(at, at + BATCH);
    const found = index.records(batch, { footprint: false }).findIndex((record) => isHere(record));
    const row = batch[found];
    if (row !== undefined) return row;
  }
  const parent = guessProjects(['.'], index, start)[0]?.parent ?? null;
  const hint = parent === null ? LISTING : phrase`${call('listSessions', [], { project: parent })}`;
  throw new CcsessError('NOT_FOUND', 'no interactive session of this folder.', { hint });
}

function rowOfList(index: SessionIndex, position: number): SessionRow {
  const rows = plainList(index.rows);
  const row = rows[position - 1];
  if (row !== undefined) return row;
  const message =
    position === 0 ? '@0: rows of the list are counted from 1.' : `@${position}: the list has ${rows.length} rows.`;
  throw new CcsessError('NOT_FOUND', message, { hint: LISTING });
}

/**
 * Returns the rows with this title, as Claude Code resolves it: exact except for case; a first prompt is not a title.
 */
export function withTitle(
  index: SessionIndex,
  name: string,
  isCandidate: (row: SessionRow) => boolean = () => true,
): SessionRow[] {
  const wanted = customTitleText(name).toLowerCase();
  const rows = index.candidatesByTitle(wanted).filter(isCandidate);
  const records = index.records(rows, { footprint: false });
  return rows.filter((_row, at) => {
    const record = records[at];
    return record?.title?.toLowerCase() === wanted && record.titleSource !== 'prompt';
  });
}

function onlyMatchInFolder(index: SessionIndex, rows: readonly SessionRow[], naming: Naming, why: string): SessionRow {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return only;
  const isHere = projectFilter(['.'], naming.start);
  const records = index.records(rows, { footprint: false });
  const here = rows.filter((_row, at) => isIn(records[at], isHere));
  const [local] = here;
  if (here.length === 1 && local !== undefined) return local;
  if (here.length === 0) throw ambiguous(index, rows, naming, `${rows.length} sessions ${why}`);
  throw ambiguous(index, here, naming, `${here.length} sessions here ${why}`);
}

function isIn(record: SessionRecord | undefined, filter: ProjectFilter): boolean {
  return record !== undefined && filter(record);
}

function ambiguous(index: SessionIndex, rows: readonly SessionRow[], naming: Naming, why: string): AmbiguousName {
  const newestFirst = [...rows].sort(byActivity);
  return new AmbiguousName(why, newestFirst, described(index, newestFirst, naming).join('\n'));
}

function notFound(index: SessionIndex, name: string, naming: Naming): CcsessError {
  const near = nearest(index, name);
  const hint = near.length === 0 ? LISTING : ['nearest:', ...described(index, near, naming)].join('\n');
  const tooShort = /^[0-9a-f-]{1,3}$/i.test(name);
  const message = tooShort
    ? `'${name}' is too short for an id prefix (${MIN_PREFIX_LENGTH} characters or more) and no session has that title.`
    : `no session '${name}'`;
  return new CcsessError('NOT_FOUND', message, { hint });
}

/** Titles that contain the name or differ from it by typing errors, and ids that begin as it does; newest first. */
function nearest(index: SessionIndex, name: string): SessionRow[] {
  const wanted = name.toLowerCase().replace(QUOTES, '');
  const start = wanted.slice(0, MIN_PREFIX_LENGTH);
  const rows = [...index.rows].sort(byActivity);
  const records = index.records(rows, { footprint: false });
  const isNear = (row: SessionRow, record: SessionRecord | undefined): boolean =>
    (wanted.length >= MIN_PREFIX_LENGTH && row.file.id.startsWith(start)) ||
    (wanted.length > 2 && record !== undefined && isNearTitle(wanted, record.title?.toLowerCase() ?? ''));
  return rows.filter((row, at) => isNear(row, records[at])).slice(0, MAX_HINTS);
}

function isNearTitle(wanted: string, title: string): boolean {
  return title.includes(wanted) || closest(wanted, [title], MAX_ERRORS) !== null;
}

function described(index: SessionIndex, rows: readonly SessionRow[], { describe }: Naming): string[] {
  const records = index.records(rows, { footprint: false });
  return rows.flatMap((row, at) => {
    const record = records[at];
    return record === undefined ? [] : [describe(row, record)];
  });
}
