import type { ConfigDir } from '../claude/model.js';
import type { Problem } from '../system/problem.js';
import { footprintBytes } from './sums/folder-sums.js';
import { listIdArtifacts } from '../claude/layout.js';
import type { CleanupPolicies } from '../claude/cleanup/cleanup-policies.js';
import { IdSet } from './format/segments/id-set.js';
import { titleHash } from './given-title.js';
import { folderOf, type SessionFacts, sharedFolder } from './facts.js';
import type { SessionRecord } from './record.js';
import type { FindLines } from './names/possible-names.js';
import type { SearchedNames, SessionIndex, SessionRow } from './session-index.js';
import type { SessionLedger } from './format/ledger/session-ledger.js';
import { emptyMeasures, type IsOursCheck, type MeasuredSessions } from './sums/measured-folders.js';
import { noSums, type StoredSums } from './sums/stored-sums.js';
import { Folders, toRecord } from './to-record.js';
import { rowsOf, tableRow, type Source, type TableRow } from './table-row.js';
import type { SessionTotals } from './totals/session-totals.js';
import type { TouchedPaths } from './touched/collect-paths.js';
import type { PathFilter } from './touched/path-filter.js';

/** Number of sessions whose facts are in memory at a time. */
const FACTS_AT_ONCE = 500;

/** The surroundings of an open index. */
interface IndexSurroundings {
  configDirs: readonly ConfigDir[];
  cleanup: CleanupPolicies;
}

/** The index of some config dirs, from one source per projects folder. */
export class OpenIndex implements SessionIndex {
  readonly rows: readonly SessionRow[];
  readonly problems: readonly Problem[];
  readonly cleanup: CleanupPolicies;
  /** Rows by their source; `rows` has them in this order. */
  readonly #parts: readonly { source: Source; rows: readonly TableRow[] }[];
  readonly #configDirs: readonly ConfigDir[];
  #sums: StoredSums | undefined;
  #ids: readonly string[] | undefined;
  /** Results of `#folderOfProjectDir`. */
  readonly #folders = new Map<string, string | null>();

  constructor(sources: readonly Source[], { configDirs, cleanup }: IndexSurroundings, problems: readonly Problem[]) {
    this.#parts = sources.map((source) => ({ source, rows: rowsOf(source) }));
    const rows = this.#parts.flatMap((part) => part.rows);
    this.rows = rows;
    this.problems = problems;
    this.#configDirs = configDirs;
    this.cleanup = cleanup;
  }

  records(rows: readonly SessionRow[], options: { footprint: boolean }): SessionRecord[] {
    const bytes = options.footprint ? this.footprintBytes(rows) : null;
    const folders = new Folders();
    const records: SessionRecord[] = [];
    // Some at a time, for the sake of memory.
    for (let start = 0; start < rows.length; start += FACTS_AT_ONCE) {
      const some = rows.slice(start, start + FACTS_AT_ONCE);
      const facts = factsOf(some.map(tableRow));
      for (const [at, row] of some.entries()) {
        const folderOfProjectDir = (): string | null => this.#folderOfProjectDir(tableRow(row), folders);
        const footprintBytes = bytes?.[start + at] ?? null;
        const read = facts.get(row) ?? tableRow(row).readFacts();
        records.push(toRecord(row, read, { footprintBytes, folders, folderOfProjectDir }));
      }
    }
    return records;
  }

  footprintBytes(rows: readonly SessionRow[]): number[] {
    // Listed once for all footprints.
    const idArtifacts = listIdArtifacts(this.#configDirs);
    const sums = this.folderSums();
    const bytes = rows.map((row) => {
      // Most sessions are a transcript and nothing else.
      const alone = idArtifacts.isEmpty ? tableRow(row).bytesIfAlone : null;
      return alone ?? footprintBytes(row.file, idArtifacts, sums);
    });
    sums.save();
    return bytes;
  }

  folderSums(): StoredSums {
    // Paths are absolute, so one file serves all config dirs.
    const [first] = this.#parts;
    return (this.#sums ??= first?.source.cache.sums(first.source.nowMs) ?? noSums());
  }

  measure(isOurs: IsOursCheck): MeasuredSessions {
    const sums = this.folderSums();
    const measured = emptyMeasures(this.rows.length);
    let start = 0;
    for (const { source, rows } of this.#parts) {
      const { files, table, pinned, archived } = source;
      for (const folder of files.measure(sums, isOurs, measured, start)) measured.folders.push(folder);
      table.writeColumns(
        measured,
        { empty: measured.empty, forked: measured.forked, unreadable: measured.marked },
        start,
      );
      for (const position of [...pinned, ...archived]) measured.marked.push(start + position);
      start += rows.length;
    }
    return measured;
  }

  ids(): readonly string[] {
    return (this.#ids ??= this.#parts.flatMap(({ source: { files } }) => files.ids()));
  }

  /** Returns the folder that the sessions of a project dir record, for the few sessions that record none. */
  #folderOfProjectDir({ source, projectPositions }: TableRow, folders: Folders): string | null {
    const [first = -1] = projectPositions;
    const key = `${this.#parts.findIndex((part) => part.source === source)}:${first}`;
    let folder = this.#folders.get(key);
    if (folder === undefined) {
      const rows = this.#parts.find((part) => part.source === source)?.rows ?? [];
      const keyOf = (path: string): string => folders.key(path);
      const cwds = projectPositions.flatMap((position) => {
        const row = rows[position];
        return row === undefined ? [] : (folderOf(row.file, row.readFacts(), keyOf) ?? []);
      });
      folder = sharedFolder(source.files.at(first).projectDir, cwds, keyOf);
      this.#folders.set(key, folder);
    }
    return folder;
  }

  withId(id: string): SessionRow[] {
    return this.#parts.flatMap(({ source, rows }) =>
      source.files.positionsOf(id).flatMap((position) => rows[position] ?? []),
    );
  }

  withIdPrefix(start: string): SessionRow[] {
    return this.#parts.flatMap(({ source, rows }) =>
      source.files.positionsWithPrefix(start).flatMap((position) => rows[position] ?? []),
    );
  }

  cwds(): string[] {
    return [...new Set(this.#parts.flatMap(({ source: { cache, table, files } }) => [...cache.cwds(table, files)]))];
  }

  candidatesByTitle(title: string): SessionRow[] {
    const hash = titleHash(title);
    return this.#parts.flatMap(({ source: { files, table }, rows }) =>
      // The table does not have titles of sidecars, so those are read each time.
      [...new Set([...table.withTitleHash(hash), ...files.withSideEntry('custom-title.json')])].flatMap(
        (row) => rows[row] ?? [],
      ),
    );
  }

  names(find: FindLines): SearchedNames {
    const parts = new Map(this.#parts.map(({ source: one }) => [one, one.cache.names(one.table, one.files, find)]));
    return {
      isIn(row) {
        const { source, position } = tableRow(row);
        return parts.get(source)?.names.isIn(position) ?? null;
      },
      read(rows) {
        const asked = rows.map(tableRow);
        for (const [source, { names }] of parts)
          names.readFacts(asked.flatMap((row) => (row.source === source ? [row.position] : [])));
      },
      save() {
        for (const { save } of parts.values()) save();
      },
    };
  }

  withSharedResponses(rows: readonly SessionRow[]): readonly SessionRow[] {
    if (rows.length === this.rows.length) return this.rows;
    const asked = new Set(rows);
    const wanted = new IdSet(this.ledgers(rows).flatMap((ledger) => ledger?.ids ?? []));
    return this.#parts.flatMap(({ source: { cache, table }, rows: all }) => {
      const holding = cache.matchLedgers(table, wanted);
      return all.filter((row, at) => holding[at] === 1 || asked.has(row));
    });
  }

  touching(filter: PathFilter): ReadonlySet<SessionRow> {
    return new Set(
      this.#parts.flatMap(({ source, rows }) =>
        pathsOf(source)
          .rowsTouching(filter)
          .flatMap((row) => rows[row] ?? []),
      ),
    );
  }

  touchedPaths(): string[] {
    return this.#parts.flatMap(({ source }) => pathsOf(source).all());
  }

  totals(): readonly (SessionTotals | null)[] {
    const [only, ...others] = this.#parts;
    if (only === undefined || others.length > 0) return this.rows.map(() => null);
    const { cache, table, files } = only.source;
    return cache.totals(table, files);
  }

  ledgers(rows: readonly SessionRow[]): (SessionLedger | null)[] {
    const asked = rows.map(tableRow);
    const result: (SessionLedger | null)[] = rows.map(() => null);
    for (const cache of new Set(asked.map((row) => row.source.cache))) {
      const ours = asked.flatMap((row, at) => (row.source.cache === cache ? [{ row, at }] : []));
      const ledgers = cache.ledgers(ours.map(({ row }) => row));
      ours.forEach(({ at }, i) => (result[at] = ledgers[i] ?? null));
    }
    return result;
  }
}

/** Returns the facts of rows, read together for each source. */
function factsOf(rows: readonly TableRow[]): ReadonlyMap<SessionRow, SessionFacts> {
  const bySource = new Map<Source, TableRow[]>();
  for (const row of rows) {
    const others = bySource.get(row.source);
    if (others === undefined) bySource.set(row.source, [row]);
    else others.push(row);
  }
  const facts = new Map<SessionRow, SessionFacts>();
  for (const [{ cache }, some] of bySource) {
    const read = cache.factsOf(some.map((row) => ({ ref: row.factsRef, file: () => row.file })));
    for (const [at, each] of read.entries()) if (some[at] !== undefined) facts.set(some[at], each);
  }
  return facts;
}

function pathsOf({ paths }: Source): TouchedPaths {
  if (paths === null) throw new TypeError('an index without paths');
  return paths;
}
