import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { Counts, Match, SearchOutcome, SearchScope, SessionMatches } from './model.js';
import { maskSecretsIn } from '../redaction/mask-secrets.js';
import { hasTitles, PossibleTitles } from './possible-titles.js';
import { Filters, type SessionVerdict } from './filters/filters.js';
import { loadEngine } from './query/engine.js';
import type { JsonSpan } from '../transcript/json/json-walker.js';
import { Matcher } from './query/matcher.js';
import type { SearchQuery } from './query/model.js';
import { bestOf } from './read/collector.js';
import type { FoundInSession } from './read/search-session.js';
import type { Batch } from './run/batch.js';
import { searchBatches } from './run/pool.js';
import { Turns } from './run/turns.js';
import { PART_KINDS } from './text/parts.js';
import { titleMatches } from './text/title.js';

/** Storage of the filters that searches leave for later ones. */
export interface FilterOptions {
  /** The cache folder. */
  directory: string;
  /** Current time, milliseconds: a file that has just changed gets no filter. */
  nowMs: number;
}

/** Options of a search; without any, the whole scope is searched. */
export interface SearchOptions extends Partial<SearchScope> {
  /** Maximum number of matches per session, the best ones; by default all. */
  limit?: number;
  /** Ends the search at once; the iteration then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called with the bytes of transcripts searched so far and in all, first when the latter are known. */
  onProgress?: (done: number, total: number) => void;
  /** Filters that let later searches skip files; by default none are used or made. */
  filters?: FilterOptions | null;
  /**
   * Keep this thread free for other work, such as typed keys: other threads search, and each step here takes a few
   * milliseconds at most.
   */
  isInBackground?: boolean;
}

/** The default scope: everything but what Claude Code itself wrote. */
export const WHOLE_SCOPE: SearchScope = {
  kinds: PART_KINDS.filter((kind) => kind !== 'meta'),
  subagents: false,
  allBranches: false,
  sinceMs: -Infinity,
  beforeMs: Infinity,
  redact: false,
  context: 0,
  onlyCounted: [],
  isOneEnough: false,
};

/** Bytes of a batch: the first ones are small, so that the first matches appear immediately. */
const FIRST_BATCH_BYTES = 512 * 1024;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Fixed cost per session, expressed in bytes. */
const SESSION_BYTES = 100_000;
const MAX_BATCH_SESSIONS = 64;
const UNFILTERED: SessionVerdict = { mayMatch: true, unfiltered: [], limits: [] };
const NOTHING: FoundInSession = { matches: [], counts: {}, problems: [], filters: [] };

/**
 * Searches the transcripts of sessions (rows of the index) and yields those with matches in the order of `rows`, each
 * as soon as it is known. Returns the number of sessions and bytes searched, and the problems. Files on disk never make
 * it reject.
 */
export async function* searchSessions(
  index: SessionIndex,
  rows: readonly SessionRow[],
  query: SearchQuery,
  options: SearchOptions = {},
): AsyncGenerator<SessionMatches, SearchOutcome> {
  const { signal, onProgress, limit = Infinity, filters: kept = null, isInBackground = false, ...chosen } = options;
  const scope: SearchScope = { ...WHOLE_SCOPE, ...chosen };
  const matcher = new Matcher(query, await loadEngine(query));
  const filters = kept === null ? null : new Filters(kept.directory, scope, query);
  const turns = isInBackground ? new Turns() : null;
  if (turns !== null)
    await filters?.read(
      rows.map(({ file }) => file),
      turns,
    );
  const titles = new PossibleTitles(index, rows, { query, scope, isInBackground });
  const candidates = await candidatesOf(rows, { filters, titles, scope, turns, signal });
  const total = candidates.reduce((sum, { bytes }) => sum + bytes, 0);
  const outcome: SearchOutcome = { sessions: rows.length, bytes: total, problems: [] };
  const groups = grouped(candidates);
  if (turns !== null) await turns.give();
  let done = 0;
  onProgress?.(done, total);
  try {
    for await (const { number, found } of searchBatches(
      groups.map(batchOf),
      { query, scope, limit, nowMs: kept?.nowMs ?? 0 },
      { bytes: total, signal, isInBackground },
    )) {
      const searched = withRecords(groups[number] ?? [], found, index, titles);
      const titleOf = titlesOf(searched, scope, matcher);
      for (const { row, bytes, record, result } of searched) {
        done += bytes;
        outcome.problems.push(...result.problems);
        filters?.add(row.file, result.filters);
        const matches = withTitle(titleOf.get(row) ?? null, result, limit);
        if (record !== undefined && matches !== null) yield { row, record, ...matches };
      }
      onProgress?.(done, total);
    }
  } finally {
    titles.save();
    if (isInBackground) filters?.flush();
    else filters?.finish(() => index.rows.map(({ file }) => file));
  }
  return outcome;
}

/** A session that may match the query, by its transcripts or its title. */
interface Candidate {
  readonly row: SessionRow;
  /** Position among the rows of the search. */
  readonly at: number;
  readonly verdict: SessionVerdict;
  /** Bytes of its transcripts to be searched; 0 if only its title may match. */
  readonly bytes: number;
}

/** Returns the rows that may match, in their order. Rejects when aborted. */
async function candidatesOf(
  rows: readonly SessionRow[],
  by: {
    filters: Filters | null;
    titles: PossibleTitles;
    scope: SearchScope;
    turns: Turns | null;
    signal: AbortSignal | undefined;
  },
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const [at, row] of rows.entries()) {
    const verdict = by.filters?.verdictOf(row) ?? UNFILTERED;
    if (verdict.mayMatch || by.titles.has(row, at))
      candidates.push({ row, at, verdict, bytes: bytesOf(row, by.scope, verdict) });
    if (by.turns?.isDue === true) await by.turns.give();
    by.signal?.throwIfAborted();
  }
  return candidates;
}

/** Returns the batch of a group of candidates: the files of those whose transcripts may match. */
function batchOf(group: readonly Candidate[], number: number): Batch {
  const files = group
    .filter(({ verdict }) => verdict.mayMatch)
    .map(({ row, verdict: { unfiltered, limits } }) => ({ file: row.file, unfiltered, limits }));
  return { number, files };
}

/**
 * Returns the candidates of a group with the results of their batch, and the record of each that has a match or may
 * have one in its title.
 */
function withRecords(
  group: readonly Candidate[],
  found: readonly FoundInSession[],
  index: SessionIndex,
  titles: PossibleTitles,
): (Candidate & { result: FoundInSession; record: SessionRecord | undefined })[] {
  const left = found.values();
  const searched = group.map((candidate) => ({
    ...candidate,
    result: candidate.verdict.mayMatch ? (left.next().value ?? NOTHING) : NOTHING,
  }));
  const shown = searched.filter(({ row, at, result }) => isFound(result) || titles.has(row, at)).map(({ row }) => row);
  const records = new Map(index.records(shown, { footprint: false }).map((record, at) => [shown[at], record]));
  return searched.map((candidate) => ({ ...candidate, record: records.get(candidate.row) }));
}

function isFound(found: FoundInSession): boolean {
  return Object.keys(found.counts).length > 0;
}

/** Candidates in groups of about equal bytes, in their order. */
function grouped(candidates: readonly Candidate[]): Candidate[][] {
  const groups: Candidate[][] = [];
  let room = 0;
  for (const candidate of candidates) {
    if (room <= 0 || (groups.at(-1)?.length ?? 0) >= MAX_BATCH_SESSIONS) {
      room = groups.length < 8 ? FIRST_BATCH_BYTES : BATCH_BYTES;
      groups.push([]);
    }
    groups.at(-1)?.push(candidate);
    room -= candidate.bytes + SESSION_BYTES;
  }
  return groups;
}

/** Returns the matches of titles by row. */
function titlesOf(
  searched: readonly { row: SessionRow; record: SessionRecord | undefined }[],
  scope: SearchScope,
  matcher: Matcher,
): Map<SessionRow, Match | null> {
  if (!hasTitles(scope)) return new Map();
  const named = searched.flatMap(({ row, record }) => (record === undefined ? [] : { row, record }));
  const matches = titleMatches(
    named.map(({ record }) => (scope.redact ? maskSecretsIn(record) : record)),
    matcher,
  );
  return new Map(named.map(({ row }, at) => [row, matches[at] ?? null]));
}

function withTitle(
  title: Match | null,
  found: FoundInSession,
  limit: number,
): { matches: Match[]; counts: Counts } | null {
  if (title === null) return isFound(found) ? found : null;
  return { matches: bestOf([title, ...found.matches], limit), counts: { title: 1, ...found.counts } };
}

/** Bytes of a session's transcripts that are to be searched. */
function bytesOf({ file }: SessionRow, { subagents }: SearchScope, verdict: SessionVerdict): number {
  if (!verdict.mayMatch) return 0;
  if (verdict.limits.length === 0 && !subagents) return file.stamp.size;
  const spared = new Map(verdict.limits.map(({ path, stamp, spans }) => [path, stamp.size - bytesIn(spans)]));
  const left = (path: string, size: number): number => Math.max(0, size - (spared.get(path) ?? 0));
  const ofAgents = file.agents.reduce((sum, { path, stamp }) => sum + left(path, stamp.size), 0);
  return left(file.path, file.stamp.size) + (subagents ? ofAgents : 0);
}

function bytesIn(spans: readonly JsonSpan[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}
