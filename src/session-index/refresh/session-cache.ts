import { basename, join } from 'node:path';
import { isSameFolderStamp, plainTranscript, SameTranscript } from '../../claude/scan/known-folder.js';
import { looseAgentSession, withLooseAgents } from '../../claude/scan/legacy-agents.js';
import type { AgentFile, SameFolder, TranscriptFile } from '../../claude/model.js';
import { TranscriptReader } from '../../transcript/fold/read-transcript.js';
import type { BatchResult, StaleSession } from './batch.js';
import { ColumnTable } from '../format/column-table.js';
import type { BlobRef, Columns } from '../format/columns.js';
import { compacted, wantsCompaction } from '../format/compact.js';
import type { SessionFacts } from '../facts.js';
import { ledgerSource, readSession, type ReadSession, type StoredResume } from './read-session.js';
import type { ReadOptions } from './refresh.js';
import { type ResponseIds, SegmentIds } from '../format/response-ids.js';
import { type BlobPlace, IDS_SUFFIX, Segments } from '../format/segments.js';
import { SessionFiles, type ScannedFolder } from './session-files.js';
import { encodeLedger, SessionLedger } from '../format/session-ledger.js';
import { loadStore, type LoadedStore, newSegmentPath, saveStore, type Store } from '../format/store.js';
import type { FolderContent, StoredFolder } from '../format/stored-folder.js';

/** Options of the index that `refresh` needs. */
export type RefreshOptions = Omit<ReadOptions, 'onResult'> & { now: () => number; readOnly?: boolean };

/** Ledgers of a segment from which on their ids are worth a file of their own. */
const IDS_KEPT_FROM = 200;

/** The cache of one projects folder: knows each session's columns and facts, and reads what it does not know. */
export class SessionCache {
  readonly #directory: string | null;
  readonly #root: string;
  readonly #store: LoadedStore | null;
  readonly #segments: Segments;
  readonly #sessionsOfLoose = new Map<AgentFile, string | null>();
  /** Some flat subagent file was not known before. */
  #readHead = false;
  #readOnly = false;
  #folders: Map<string, StoredFolder> | undefined;
  #reader: TranscriptReader | undefined;

  /** Loads what is cached. `directory` null: everything is read and nothing kept. */
  constructor(directory: string | null, root: string) {
    this.#directory = directory;
    this.#root = root;
    this.#store = directory === null ? null : loadStore(directory, root);
    this.#segments = this.#store?.segments ?? Segments.none();
  }

  /** Nothing is known yet. */
  get isEmpty(): boolean {
    return this.#store === null;
  }

  /** A project dir as it was found by the scan that made this cache; undefined if that cannot be relied on. */
  recall(projectDir: string): StoredFolder | undefined {
    const folder = this.#folder(projectDir);
    return folder?.isWhole === true ? folder : undefined;
  }

  #folder(projectDir: string): StoredFolder | undefined {
    this.#folders ??= new Map(this.#store?.folders.map((folder) => [folder.name, folder]));
    return this.#folders.get(projectDir);
  }

  /**
   * The sessions of a scan with their columns, row by row; reads those that changed and saves the cache if any did,
   * unless it is only to be read.
   */
  async refresh(
    scanned: readonly ScannedFolder[],
    options: RefreshOptions,
  ): Promise<{ files: SessionFiles; table: ColumnTable }> {
    this.#readOnly = options.readOnly === true;
    const folders = scanned.map((folder) => this.#withLooseAgents(folder));
    const files = new SessionFiles(folders);
    const table = this.#store?.table ?? ColumnTable.of([]);
    const { rows, stale } = this.#compare(folders, table);
    const inOrder = rows.length === table.length && rows.every((row, i) => row === i);
    if (stale.length === 0 && inOrder && !this.#foundMore(folders)) return { files, table };
    const fresh = await this.#read(stale, options);
    const refreshed = table.updated(rows, fresh);
    if (options.readOnly !== true) this.#save(folders, refreshed, options.now());
    return { files, table: refreshed };
  }

  /** Heads of flat subagent files are read only where they changed. */
  #withLooseAgents(folder: ScannedFolder): ScannedFolder {
    if (folder.known !== null) return folder;
    const known = this.#folder(folder.name);
    const transcripts = withLooseAgents(folder, (agent) => {
      const cached = known?.sessionOf(basename(agent.path), agent.stamp);
      this.#readHead ||= cached === undefined;
      const id = cached === undefined ? looseAgentSession(agent.path) : cached;
      this.#sessionsOfLoose.set(agent, id);
      return id;
    });
    return { ...folder, transcripts };
  }

  /** Each session's row in the cache, -1 for none, and those that must be read. */
  #compare(folders: readonly ScannedFolder[], table: ColumnTable): { rows: number[]; stale: StaleSession[] } {
    const rows: number[] = [];
    const stale: StaleSession[] = [];
    const read = (file: TranscriptFile, key: number, row: number): void => {
      stale.push({ key, file, resume: row < 0 ? null : this.#resumePoint(table.resume(row)) });
    };
    for (const folder of folders) {
      if (folder.known !== null) {
        const { first, transcripts } = folder.known;
        for (const at of folder.changed.keys())
          read(plainTranscript(new SameTranscript(folder, at)), rows.length + at, first + at);
        for (let at = 0; at < transcripts.length; at++) rows.push(first + at);
        continue;
      }
      const known = this.#folder(folder.name);
      for (const file of folder.transcripts) {
        const row = known?.rowOf(file.id) ?? -1;
        if (row < 0 || !table.isCurrent(row, file)) read(file, rows.length, row);
        rows.push(row);
      }
    }
    return { rows, stale };
  }

  /** True if the scan found more than what is stored that is worth remembering. */
  #foundMore(folders: readonly ScannedFolder[]): boolean {
    return (
      this.#readHead ||
      folders.some((folder) => (folder.known === null ? folder.memory !== null : isNewlySettled(folder)))
    );
  }

  /** A session's facts; read anew if the cache's copy cannot be trusted. */
  facts(file: TranscriptFile, ref: BlobRef): SessionFacts {
    const stored = this.#segments.read(ref) as SessionFacts | null;
    if (stored !== null) return stored;
    return this.#reread(file).facts;
  }

  /**
   * The ledgers of sessions, in their order; null where nothing happened. Those that cannot be trusted are read anew.
   */
  ledgers(
    sessions: readonly { readonly file: TranscriptFile; readonly ledgerRef: BlobRef | null }[],
  ): (SessionLedger | null)[] {
    const refs = sessions.map(({ ledgerRef }) => ledgerRef);
    const stored = this.#segments.copies(refs);
    return sessions.map((session, at) => {
      if (refs[at] === null) return null;
      return new SessionLedger(stored[at] ?? this.#ledgerOf(session.file));
    });
  }

  #ledgerOf(file: TranscriptFile): Buffer {
    return encodeLedger(ledgerSource(file, this.#reread(file)));
  }

  /** By row of a table, 1 where its ledger holds one of these responses, or cannot be trusted. */
  holding(table: ColumnTable, wanted: ResponseIds): Uint8Array {
    const holding = new Uint8Array(table.length);
    for (const [segment, rows] of ledgersBySegment(table)) {
      let next = 0;
      const offset = (): number =>
        next < rows.length ? (table.ledger(rows[next] ?? 0)?.offset ?? Infinity) : Infinity;
      const isDoubtful = (end: number): void => {
        for (; offset() < end; next++) holding[rows[next] ?? 0] = 1;
      };
      this.#responsesIn(segment, table, rows).look(wanted, (at, holds) => {
        isDoubtful(at);
        if (offset() === at) holding[rows[next++] ?? 0] = Number(holds);
      });
      isDoubtful(Infinity);
    }
    return holding;
  }

  /** The ids of the responses of ledgers in a segment, given by their rows; those of many are stored next to it. */
  #responsesIn(segment: number, table: ColumnTable, rows: Uint32Array): SegmentIds {
    const name = this.#segments.nameOf(segment);
    const path =
      this.#directory === null || name === null || rows.length < IDS_KEPT_FROM
        ? null
        : join(this.#directory, name + IDS_SUFFIX);
    const kept = path === null ? null : SegmentIds.load(path);
    if (kept !== null) return kept;
    const refs = Array.from(rows).flatMap((row) => table.ledger(row) ?? []);
    const ids = SegmentIds.of((see) => this.#segments.show(segment, refs, see));
    if (path !== null && !this.#readOnly) ids.save(path);
    return ids;
  }

  #reread(file: TranscriptFile): ReadSession {
    this.#reader ??= new TranscriptReader();
    return readSession(this.#reader, file, null);
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

  #save(folders: readonly ScannedFolder[], table: ColumnTable, now: number): void {
    if (this.#directory === null || this.#segments.inMemory) return;
    const store: Store = { table, segments: this.#segments, folders: folders.map((folder) => this.#contentOf(folder)) };
    const [blobs = null, ledgers = null] = wantsCompaction(store)
      ? [this.#newSegmentPath(), this.#newSegmentPath()]
      : [];
    const compact = blobs === null || ledgers === null ? null : compacted(store, blobs, ledgers);
    saveStore(this.#directory, this.#root, compact ?? store, now);
    compact?.segments.close();
  }

  #contentOf(folder: ScannedFolder): FolderContent | StoredFolder {
    if (folder.known !== null)
      return isNewlySettled(folder) ? { ...folder.known.content(), stamp: folder.stamp } : folder.known;
    const { name, memory, transcripts } = folder;
    const assigned = new Set(transcripts.flatMap(({ agents }) => agents));
    const fromHere = (file: string): string => file.slice(folder.path.length);
    const strays = folder.looseAgents
      .filter((agent) => !assigned.has(agent))
      .map((agent) => ({
        name: fromHere(agent.path),
        stamp: agent.stamp,
        sessionId: this.#sessionsOfLoose.get(agent) ?? null,
      }));
    const common = {
      name,
      agents: transcripts.flatMap(({ agents }) => agents.map(({ path }) => fromHere(path))),
      strays,
    };
    if (memory !== null) return { ...common, ...memory, isWhole: true };
    const names = transcripts.map(({ path }) => fromHere(path)).join('\0');
    return {
      ...common,
      isWhole: false,
      stamp: null,
      names,
      transcripts: transcripts.map((_, at) => at),
      folders: [],
      sides: [],
    };
  }
}

/** True if the state of a project dir itself can now be relied on that could not when it was listed. */
function isNewlySettled({ known, stamp }: SameFolder<StoredFolder>): boolean {
  return stamp !== null && (known.stamp === null || !isSameFolderStamp(stamp, known.stamp));
}

/** Rows of a table by the segment of their ledgers, in the order of the ledgers in it. */
function ledgersBySegment(table: ColumnTable): Map<number, Uint32Array> {
  const count = table.length;
  const keys = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const ref = table.ledger(row);
    if (ref === null) continue;
    // One number for both, since numbers alone are sorted in a fraction of the time.
    const key = ref.offset * count + row;
    const others = keys.get(ref.segment);
    if (others === undefined) keys.set(ref.segment, [key]);
    else others.push(key);
  }
  return new Map(
    Array.from(keys, ([segment, some]) => [
      segment,
      Uint32Array.from(Float64Array.from(some).sort(), (key) => key % count),
    ]),
  );
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Columns whose blobs were counted from 0 and now start at `place`, its ledger at `ledgerPlace`. */
function moved(columns: Columns, place: BlobPlace, ledgerPlace: BlobPlace): Columns {
  const move = (ref: BlobRef, to: BlobPlace): BlobRef => ({
    ...ref,
    segment: to.segment,
    offset: to.offset + ref.offset,
  });
  const { facts, resume, ledger } = columns;
  return {
    ...columns,
    facts: move(facts, place),
    resume: resume && move(resume, place),
    ledger: ledger && move(ledger, ledgerPlace),
  };
}
