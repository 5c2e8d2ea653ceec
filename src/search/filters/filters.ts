import { lstatSync } from 'node:fs';
import { basename, sep } from 'node:path';
import type { FileStamp, TranscriptFile } from '../../claude/model.js';
import { folderStamp } from '../../claude/scan/known-folder.js';
import { FILE_STAMP } from '../../session-index/format/stamps.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { tableRow, type TableRow } from '../../session-index/table-row.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { statOrNull } from '../../system/stat.js';
import type { SearchScope } from '../model.js';
import type { SearchQuery } from '../query/model.js';
import { RESULT_FOLDER, resultFilePaths, resultFolder } from '../read/result-files.js';
import type { TurnScheduler } from '../run/turns.js';
import { appendFilters, compactFilters, filtersPath, GROUP_TARGET } from './filter-file.js';
import { filterName } from './filter-name.js';
import { type FilterQuery, filterQueryOf } from './filter-query.js';
import { FilterTable } from './filter-table.js';
import { PendingFilters } from './pending-filters.js';

/** The verdict of the filters on a session. */
export interface SessionVerdict {
  /** False if no file of it can match. */
  mayMatch: boolean;
  /** Files without a valid filter; null for all. */
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
  /** True once the file has been rewritten. */
  isCompact: boolean;
}

/** The filters of a source of rows. */
interface KnownSource {
  known: KnownFilters;
  /** By position of a row: 1 if only its transcript is searched, and the index has its current state. */
  isAlone: Uint8Array;
}

/** The verdict where there are no filters yet. */
const NOTHING_KNOWN: SessionVerdict = { mayMatch: true, unfiltered: null, limits: [] };
const NO_MATCH: SessionVerdict = { mayMatch: false, unfiltered: [], limits: [] };

/** The filters that searches store in the cache folder. A damaged or missing file of filters never makes them fail. */
export class Filters {
  readonly #directory: string;
  readonly #scope: SearchScope;
  readonly #query: FilterQuery | null;
  /** By projects folder. */
  readonly #known = new Map<string, KnownFilters>();
  readonly #pending = new Map<string, PendingFilters>();
  readonly #sources = new Map<TableRow['source'], KnownSource>();
  readonly #stamp = new Float64Array(FILE_STAMP.width);

  constructor(directory: string, scope: SearchScope, query: SearchQuery) {
    this.#directory = directory;
    this.#scope = scope;
    this.#query = filterQueryOf(query);
  }

  /** Reads the filters of these sessions before `verdictOf` needs them, with pauses for other work of the thread. */
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

  /** Returns the verdict on a session. */
  verdictOf(row: SessionRow): SessionVerdict {
    const session = tableRow(row);
    const { known, isAlone } = this.#knownOfSource(session);
    const { table } = known;
    if (table.size === 0) return NOTHING_KNOWN;
    if (isAlone[session.position] === 1) {
      // Nearly all sessions end here, so no objects are made for them.
      session.source.table.writeStamp(session.position, this.#stamp, 0);
      const found = table.findAt(this.#stamp);
      if (found >= 0 && !table.mayMatch(found)) {
        known.found += 1;
        return NO_MATCH;
      }
    }
    const { file } = session;
    const files = filesOf(file, this.#scope, table).map(({ path, stamp }) => {
      const found = stamp === null ? undefined : table.find(stamp);
      if (found !== undefined || (stamp !== null && table.has(stamp))) known.found += 1;
      return { path, stamp, row: found };
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

  /** The filters of a row's source. */
  #knownOfSource(row: TableRow): KnownSource {
    const { source } = row;
    let known = this.#sources.get(source);
    if (known === undefined) {
      const { kinds, subagents } = this.#scope;
      known = {
        known: this.#knownOf(row.file.configDir.projectsRoot),
        isAlone: source.files.unchangedAlone(kinds.includes('result') ? RESULT_FOLDER : null, subagents),
      };
      this.#sources.set(source, known);
    }
    return known;
  }

  #knownOf(root: string): KnownFilters {
    let known = this.#known.get(root);
    if (known === undefined) {
      known = { table: FilterTable.read(filtersPath(this.#directory, root), this.#query), found: 0, isCompact: false };
      this.#known.set(root, known);
    }
    return known;
  }

  /** Keeps filters that a search made of a session's files. */
  add({ configDir }: TranscriptFile, filters: readonly Uint8Array[]): void {
    if (filters.length === 0) return;
    const pending = this.#pending.get(configDir.projectsRoot) ?? new PendingFilters();
    this.#pending.set(configDir.projectsRoot, pending);
    for (const packed of filters) pending.add(packed);
    if (pending.bytes >= GROUP_TARGET) this.flush();
  }

  /** Writes the filters that were added so far. */
  flush(): void {
    for (const [root, pending] of this.#pending) {
      const filters = pending.take();
      if (filters.length === 0) continue;
      const path = filtersPath(this.#directory, root);
      const known = this.#knownOf(root);
      // Groups after a damaged one are not read.
      if (known.table.isDamaged && !known.isCompact) {
        compactFilters(path, () => true);
        known.isCompact = true;
      }
      appendFilters(this.#directory, path, filters);
    }
  }

  /**
   * Writes the filters that were added, and removes those of files that are gone; `allFiles` returns the existing
   * sessions.
   */
  finish(allFiles: () => readonly TranscriptFile[]): void {
    this.flush();
    for (const [root, { table, found, isCompact }] of this.#known) {
      // Each file is looked up once, so if all filters were found, none is superseded or of a file that is gone.
      if (isCompact || (!table.isDamaged && found === table.size)) continue;
      const { isWasteful } = table;
      const files = allFiles().filter(({ configDir }) => configDir.projectsRoot === root);
      const inodes = new Set(files.flatMap(({ stamp, agents }) => [stamp.ino, ...agents.map((one) => one.stamp.ino)]));
      const others = table.namesBeyond(inodes);
      if (!isWasteful && others.length === 0) continue;
      const sessions = new Set(files.map((file) => filterName(file, file.path)));
      const isKept = (name: string): boolean =>
        sessions.has(name) || (sessions.has(sessionOf(name)) && !table.gone.has(name));
      if (isWasteful || !others.every(isKept)) compactFilters(filtersPath(this.#directory, root), isKept);
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

/**
 * The files of a session that are searched, and its folder of tool results where they had to be listed: in the order in
 * which filters are made of them.
 */
function filesOf(file: TranscriptFile, { kinds, subagents }: SearchScope, table: FilterTable): SessionFile[] {
  const files: SessionFile[] = [];
  if (kinds.includes('result') && file.sideEntries.includes(RESULT_FOLDER)) {
    const folder = resultFolder(file.path);
    const stamp = folderStamp(folder, lstatSync);
    const names = stamp === null ? null : table.listed(filterName(file, folder), stamp);
    if (names !== null && stamp !== null) {
      for (const name of names) files.push(stampedFile(folder + sep + name));
      files.push({ path: folder, stamp: { size: names.length, ...stamp } });
    } else {
      const paths = resultFilePaths(file.path);
      table.noteListing(
        filterName(file, folder),
        paths.map((path) => basename(path)),
      );
      for (const path of paths) files.push(stampedFile(path));
      files.push({ path: folder, stamp: null });
    }
  }
  files.push({ path: file.path, stamp: file.stamp });
  if (subagents) for (const { path, stamp } of file.agents) files.push({ path, stamp });
  return files;
}

function stampedFile(path: string): SessionFile {
  return { path, stamp: statOrNull(path) };
}

/** True if two states of a file are equal. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}
