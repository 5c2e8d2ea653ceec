import type { Live, TranscriptFile } from '../claude/model.js';
import type { LiveRegistry } from '../claude/live/live-registry.js';
import type { CleanupPolicies } from '../claude/cleanup/cleanup-policies.js';
import type { CleanupPolicy } from '../claude/cleanup/cleanup-policy.js';
import { transcriptExpiry } from '../claude/cleanup/expiry.js';
import { statOrNull } from '../system/stat.js';
import type { BlobRef } from './format/table/column-layout.js';
import type { ColumnTable } from './format/table/column-table.js';
import { FLAG_NAMES, type Flag } from './format/table/flags.js';
import type { SessionFacts } from './facts.js';
import type { SessionCache } from './refresh/session-cache.js';
import type { SessionFiles } from './refresh/session-files.js';
import type { SessionKind } from './record.js';
import type { SessionRow } from './session-index.js';
import type { TouchedPaths } from './touched/collect-paths.js';

/** Source of the sessions of one projects folder. */
export interface Source {
  cache: SessionCache;
  files: SessionFiles;
  table: ColumnTable;
  /** Null unless `IndexOptions.paths` is set. */
  paths: TouchedPaths | null;
  /** Rows of archived sessions. */
  archived: ReadonlySet<number>;
  pinned: ReadonlySet<number>;
  /** Live sessions when the index was opened. */
  live: LiveRegistry;
  /** Time when the index was opened. */
  nowMs: number;
  cleanup: CleanupPolicies;
}

/** Returns a row for each session of a source, in the order of its table. */
export function rowsOf(source: Source): TableRow[] {
  const rows: TableRow[] = [];
  for (let row = 0; row < source.files.length; row++) rows.push(new TableRow(source, row));
  return rows;
}

/** Returns a row as one of an open index. Throws TypeError for any other. */
export function tableRow(row: SessionRow): TableRow {
  if (!(row instanceof TableRow)) throw new TypeError('a row of another index');
  return row;
}

/** The boolean columns of a row as members; only `TableRow` extends it. */
const FlagMembers = class {} as new () => Readonly<Record<Flag, boolean>>;

for (const flag of FLAG_NAMES) {
  Object.defineProperty(FlagMembers.prototype, flag, {
    get(this: TableRow): boolean {
      return this.is(flag);
    },
  });
}

/**
 * A row that reads its values from the table. Since there is one per session, it has plain members, which cost less
 * than `#` ones.
 */
export class TableRow extends FlagMembers implements SessionRow {
  readonly source: Source;
  /** Row of the source's table with the columns of this session. */
  private readonly row: number;
  private madeFile: TranscriptFile | undefined;

  constructor(source: Source, row: number) {
    super();
    this.source = source;
    this.row = row;
    this.madeFile = undefined;
  }

  get file(): TranscriptFile {
    return (this.madeFile ??= this.source.files.at(this.row));
  }

  /** The transcript's size; null if the scan found other files of the session. */
  get bytesIfAlone(): number | null {
    return this.source.files.bytesIfAlone(this.row);
  }

  is(flag: Flag): boolean {
    return this.source.table.is(this.row, flag);
  }

  get archived(): boolean {
    return this.source.archived.has(this.row);
  }

  get pinned(): boolean {
    return this.source.pinned.has(this.row);
  }

  /** Positions of all sessions in its project dir. */
  get projectPositions(): number[] {
    return this.source.files.positionsInDir(this.row);
  }

  readFacts(): SessionFacts {
    return this.source.cache.facts(this.file, this.factsRef);
  }

  get position(): number {
    return this.row;
  }

  get factsRef(): BlobRef {
    return this.source.table.facts(this.row);
  }

  get ledgerRef(): BlobRef | null {
    return this.source.table.ledger(this.row);
  }

  get live(): Live | null {
    const { live, nowMs } = this.source;
    return live.liveOf(this.file.id, this.lastActivityMs, nowMs);
  }

  get kind(): SessionKind {
    return this.source.table.kind(this.row);
  }

  get lastActivityMs(): number | null {
    return this.source.table.lastActivityMs(this.row);
  }

  get createdMs(): number | null {
    return this.source.table.createdMs(this.row);
  }

  get prompts(): number {
    return this.source.table.prompts(this.row);
  }

  get turns(): number {
    return this.source.table.turns(this.row);
  }

  get tokens(): number {
    return this.source.table.tokens(this.row);
  }

  get expiresMs(): number | null {
    return this.expiryUnder(this.source.cleanup.of(this.file.configDir));
  }

  expiryUnder(policy: CleanupPolicy): number | null {
    const { file, mayBeDesktop } = this;
    const { path, stamp, isPlain } = file;
    // A transcript that is a link is never cleaned up.
    if (!isPlain && statOrNull(path)?.isFile() !== true) return null;
    const { size, mtimeMs } = stamp;
    return transcriptExpiry({ path, size, mtimeMs, mayBeDesktop }, policy);
  }
}
