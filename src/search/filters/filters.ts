import type { FileStamp, TranscriptFile } from '../../claude/model.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { statOrNull } from '../../system/look.js';
import type { SearchScope } from '../model.js';
import type { SearchQuery } from '../query/model.js';
import { resultFilePaths } from '../read/result-files.js';
import type { TakesTurns } from '../run/turns.js';
import {
  appendRecords,
  compactRecords,
  filtersPath,
  readVerdicts,
  readVerdictsInTurns,
  type Verdicts,
} from './filter-file.js';
import { filterName } from './filter-name.js';
import { filterQueryOf } from './filter-query.js';

/** The verdict of the filters on a session. */
export interface SessionVerdict {
  /** False if no file of it can match. */
  mayMatch: boolean;
  /** Files without a filter that can be believed; null for all. */
  unfiltered: readonly string[] | null;
  /** Files of which only some bytes need be searched. */
  limits: readonly SearchLimit[];
}

/** The bytes of a file that may match, as long as it is in this state. */
export interface SearchLimit {
  path: string;
  stamp: FileStamp;
  spans: readonly JsonSpan[];
}

/** Verdicts, and how many of them were looked up. */
interface KnownVerdicts extends Verdicts {
  found: number;
}

/** Bytes of records that are held back until they are worth a write. */
const PENDING_BYTES = 2 * 1024 * 1024;

/** The verdict where there are no filters yet. */
const NOTHING_KNOWN: SessionVerdict = { mayMatch: true, unfiltered: null, limits: [] };

/** The filters that searches leave behind in the cache folder. Nothing on disk makes them fail. */
export class Filters {
  readonly #directory: string;
  readonly #scope: SearchScope;
  readonly #query: SearchQuery;
  /** The verdicts of the stored filters of a projects folder, by name. */
  readonly #verdicts = new Map<string, KnownVerdicts>();
  readonly #pending = new Map<string, Buffer[]>();
  #pendingBytes = 0;

  constructor(directory: string, scope: SearchScope, query: SearchQuery) {
    this.#directory = directory;
    this.#scope = scope;
    this.#query = query;
  }

  /** Reads the filters of these sessions ahead of `verdictOf`, and lets other work of the thread run in between. */
  async read(files: Iterable<TranscriptFile>, turns: TakesTurns): Promise<void> {
    const roots = new Set(Array.from(files, ({ configDir }) => configDir.projectsRoot));
    for (const root of roots) {
      const path = filtersPath(this.#directory, root);
      this.#verdicts.set(root, { ...(await readVerdictsInTurns(path, filterQueryOf(this.#query), turns)), found: 0 });
    }
  }

  /** Looks up the files of a session. */
  verdictOf(file: TranscriptFile): SessionVerdict {
    const known = this.#verdictsOf(file.configDir.projectsRoot);
    if (known.byPath.size === 0) return NOTHING_KNOWN;
    const unfiltered: string[] = [];
    const limits: SearchLimit[] = [];
    let mayMatch = false;
    for (const [path, stamp] of filesOf(file, this.#scope)) {
      const verdict = known.byPath.get(filterName(file, path));
      if (verdict !== undefined) known.found += 1;
      if (verdict === undefined || stamp === null || !isSameStamp(verdict.stamp, stamp)) unfiltered.push(path);
      else {
        mayMatch ||= verdict.mayMatch;
        const spans = verdict.mayMatch ? verdict.spans : [];
        if (spans !== null) limits.push({ path, stamp, spans });
      }
    }
    return { mayMatch: mayMatch || unfiltered.length > 0, unfiltered, limits };
  }

  #verdictsOf(root: string): KnownVerdicts {
    let verdicts = this.#verdicts.get(root);
    if (verdicts === undefined) {
      verdicts = { ...readVerdicts(filtersPath(this.#directory, root), filterQueryOf(this.#query)), found: 0 };
      this.#verdicts.set(root, verdicts);
    }
    return verdicts;
  }

  /** Keeps records that a search made of a session's files. */
  add({ configDir }: TranscriptFile, records: readonly Uint8Array[]): void {
    if (records.length === 0) return;
    const pending = this.#pending.get(configDir.projectsRoot) ?? [];
    this.#pending.set(configDir.projectsRoot, pending);
    for (const record of records) {
      pending.push(Buffer.from(record.buffer, record.byteOffset, record.byteLength));
      this.#pendingBytes += record.length;
    }
    if (this.#pendingBytes >= PENDING_BYTES) this.flush();
  }

  /** Writes what was made so far. */
  flush(): void {
    for (const [root, records] of this.#pending) {
      const path = filtersPath(this.#directory, root);
      const known = this.#verdictsOf(root);
      // Behind a damaged record nothing is read.
      if (known.isWasteful) compactRecords(path, () => true);
      known.isWasteful = false;
      appendRecords(this.#directory, path, records);
    }
    this.#pending.clear();
    this.#pendingBytes = 0;
  }

  /** Writes what was made, and removes the filters of files that are gone; `allFiles` gives the sessions that exist. */
  finish(allFiles: () => readonly TranscriptFile[]): void {
    this.flush();
    for (const [root, { byPath, isWasteful, found }] of this.#verdicts) {
      // Each session is looked up once, so that in this case none is gone.
      if (!isWasteful && found === byPath.size) continue;
      const sessions = new Set(
        allFiles()
          .filter(({ configDir }) => configDir.projectsRoot === root)
          .map((file) => filterName(file, file.path)),
      );
      const isKept = (name: string): boolean => sessions.has(name) || sessions.has(sessionOf(name));
      if (isWasteful || [...byPath.keys()].some((name) => !isKept(name)))
        compactRecords(filtersPath(this.#directory, root), isKept);
    }
  }
}

/** Name of the transcript that a file in a side folder belongs to. */
function sessionOf(name: string): string {
  const [projectDir = '', id = ''] = name.split('/');
  return `${projectDir}/${id}.jsonl`;
}

/** The files of a session that are searched, with their state; null for one that is gone. */
function* filesOf(file: TranscriptFile, { kinds, subagents }: SearchScope): Generator<[string, FileStamp | null]> {
  yield [file.path, file.stamp];
  if (subagents) for (const { path, stamp } of file.agents) yield [path, stamp];
  if (kinds.includes('result') && file.sideEntries.includes('tool-results'))
    for (const path of resultFilePaths(file.path)) yield [path, statOrNull(path)];
}

/** True if nothing of a file's state differs. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}
