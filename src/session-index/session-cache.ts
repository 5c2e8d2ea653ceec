import { looseAgentSession } from '../claude/loose-agents.js';
import type { AgentFile, SideListing, TranscriptFile } from '../claude/model.js';
import { plainTranscript } from '../claude/scan.js';
import { TranscriptReader } from '../transcript/read-transcript.js';
import type { BatchResult, StaleSession } from './batch.js';
import { type BlobRef, type Columns, ColumnTable, sameStamp } from './columns.js';
import { compacted, wantsCompaction } from './compact.js';
import type { SessionFacts } from './facts.js';
import { ledgerSource, readSession, type ReadSession, type StoredResume } from './read-session.js';
import type { ReadOptions } from './refresh.js';
import { type BlobPlace, Segments } from './segments.js';
import { encodeLedger, SessionLedger } from './session-ledger.js';
import { loadStore, type LooseAgent, newSegmentPath, saveStore, type Store } from './store.js';

/** What `refresh` needs of the index's options. */
export type RefreshOptions = Omit<ReadOptions, 'onResult'> & { now: () => number; readOnly?: boolean };

/** The cache of one projects folder: knows each session's columns and facts, and reads what it does not know. */
export class SessionCache {
  readonly #directory: string | null;
  readonly #root: string;
  readonly #store: Store | null;
  readonly #segments: Segments;
  readonly #looseAgents = new Map<string, LooseAgent>();
  #sideListings: Map<string, SideListing> | undefined;
  #reader: TranscriptReader | undefined;

  /** Loads what is cached. `directory` null: everything is read and nothing kept. */
  constructor(directory: string | null, root: string) {
    this.#directory = directory;
    this.#root = root;
    this.#store = directory === null ? null : loadStore(directory, root);
    this.#segments = this.#store?.segments ?? Segments.none();
  }

  /** The session a flat subagent file of an old version belongs to; its head is read only when it changed. */
  sessionOf(agent: AgentFile): string | null {
    const cached = this.#store?.looseAgents.get(agent.path);
    const found = cached !== undefined && sameStamp(cached.stamp, agent.stamp) ? cached : { stamp: agent.stamp, sessionId: looseAgentSession(agent.path) };
    this.#looseAgents.set(agent.path, found);
    return found.sessionId;
  }

  /** How a session's side folder was found by the scan that made this cache. */
  sideListing(projectDir: string, id: string): SideListing | undefined {
    this.#sideListings ??= new Map(Array.from(this.#store?.sideListings ?? [], ([row, listing]) => [this.#key(row), listing]));
    return this.#sideListings.get(`${projectDir}/${id}`);
  }

  #key(row: number): string {
    return `${this.#store?.projectDirs[row] ?? ''}/${this.#store?.ids[row] ?? ''}`;
  }

  /** The columns of the given sessions, row by row; reads those that changed and saves the cache if any did, unless it is only to be read. */
  async refresh(files: readonly TranscriptFile[], options: RefreshOptions): Promise<ColumnTable> {
    const rows = this.#knownRows(files);
    const table = this.#store?.table ?? ColumnTable.of([]);
    const stale: StaleSession[] = [];
    files.forEach((file, i) => {
      const row = rows[i] ?? -1;
      if (row >= 0 && table.isCurrent(row, file)) return;
      stale.push({ key: i, file: plainTranscript(file), resume: row < 0 ? null : this.#resumePoint(table.resume(row)) });
    });
    const inOrder = files.length === table.length && rows.every((row, i) => row === i);
    if (stale.length === 0 && inOrder && !this.#foundMore(files)) return table;
    const fresh = await this.#read(stale, options);
    const refreshed = table.updated(rows, fresh);
    if (options.readOnly !== true) this.#save(files, refreshed, options.now());
    return refreshed;
  }

  /** A session's facts; read anew if the cache's copy cannot be trusted. */
  facts(file: TranscriptFile, ref: BlobRef): SessionFacts {
    const stored = this.#segments.read(ref) as SessionFacts | null;
    if (stored !== null) return stored;
    return this.#reread(file).facts;
  }

  /** The ledgers of sessions, in their order; null where nothing happened. Those that cannot be trusted are read anew. */
  ledgers(sessions: readonly { file: TranscriptFile; ref: BlobRef | null }[]): (SessionLedger | null)[] {
    const stored = this.#segments.copies(sessions.map(({ ref }) => ref));
    return sessions.map(({ file, ref }, at) => {
      if (ref === null) return null;
      return new SessionLedger(stored[at] ?? encodeLedger(ledgerSource(file, this.#reread(file))));
    });
  }

  #reread(file: TranscriptFile): ReadSession {
    this.#reader ??= new TranscriptReader();
    return readSession(this.#reader, file, null);
  }

  /** Each session's row in the cache, -1 for none. As a rule they lie there in the order of the scan. */
  #knownRows(files: readonly TranscriptFile[]): number[] {
    const { ids, projectDirs } = this.#store ?? { ids: [], projectDirs: [] };
    let byKey: Map<string, number> | undefined;
    return files.map((file, i) => {
      if (ids[i] === file.id && projectDirs[i] === file.projectDir) return i;
      byKey ??= new Map(ids.map((_, row) => [this.#key(row), row]));
      return byKey.get(`${file.projectDir}/${file.id}`) ?? -1;
    });
  }

  /** True if what the scan found beside the sessions is more than what is stored. */
  #foundMore(files: readonly TranscriptFile[]): boolean {
    const stored = this.#store?.sideListings;
    if (files.some(({ sideListing }, row) => sideListing !== undefined && stored?.get(row) !== sideListing)) return true;
    const known = this.#store?.looseAgents;
    return this.#looseAgents.size !== (known?.size ?? 0) || [...this.#looseAgents].some(([path, found]) => known?.get(path) !== found);
  }

  #newSegmentPath(): string | null {
    return this.#directory === null ? null : newSegmentPath(this.#directory, this.#root);
  }

  #resumePoint(ref: BlobRef | null): StoredResume | null {
    return ref === null ? null : (this.#segments.read(ref) as StoredResume | null);
  }

  async #read(stale: readonly StaleSession[], options: RefreshOptions): Promise<Map<number, Columns>> {
    const fresh = new Map<number, Columns>();
    const newPath = (): string | null => (options.readOnly === true ? null : this.#newSegmentPath());
    const blobs = this.#segments.writer(newPath());
    const ledgers = this.#segments.writer(newPath());
    const onResult = (result: BatchResult): void => {
      const place = blobs.append(bufferOf(result.blobs));
      const ledgerPlace = result.ledgers.length === 0 ? place : ledgers.append(bufferOf(result.ledgers));
      for (const { key, columns } of result.sessions) fresh.set(key, moved(columns, place, ledgerPlace));
    };
    // A warm list reads nothing, so it does not load what starts threads.
    const { readStale } = await import('./refresh.js');
    await readStale(stale, { ...options, onResult });
    return fresh;
  }

  #save(files: readonly TranscriptFile[], table: ColumnTable, now: number): void {
    if (this.#directory === null || this.#segments.inMemory) return;
    const store: Store = {
      ids: files.map(({ id }) => id),
      projectDirs: files.map(({ projectDir }) => projectDir),
      table,
      segments: this.#segments,
      looseAgents: this.#looseAgents,
      sideListings: new Map(files.flatMap(({ sideListing }, row) => (sideListing === undefined ? [] : [[row, sideListing]]))),
    };
    const [blobs = null, ledgers = null] = wantsCompaction(store) ? [this.#newSegmentPath(), this.#newSegmentPath()] : [];
    const compact = blobs === null || ledgers === null ? null : compacted(store, blobs, ledgers);
    saveStore(this.#directory, this.#root, compact ?? store, now);
    compact?.segments.close();
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Columns whose blobs were counted from 0 and now start at `place`, its ledger at `ledgerPlace`. */
function moved(columns: Columns, place: BlobPlace, ledgerPlace: BlobPlace): Columns {
  const move = (ref: BlobRef, to: BlobPlace): BlobRef => ({ ...ref, segment: to.segment, offset: to.offset + ref.offset });
  const { facts, resume, ledger } = columns;
  return { ...columns, facts: move(facts, place), resume: resume && move(resume, place), ledger: ledger && move(ledger, ledgerPlace) };
}
