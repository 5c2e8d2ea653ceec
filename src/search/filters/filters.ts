import { lstatSync } from 'node:fs';
import { sep } from 'node:path';
import type { FileStamp, TranscriptFile } from '../../claude/model.js';
import { folderStamp } from '../../claude/scan/known-folder.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { statOrNull } from '../../system/look.js';
import type { SearchScope } from '../model.js';
import type { SearchQuery } from '../query/model.js';
import { resultFilePaths, resultFolder } from '../read/result-files.js';
import type { TurnScheduler } from '../run/turns.js';
import { appendRecords, compactRecords, filtersPath } from './filter-file.js';
import { filterName } from './filter-name.js';
import { type FilterQuery, filterQueryOf } from './filter-query.js';
import { FilterTable } from './filter-table.js';

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

/** The filters of a projects folder, and how many of them belong to files that were looked up. */
interface KnownFilters {
  table: FilterTable;
  found: number;
  /** The file was written anew since. */
  isCompact: boolean;
}

/** Bytes of records that are held back until they are worth a write. */
const PENDING_BYTES = 2 * 1024 * 1024;
/** The verdict where there are no filters yet. */
const NOTHING_KNOWN: SessionVerdict = { mayMatch: true, unfiltered: null, limits: [] };
const NO_MATCH: SessionVerdict = { mayMatch: false, unfiltered: [], limits: [] };

/** The filters that searches leave behind in the cache folder. Nothing on disk makes them fail. */
export class Filters {
  readonly #directory: string;
  readonly #scope: SearchScope;
  readonly #query: FilterQuery | null;
  /** By projects folder. */
  readonly #known = new Map<string, KnownFilters>();
  readonly #pending = new Map<string, Buffer[]>();
  #pendingBytes = 0;

  constructor(directory: string, scope: SearchScope, query: SearchQuery) {
    this.#directory = directory;
    this.#scope = scope;
    this.#query = filterQueryOf(query);
  }

  /** Reads the filters of these sessions ahead of `verdictOf`, and lets other work of the thread run in between. */
  async read(files: Iterable<TranscriptFile>, turns: TurnScheduler): Promise<void> {
    const roots = new Set(Array.from(files, ({ configDir }) => configDir.projectsRoot));
    for (const root of roots) {
      const path = filtersPath(this.#directory, root);
      this.#known.set(root, {
        table: await FilterTable.readInTurns(path, this.#query, turns),
        found: 0,
        isCompact: false,
      });
    }
  }

  /** Looks up the files of a session. */
  verdictOf(file: TranscriptFile): SessionVerdict {
    const known = this.#knownOf(file.configDir.projectsRoot);
    const { table } = known;
    if (table.size === 0) return NOTHING_KNOWN;
    if (!this.#hasSeveralFiles(file)) {
      // Nearly all sessions: for thousands of them, nothing is made.
      const row = table.find(file.stamp);
      if (row !== undefined && !table.mayMatch(row)) {
        known.found += 1;
        return NO_MATCH;
      }
    }
    const files = filesOf(file, this.#scope, table).map(({ path, stamp }) => {
      if (stamp !== null && table.has(stamp)) known.found += 1;
      return { path, stamp, row: stamp === null ? undefined : table.find(stamp) };
    });
    if (files.every(({ row }) => row !== undefined && !table.mayMatch(row))) return NO_MATCH;
    const unfiltered: string[] = [];
    const limits: SearchLimit[] = [];
    for (const { path, stamp, row } of files) {
      if (row === undefined || stamp === null) {
        unfiltered.push(path);
        continue;
      }
      const spans = table.mayMatch(row) ? table.spans(row) : [];
      if (spans !== null) limits.push({ path, stamp, spans });
    }
    return { mayMatch: true, unfiltered, limits };
  }

  #hasSeveralFiles({ agents, sideEntries }: TranscriptFile): boolean {
    const { kinds, subagents } = this.#scope;
    return (subagents && agents.length > 0) || (kinds.includes('result') && sideEntries.includes('tool-results'));
  }

  #knownOf(root: string): KnownFilters {
    let known = this.#known.get(root);
    if (known === undefined) {
      known = { table: FilterTable.read(filtersPath(this.#directory, root), this.#query), found: 0, isCompact: false };
      this.#known.set(root, known);
    }
    return known;
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
      const known = this.#knownOf(root);
      // Behind a damaged record nothing is read.
      if (known.table.isWasteful) {
        compactRecords(path, () => true);
        known.isCompact = true;
        known.table.isWasteful = false;
      }
      appendRecords(this.#directory, path, records);
    }
    this.#pending.clear();
    this.#pendingBytes = 0;
  }

  /** Writes what was made, and removes the filters of files that are gone; `allFiles` gives the sessions that exist. */
  finish(allFiles: () => readonly TranscriptFile[]): void {
    this.flush();
    for (const [root, { table, found, isCompact }] of this.#known) {
      // Each file is looked up once, so that in this case none is gone.
      if (isCompact || (!table.isWasteful && found === table.size)) continue;
      const files = allFiles().filter(({ configDir }) => configDir.projectsRoot === root);
      const inodes = new Set(files.flatMap(({ stamp, agents }) => [stamp.ino, ...agents.map((one) => one.stamp.ino)]));
      const others = table.namesBeyond(inodes);
      if (!table.isWasteful && others.length === 0) continue;
      const sessions = new Set(files.map((file) => filterName(file, file.path)));
      const isKept = (name: string): boolean => sessions.has(name) || sessions.has(sessionOf(name));
      if (table.isWasteful || !others.every(isKept)) compactRecords(filtersPath(this.#directory, root), isKept);
    }
  }
}

/** Name of the transcript that a file in a side folder belongs to. */
function sessionOf(name: string): string {
  const [projectDir = '', id = ''] = name.split('/');
  return `${projectDir}/${id}.jsonl`;
}

/** A file of a session, with its state; null for one that is gone. */
interface SessionFile {
  path: string;
  stamp: FileStamp | null;
}

/** The files of a session that are searched, and its folder of tool results where they had to be listed. */
function filesOf(file: TranscriptFile, { kinds, subagents }: SearchScope, table: FilterTable): SessionFile[] {
  const files: SessionFile[] = [{ path: file.path, stamp: file.stamp }];
  if (subagents) for (const { path, stamp } of file.agents) files.push({ path, stamp });
  if (!kinds.includes('result') || !file.sideEntries.includes('tool-results')) return files;
  const folder = resultFolder(file.path);
  const stamp = folderStamp(folder, lstatSync);
  const names = stamp === null ? null : table.listed(filterName(file, folder), stamp);
  if (names !== null && stamp !== null) {
    for (const name of names) files.push(stampedFile(folder + sep + name));
    files.push({ path: folder, stamp: { size: names.length, ...stamp } });
  } else {
    for (const path of resultFilePaths(file.path)) files.push(stampedFile(path));
    files.push({ path: folder, stamp: null });
  }
  return files;
}

function stampedFile(path: string): SessionFile {
  return { path, stamp: statOrNull(path) };
}

/** True if nothing of a file's state differs. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}
