import type { TranscriptFile } from '../../claude/model.js';
import type { SearchScope } from '../model.js';
import type { NewRunner } from '../query/engine.js';
import { Matcher } from '../query/matcher.js';
import type { SearchQuery } from '../query/model.js';
import type { SearchLimit } from '../filters/filters.js';
import { RawFinder } from '../raw/finder.js';
import { searchSession, type FoundInSession } from '../read/search-session.js';

/** Facts that are the same for all batches of a search. */
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
  /** Files of it of which filters are to be made. */
  unfiltered: readonly string[];
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
  readonly #matcher: Matcher;
  readonly #finder: RawFinder | null;

  constructor(task: SearchTask, newRunner: NewRunner) {
    this.#task = task;
    this.#matcher = new Matcher(task.query, newRunner);
    this.#finder = RawFinder.of(task.query);
  }

  search({ number, files }: Batch): BatchResult {
    const { scope, limit, nowMs } = this.#task;
    const tools = { matcher: this.#matcher, finder: this.#finder, nowMs };
    return { number, found: files.map((one) => searchSession(one, scope, limit, tools)) };
  }
}
