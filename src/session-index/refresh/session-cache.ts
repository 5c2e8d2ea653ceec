import type { TranscriptFile } from '../../claude/model.js';
import { projectKey } from '../../claude/project-key.js';
import { folderOf, type SessionFacts } from '../facts.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';
import type { SessionLedger } from '../format/ledger/session-ledger.js';
import type { ReportRejection } from '../format/rejection.js';
import { IdSet } from '../format/segments/id-set.js';
import type { BlobRef } from '../format/table/column-layout.js';
import type { ColumnTable } from '../format/table/column-table.js';
import { CwdsFile, saveCwds } from '../cwds/cwds-file.js';
import { keptCwds, type CwdSource } from '../cwds/kept-cwds.js';
import { keptTotals, type LedgerSource } from '../totals/kept-totals.js';
import type { SessionTotals } from '../totals/session-totals.js';
import { saveTotals, TotalsFile } from '../totals/totals-file.js';
import { StoredSums } from '../sums/stored-sums.js';
import type { PathOptions, TouchedPaths } from '../touched/kept-paths.js';
import { BlobReader } from './blob-reader.js';
import { diffScan, isUnchanged } from './diff-scan.js';
import { folderContent, hasNewMemory } from './folder-contents.js';
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

  /** Loads what is stored. `directory` null: everything is read and nothing kept. */
  constructor(directory: string | null, root: string, report: ReportRejection = () => {}) {
    this.#report = report;
    this.#index = new StoredIndex(directory, root, report);
    this.#blobs = new BlobReader(this.#index, report);
  }

  /** Nothing is known yet. */
  get isEmpty(): boolean {
    return this.#index.isEmpty;
  }

  /** A project dir as it was found by the scan that made this index; undefined if that cannot be relied on. */
  recall(projectDir: string): StoredFolder | undefined {
    const folder = this.#index.folder(projectDir);
    return folder?.isWhole === true ? folder : undefined;
  }

  /**
   * The sessions of a scan with their columns, row by row; reads those that changed and saves the index if any did,
   * unless it is only to be read.
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
    if (isUnchanged(diff, table) && !legacy.hasRead && !hasNewMemory(folders)) return { files, table };
    const stale = diff.stale.map(({ position, file, row }) => {
      return { key: position, file, resume: row < 0 ? null : this.#blobs.resumePoint(table.resume(row)) };
    });
    // A warm list reads nothing, so it does not load what reads.
    const { readIntoSegments } = await import('./read-into-segments.js');
    const fresh = await readIntoSegments(stale, this.#index, options);
    const refreshed = table.updated(diff.rows, fresh);
    if (!this.#isReadOnly) {
      const contents = folders.map((folder) => folderContent(folder, (agent) => legacy.sessionOf(agent)));
      this.#index.save(refreshed, contents, options.now());
    }
    return { files, table: refreshed };
  }

  /** A session's facts. */
  facts(file: TranscriptFile, ref: BlobRef): SessionFacts {
    return this.#blobs.facts(file, ref);
  }

  /** For each session's stored facts, false if they can be trusted and do not pass a test. */
  factsPassing(refs: readonly BlobRef[], test: (facts: Buffer) => boolean): boolean[] {
    return this.#blobs.factsPassing(refs, test);
  }

  /** The ledgers of sessions, in their order; null where nothing happened. */
  ledgers(sessions: Parameters<BlobReader['ledgers']>[0]): (SessionLedger | null)[] {
    return this.#blobs.ledgers(sessions);
  }

  /** Kept sums of folders that are written once; read when they are asked for. */
  sums(nowMs: number): StoredSums {
    return new StoredSums(this.#index.sumsPath, nowMs, this.#report, this.#isReadOnly);
  }

  /**
   * By row of a table, the totals of a session that shares no response or prompt with others; null where its ledger
   * must be read. What was not known is kept for the next time.
   */
  totals(table: ColumnTable, files: SessionFiles): (SessionTotals | null)[] {
    const { totalsPath } = this.#index;
    const refs = Array.from({ length: table.length }, (_, row) => table.ledger(row));
    const stored = totalsPath === null ? null : TotalsFile.load(totalsPath, this.#report);
    const source: LedgerSource = {
      refs,
      read: (rows) =>
        this.#blobs.storedLedgers(rows.map((row) => ({ file: files.at(row), ledgerRef: table.ledger(row) }))),
      holding: (lists) => this.holding(table, new IdSet(lists)),
    };
    const { totals, update } = keptTotals(source, stored);
    if (totalsPath !== null && update !== null && !this.#isReadOnly) saveTotals(totalsPath, update);
    return totals;
  }

  /**
   * The paths that the tools of the sessions of a table touched; transcripts are read where they are not known. What
   * was not known is kept for the next time. Rejects when aborted.
   */
  async touchedPaths(table: ColumnTable, files: SessionFiles, options: PathOptions): Promise<TouchedPaths> {
    // No other list reads or matches paths.
    const { keptPaths } = await import('../touched/kept-paths.js');
    const folderOfRow = (row: number): string | null => {
      const file = files.at(row);
      return folderOf(file, this.facts(file, table.facts(row)), projectKey);
    };
    return keptPaths({ table, files, folderOf: folderOfRow, path: this.#index.pathsPath }, options);
  }

  /** The cwds of all sessions of a table. What was not known is kept for the next time. */
  cwds(table: ColumnTable, files: SessionFiles): ReadonlySet<string> {
    const { cwdsPath } = this.#index;
    const stored = cwdsPath === null ? null : CwdsFile.load(cwdsPath, this.#report);
    const keys = Array.from({ length: table.length }, (_, row) => table.facts(row));
    const read: CwdSource['read'] = (row) => this.#blobs.storedFacts(files.at(row), table.facts(row));
    const { cwds, update } = keptCwds({ keys, read }, stored);
    if (cwdsPath !== null && update !== null && !this.#isReadOnly) saveCwds(cwdsPath, update);
    return cwds;
  }

  /** By row of a table, 1 where its ledger holds one of these responses or prompts, or cannot be trusted. */
  holding(table: ColumnTable, wanted: IdSet): Uint8Array {
    return this.#blobs.holding(table, wanted, this.#isReadOnly);
  }
}
