import { compacted, wantsCompaction } from '../format/compact.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';
import type { ReportRejection } from '../format/rejection.js';
import { Segments } from '../format/segments/segments.js';
import {
  cwdsPath,
  loadStore,
  type LoadedStore,
  newSegmentPath,
  pathsPath,
  saveStore,
  type Store,
  sumsPath,
  totalsPath,
} from '../format/store.js';
import { ColumnTable } from '../format/table/column-table.js';

/** The files of the index of one projects folder. */
export class StoredIndex {
  /** Folder of the files; null: nothing is stored. */
  readonly directory: string | null;
  readonly segments: Segments;
  readonly #root: string;
  readonly #loaded: LoadedStore | null;
  #folders: ReadonlyMap<string, StoredFolder> | undefined;

  /** Loads the index if there is one that can be used. */
  constructor(directory: string | null, root: string, report: ReportRejection) {
    this.directory = directory;
    this.#root = root;
    this.#loaded = directory === null ? null : loadStore(directory, root, report);
    this.segments = this.#loaded?.segments ?? new Segments(report);
  }

  get isEmpty(): boolean {
    return this.#loaded === null;
  }

  get table(): ColumnTable {
    return this.#loaded?.table ?? ColumnTable.of([]);
  }

  folder(projectDir: string): StoredFolder | undefined {
    this.#folders ??= new Map(this.#loaded?.folders.map((folder) => [folder.name, folder]));
    return this.#folders.get(projectDir);
  }

  /** Path of the kept totals; null where nothing can be stored. */
  get totalsPath(): string | null {
    return this.directory === null ? null : totalsPath(this.directory, this.#root);
  }

  /** Path of the kept cwds of sessions; null where nothing can be stored. */
  get cwdsPath(): string | null {
    return this.directory === null ? null : cwdsPath(this.directory, this.#root);
  }

  /** Path of the kept sums of folders; null where nothing can be stored. */
  get sumsPath(): string | null {
    return this.directory === null ? null : sumsPath(this.directory, this.#root);
  }

  /** Path of the kept paths that sessions touched; null where nothing can be stored. */
  get pathsPath(): string | null {
    return this.directory === null ? null : pathsPath(this.directory, this.#root);
  }

  /** A name for a new segment; null where nothing can be stored. */
  newSegmentPath(): string | null {
    return this.directory === null ? null : newSegmentPath(this.directory, this.#root);
  }

  /** Stores a table and its project dirs, compacted if that is worth it. Nothing is stored where the disk refuses. */
  save(table: ColumnTable, folders: Store['folders'], now: number): void {
    if (this.directory === null || this.segments.inMemory) return;
    const store: Store = { table, segments: this.segments, folders };
    const [blobs = null, ledgers = null] = wantsCompaction(store) ? [this.newSegmentPath(), this.newSegmentPath()] : [];
    const compact = blobs === null || ledgers === null ? null : compacted(store, blobs, ledgers);
    saveStore(this.directory, this.#root, compact ?? store, now);
    compact?.segments.close();
  }
}
