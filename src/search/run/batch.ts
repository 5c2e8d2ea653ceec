import type { TranscriptFile } from '../../claude/model.js';
import type { SearchScope } from '../model.js';
import type { NewRunner } from '../query/engine.js';
import { Matcher } from '../query/matcher.js';
import type { SearchQuery } from '../query/model.js';
import { filterQueryOf } from '../filters/filter-query.js';
import type { SearchLimit } from '../filters/filters.js';
import { RawFinder } from '../raw/finder.js';
import { MAX_LINE_BYTES } from '../../transcript/lines.js';
import { LineScanner } from '../../transcript/scanner/scanner.js';
import type { Tools } from '../read/search-file.js';
import { searchSession, type FoundInSession } from '../read/search-session.js';

/** Data that all batches of a search share. */
export interface SearchTask {
  query: SearchQuery;
  scope: SearchScope;
  /** Matches to keep of each session. */
  limit: number;
  nowMs: number;
}

/** A session to be searched. */
export interface BatchFile {
  file: TranscriptFile;
  /** Files of it of which filters are to be made; null for all. */
  unfiltered: readonly string[] | null;
  /** Files of it of which only some bytes need be searched. */
  limits: readonly SearchLimit[];
}

/** Some sessions to be searched one after the other. */
export interface Batch {
  number: number;
  files: readonly BatchFile[];
}

/** Matches in the sessions of a batch, in their order. */
export interface BatchResult {
  number: number;
  found: FoundInSession[];
}

/** Searches batches of sessions on one thread. */
export class BatchSearcher {
  readonly #task: SearchTask;
  readonly #tools: Tools;

  constructor(task: SearchTask, newRunner: NewRunner) {
    const { query, nowMs } = task;
    this.#task = task;
    let scanner: LineScanner | undefined;
    this.#tools = {
      matcher: new Matcher(query, newRunner),
      finder: RawFinder.of(query),
      filterQuery: filterQueryOf(query),
      // Most searches read no branch.
      scanner: () => (scanner ??= new LineScanner()),
      nowMs,
      maxLineBytes: MAX_LINE_BYTES,
    };
  }

  search({ number, files }: Batch): BatchResult {
    const { scope, limit } = this.#task;
    return { number, found: files.map((one) => searchSession(one, scope, limit, this.#tools)) };
  }
}

/**
 * Moves the filters of a result into one buffer, which passes to another thread without a copy; null if there are none.
 */
export function gatherFilters({ found }: BatchResult): ArrayBuffer | null {
  let bytes = 0;
  for (const { filters } of found) for (const { length } of filters) bytes += length;
  if (bytes === 0) return null;
  const memory = new ArrayBuffer(bytes);
  let at = 0;
  for (const one of found)
    one.filters = one.filters.map((filter) => {
      const moved = new Uint8Array(memory, at, filter.length);
      moved.set(filter);
      at += filter.length;
      return moved;
    });
  return memory;
}
