import type { TranscriptFile } from '../../claude/model.js';
import { projectKey } from '../../claude/project-key.js';
import { folderOf, type SessionFacts } from '../facts.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';
import type { SessionLedger } from '../format/ledger/session-ledger.js';
import type { ReportRejection } from '../format/rejection.js';
import { saveFile } from '../format/save-file.js';
import { IdSet } from '../format/segments/id-set.js';
import type { BlobRef } from '../format/table/column-layout.js';
import type { ColumnTable } from '../format/table/column-table.js';
import { CwdsFile } from '../cwds/cwds-file.js';
import { collectCwds, type CwdSource } from '../cwds/collect-cwds.js';
import { collectTotals, type LedgerSource } from '../totals/collect-totals.js';
import type { SessionTotals } from '../totals/session-totals.js';
import { TotalsFile } from '../totals/totals-file.js';
import { NamesFile } from '../names/names-file.js';
import { type FindLines, PossibleNames } from '../names/possible-names.js';
import { StoredSums } from '../sums/stored-sums.js';
import type { PathOptions, TouchedPaths } from '../touched/collect-paths.js';
import { BlobReader } from './blob-reader.js';
import { diffScan, isUnchanged } from './diff-scan.js';
import { folderContent, hasNewContents } from './folder-contents.js';
import { LegacyAgentSessions } from './legacy-agent-sessions.js';
import type { ReadOptions } from './read-stale.js';
import type { ScannedFolder } from './scanned-folder.js';
import { SessionFiles } from './session-files.js';
import { StoredIndex } from './stored-index.js';

/** Options of the index that `refresh` needs. */
export type RefreshOptions = Omit<ReadOptions, 'onResult'> & { now: () => number; readOnly?: boolean };

/** The index of one projects folder: loads it, brings it up to date with a scan, and reads from it. */
export class SessionCache {
  readonly #index: StoredIndex;
  readonly #blobs: BlobReader;
  readonly #report: ReportRejection;
  #isReadOnly = false;

  /** Loads the stored index. With `directory` null everything is read and nothing stored. */
  constructor(directory: string | null, root: string, report: ReportRejection = () => {}) {
    this.#report = report;
    this.#index = new StoredIndex(directory, root, report);
    this.#blobs = new BlobReader(this.#index, report);
  }

  /** There is no stored index. */
  get isEmpty(): boolean {
    return this.#index.isEmpty;
  }

  /** Returns a project dir as the last scan found it; undefined if that cannot be relied on. */
  recall(projectDir: string): StoredFolder | undefined {
    const folder = this.#index.folder(projectDir);
    return folder?.isWhole === true ? folder : undefined;
  }

  /**
   * Returns the sessions of a scan with their columns, row by row. Reads those that changed, and then saves the index
   * unless it is read-only.
   */
  async refresh(
    scanned: readonly ScannedFolder[],
    options: RefreshOptions,
  ): Promise<{ files: SessionFiles; table: ColumnTable }> {
    this.#isReadOnly = options.readOnly === true;
    const legacy = new LegacyAgentSessions();
    const folders = scanned.map((folder) => legacy.assign(folder, this.#index.folder(folder.name)));
    const files = new SessionFiles(folders);
    const { table } = this.#index;
    const diff = diffScan(folders, table, (name) => this.#index.folder(name));
    if (isUnchanged(diff, table) && !legacy.hasRead && !hasNewContents(folders)) return { files, table };
    const stale = diff.stale.map(({ position, file, row }) => {
      return { key: position, file, resume: row < 0 ? null : this.#blobs.resumePoint(table.resume(row)) };
    });
    // A warm list reads no transcript, so it does not load the reader.
    const { readIntoSegments } = await import('./read-into-segments.js');
    const fresh = await readIntoSegments(stale, this.#index, options);
    const refreshed = table.updated(diff.rows, fresh);
    if (!this.#isReadOnly) {
      const contents = folders.map((folder) => folderContent(folder, (agent) => legacy.sessionOf(agent)));
      this.#index.save(refreshed, contents, options.now());
    }
    return { files, table: refreshed };
  }

  /** Returns a session's facts. */
  facts(file: TranscriptFile, ref: BlobRef): SessionFacts {
    return this.#blobs.facts(file, ref);
  }

  /** As `BlobReader.factsOf`. */
  factsOf(sessions: Parameters<BlobReader['factsOf']>[0]): SessionFacts[] {
    return this.#blobs.factsOf(sessions);
  }

  /** As `BlobReader.ledgers`. */
  ledgers(sessions: Parameters<BlobReader['ledgers']>[0]): (SessionLedger | null)[] {
    return this.#blobs.ledgers(sessions);
  }

  /** Returns the stored sums of folders, which are read on demand. */
  sums(nowMs: number): StoredSums {
    return new StoredSums(this.#index.pathOf('sums'), nowMs, this.#report, this.#isReadOnly);
  }

  /**
   * Returns the totals of each row of a table; null for a session that shares a response or prompt with others. New
   * totals are stored for the next run.
   */
  totals(table: ColumnTable, files: SessionFiles): (SessionTotals | null)[] {
    const path = this.#index.pathOf('totals');
    const refs = Array.from({ length: table.length }, (_, row) => table.ledger(row));
    const stored = path === null ? null : TotalsFile.load(path, this.#report);
    const source: LedgerSource = {
      refs,
      read: (rows) =>
        this.#blobs.storedLedgers(rows.map((row) => ({ file: files.at(row), ledgerRef: table.ledger(row) }))),
      matchLedgers: (lists) => this.matchLedgers(table, new IdSet(lists)),
    };
    const { totals, update } = collectTotals(source, stored);
    if (path !== null && update !== null && !this.#isReadOnly) saveFile(path, [update]);
    return totals;
  }

  /**
   * Returns the paths that the tools of the sessions of a table touched; reads transcripts whose paths are not stored,
   * and stores them for the next run. Rejects when aborted.
   */
  async touchedPaths(table: ColumnTable, files: SessionFiles, options: PathOptions): Promise<TouchedPaths> {
    // Loaded here, since few commands need paths.
    const { collectPaths } = await import('../touched/collect-paths.js');
    const folderOfRow = (row: number): string | null => {
      const file = files.at(row);
      return folderOf(file, this.facts(file, table.facts(row)), projectKey);
    };
    return collectPaths({ table, files, folderOf: folderOfRow, path: this.#index.pathOf('paths') }, options);
  }

  /** Returns the cwds of all sessions of a table, and stores new ones for the next run. */
  cwds(table: ColumnTable, files: SessionFiles): ReadonlySet<string> {
    const path = this.#index.pathOf('cwds');
    const stored = path === null ? null : CwdsFile.load(path, this.#report);
    const keys = Array.from({ length: table.length }, (_, row) => table.facts(row));
    const read: CwdSource['read'] = (rows, use) =>
      this.#blobs.forEachFacts(
        rows.map((row) => ({ ref: table.facts(row), file: () => files.at(row) })),
        (at, facts, isStored) => use(rows[at] ?? -1, facts, isStored),
      );
    const { cwds, update } = collectCwds({ keys, read }, stored);
    if (path !== null && update !== null && !this.#isReadOnly) saveFile(path, [update]);
    return cwds;
  }

  /**
   * Returns the names of the sessions of a table, to be searched. Names that are not stored are read when they are
   * needed; `save` stores these for the next run.
   */
  names(table: ColumnTable, files: SessionFiles, find: FindLines): { names: PossibleNames; save(): void } {
    const path = this.#index.pathOf('names');
    const names = new PossibleNames(
      {
        table,
        read: (refs) => this.#index.segments.copies(refs),
        titled: files.withSideEntry('custom-title.json'),
      },
      path === null ? null : NamesFile.load(path, this.#report),
      find,
    );
    const save = (): void => {
      const update = path === null || this.#isReadOnly ? null : names.update;
      if (path !== null && update !== null) saveFile(path, [update]);
    };
    return { names, save };
  }

  /** As `BlobReader.matchLedgers`. */
  matchLedgers(table: ColumnTable, wanted: IdSet): Uint8Array {
    return this.#blobs.matchLedgers(table, wanted, this.#isReadOnly);
  }
}
