import { compacted, wantsCompaction } from '../format/compact.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';
import type { ReportRejection } from '../format/rejection.js';
import { Segments } from '../format/segments/segments.js';
import {
  loadStore,
  type LoadedStore,
  newSegmentPath,
  saveStore,
  type SideFile,
  sideFilePath,
  type Store,
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

  /** Returns the path of a side file; null if nothing can be stored. */
  pathOf(file: SideFile): string | null {
    return this.directory === null ? null : sideFilePath(this.directory, this.#root, file);
  }

  /** Returns an unused path for a new segment; null if nothing can be stored. */
  newSegmentPath(): string | null {
    return this.directory === null ? null : newSegmentPath(this.directory, this.#root);
  }

  /** Stores a table and its project dirs, compacted if that is worth it. Does nothing if the disk refuses. */
  save(table: ColumnTable, folders: Store['folders'], now: number): void {
    if (this.directory === null || this.segments.isInMemory) return;
    const store: Store = { table, segments: this.segments, folders };
    const [blobs = null, ledgers = null] = wantsCompaction(store) ? [this.newSegmentPath(), this.newSegmentPath()] : [];
    const compact = blobs === null || ledgers === null ? null : compacted(store, blobs, ledgers);
    saveStore(this.directory, this.#root, compact ?? store, now);
    compact?.segments.close();
  }
}
