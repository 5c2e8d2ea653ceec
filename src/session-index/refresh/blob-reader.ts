import { join } from 'node:path';
import type { TranscriptFile } from '../../claude/model.js';
import { TranscriptReader } from '../../transcript/fold/read-transcript.js';
import type { SessionFacts } from '../facts.js';
import { encodeLedger } from '../format/ledger/encode-ledger.js';
import { SessionLedger } from '../format/ledger/session-ledger.js';
import { Rejected, type ReportRejection } from '../format/rejection.js';
import type { IdSet } from '../format/segments/id-set.js';
import { SegmentIds } from '../format/segments/segment-ids.js';
import { IDS_SUFFIX } from '../format/segments/segments.js';
import type { BlobRef } from '../format/table/column-layout.js';
import type { ColumnTable } from '../format/table/column-table.js';
import { ledgerSource, readSession, type ReadSession, type StoredResume } from './read-session.js';
import type { StoredIndex } from './stored-index.js';

/** Minimum number of ledgers in a segment for which their ids are stored in a file. */
const MIN_LEDGERS_FOR_IDS = 200;

/** A session, and the reference to its ledger if it has one. */
interface SessionLedgerRef {
  readonly file: TranscriptFile;
  readonly ledgerRef: BlobRef | null;
}

/** A session and the reference to its facts. */
export interface SessionFactsRef {
  readonly ref: BlobRef;
  /** Called only if the stored facts cannot be used. */
  file(): TranscriptFile;
}

/** Maximum number of facts in memory at a time. */
const FACTS_AT_ONCE = 500;

/** Reads the blobs of an index. A damaged blob is rebuilt from its transcript. */
export class BlobReader {
  readonly #index: StoredIndex;
  readonly #report: ReportRejection;
  #reader: TranscriptReader | undefined;

  constructor(index: StoredIndex, report: ReportRejection) {
    this.#index = index;
    this.#report = report;
  }

  facts(file: TranscriptFile, ref: BlobRef): SessionFacts {
    const stored = this.#index.segments.readJson(ref) as SessionFacts | null;
    return stored ?? this.#readAgain(file).facts;
  }

  /** Returns the facts of some sessions, in their order, with few reads. */
  factsOf(sessions: readonly SessionFactsRef[]): SessionFacts[] {
    const blobs = this.#index.segments.copies(sessions.map(({ ref }) => ref));
    return sessions.map((session, at) => parsedFacts(blobs[at] ?? null) ?? this.#readAgain(session.file()).facts);
  }

  /**
   * Reads the facts of many sessions in the order in which they are stored, and calls back with the position of each in
   * `sessions`; `isStored` is false if they were read from the transcript.
   */
  forEachFacts(
    sessions: readonly SessionFactsRef[],
    use: (at: number, facts: SessionFacts, isStored: boolean) => void,
  ): void {
    const order = Array.from(sessions.keys()).sort((a, b) => compareRefs(sessions[a]?.ref, sessions[b]?.ref));
    // In batches, to limit memory.
    for (let start = 0; start < order.length; start += FACTS_AT_ONCE) {
      const some = order.slice(start, start + FACTS_AT_ONCE);
      const blobs = this.#index.segments.copies(some.map((at) => sessions[at]?.ref ?? null));
      for (const [i, at] of some.entries()) {
        const session = sessions[at];
        const stored = parsedFacts(blobs[i] ?? null);
        if (session !== undefined) use(at, stored ?? this.#readAgain(session.file()).facts, stored !== null);
      }
    }
  }

  /** Returns a stored resume point; null if there is none that can be used. */
  resumePoint(ref: BlobRef | null): StoredResume | null {
    return ref === null ? null : (this.#index.segments.readJson(ref) as StoredResume | null);
  }

  /** Returns the ledgers of sessions, in their order; null for a session without one. */
  ledgers(sessions: readonly SessionLedgerRef[]): (SessionLedger | null)[] {
    const stored = this.#index.segments.copies(sessions.map(({ ledgerRef }) => ledgerRef));
    return sessions.map(({ file, ledgerRef }, at) =>
      ledgerRef === null ? null : (this.#decode(stored[at] ?? null, ledgerRef) ?? this.#makeLedger(file)),
    );
  }

  /** Returns the ledgers of sessions that have one; `isStored` is false for one rebuilt from the transcript. */
  storedLedgers(sessions: readonly SessionLedgerRef[]): { ledger: SessionLedger; isStored: boolean }[] {
    const stored = this.#index.segments.copies(sessions.map(({ ledgerRef }) => ledgerRef));
    return sessions.map(({ file, ledgerRef }, at) => {
      const ledger = ledgerRef === null ? null : this.#decode(stored[at] ?? null, ledgerRef);
      return { ledger: ledger ?? this.#makeLedger(file), isStored: ledger !== null };
    });
  }

  /** Returns 1 for each row of a table whose ledger holds one of these ids, or is damaged; else 0. */
  matchLedgers(table: ColumnTable, wanted: IdSet, isReadOnly: boolean): Uint8Array {
    const matches = new Uint8Array(table.length);
    for (const [segment, rows] of ledgersBySegment(table)) {
      let next = 0;
      const offset = (): number =>
        next < rows.length ? (table.ledger(rows[next] ?? 0)?.offset ?? Infinity) : Infinity;
      const markUnknown = (end: number): void => {
        for (; offset() < end; next++) matches[rows[next] ?? 0] = 1;
      };
      this.#idsIn(segment, table, rows, isReadOnly).search(wanted, (at, holds) => {
        markUnknown(at);
        if (offset() === at) matches[rows[next++] ?? 0] = Number(holds);
      });
      markUnknown(Infinity);
    }
    return matches;
  }

  /** Returns the ids in the ledgers of these rows of a segment. Ids of many ledgers are stored in a file next to it. */
  #idsIn(segment: number, table: ColumnTable, rows: Uint32Array, isReadOnly: boolean): SegmentIds {
    const { directory, segments } = this.#index;
    const name = segments.nameOf(segment);
    const path =
      directory === null || name === null || rows.length < MIN_LEDGERS_FOR_IDS
        ? null
        : join(directory, name + IDS_SUFFIX);
    const stored = path === null ? null : SegmentIds.load(path, this.#report);
    if (stored !== null) return stored;
    const refs = Array.from(rows).flatMap((row) => table.ledger(row) ?? []);
    const ids = SegmentIds.of((use) => segments.forEach(segment, refs, use));
    if (path !== null && !isReadOnly) ids.save(path);
    return ids;
  }

  #decode(bytes: Buffer | null, { segment }: BlobRef): SessionLedger | null {
    if (bytes === null) return null;
    try {
      return new SessionLedger(bytes);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      this.#report(this.#index.segments.nameOf(segment) ?? '', error.reason);
      return null;
    }
  }

  #makeLedger(file: TranscriptFile): SessionLedger {
    return new SessionLedger(encodeLedger(ledgerSource(file, this.#readAgain(file))));
  }

  #readAgain(file: TranscriptFile): ReadSession {
    this.#reader ??= new TranscriptReader();
    return readSession(this.#reader, file, null);
  }
}

/** Returns the rows of a table by the segment of their ledgers, in the order of the ledgers. */
function ledgersBySegment(table: ColumnTable): Map<number, Uint32Array> {
  const count = table.length;
  const keys = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const ref = table.ledger(row);
    if (ref === null) continue;
    // Offset and row in one number, since numbers alone are sorted much faster.
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

function compareRefs(a: BlobRef | undefined, b: BlobRef | undefined): number {
  return (a?.segment ?? 0) - (b?.segment ?? 0) || (a?.offset ?? 0) - (b?.offset ?? 0);
}

function parsedFacts(blob: Buffer | null): SessionFacts | null {
  try {
    return blob === null ? null : (JSON.parse(blob.toString('utf8')) as SessionFacts);
  } catch {
    return null;
  }
}
