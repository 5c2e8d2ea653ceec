import type { SessionLedger } from '../format/ledger/session-ledger.js';
import type { BlobRef } from '../format/table/column-layout.js';
import type { SessionTotals } from './session-totals.js';
import { sharedIds } from './shared-ids.js';
import { keyOf, TotalsFile, TotalsWriter } from './totals-file.js';

/** Share of unknown sessions above which all totals are made again, since comparing would take longer. */
const MAX_UNKNOWN_SHARE = 0.25;

/** Ledgers of an index, by the rows of its table. */
export interface LedgerSource {
  /** Reference to the ledger of each row; null where there is none. */
  refs: readonly (BlobRef | null)[];
  /** Reads ledgers; `isStored` is false for one that was made again, which may not match its reference. */
  read(rows: readonly number[]): { ledger: SessionLedger; isStored: boolean }[];
  /** Returns 1 for each row whose ledger holds one of these ids, or is damaged. */
  matchLedgers(lists: readonly Uint32Array[]): Uint8Array;
}

/** Totals by row; null where the ledger must be read. */
export interface KeptTotals {
  totals: (SessionTotals | null)[];
  /** The file to store for the next run; null if the stored one is complete. */
  update: Buffer | null;
}

/**
 * Returns the totals of sessions that share no response or prompt with others. Ledgers in the stored file, found by
 * checksum and length, were compared with one another, so only unknown ones are compared with all.
 */
export function collectTotals(source: LedgerSource, stored: TotalsFile | null): KeptTotals {
  const { refs } = source;
  const rows = [...refs.keys()].filter((row) => refs[row] !== null);
  const numbers = stored === null ? null : numbersIn(stored, refs);
  let known = stored;
  let unknown = numbers === null ? rows : rows.filter((row) => (numbers[row] ?? -1) < 0);
  if (unknown.length > rows.length * MAX_UNKNOWN_SHARE) [known, unknown] = [null, rows];
  const update =
    unknown.length === 0 ? null : updated(source, rows, known, sharingRows(source, unknown, known)).encode();
  if (update !== null) {
    const file = TotalsFile.decode(update);
    return { totals: totalsIn(file, numbersIn(file, refs)), update };
  }
  return { totals: stored === null || numbers === null ? refs.map(() => null) : totalsIn(stored, numbers), update };
}

/** Returns the number of each row's ledger in a file; -1 if it is not there. */
function numbersIn(file: TotalsFile, refs: readonly (BlobRef | null)[]): number[] {
  // The file has them in the order of the rows it was made for.
  let expected = 0;
  return refs.map((ref) => {
    if (ref === null) return -1;
    const number = file.numberOf(ref, expected);
    if (number >= 0) expected = number + 1;
    return number;
  });
}

/**
 * Returns the totals of each row, from the numbers of the ledgers in their file. Copies of a session have equal
 * ledgers, so they share all responses.
 */
function totalsIn(file: TotalsFile, numbers: readonly number[]): (SessionTotals | null)[] {
  const uses = new Uint32Array(file.length);
  for (const number of numbers) if (number >= 0) uses[number] = (uses[number] ?? 0) + 1;
  return numbers.map((number) => (uses[number] === 1 ? file.totals(number) : null));
}

/** Result of comparing ledgers. */
interface Compared {
  /** Rows that share an id with another one. */
  rows: ReadonlySet<number>;
  ledgers: ReadonlyMap<number, ReturnType<LedgerSource['read']>[number]>;
}

/** Compares unknown ledgers with one another and with the known ones that hold one of their ids. */
function sharingRows(source: LedgerSource, unknown: readonly number[], known: TotalsFile | null): Compared {
  const read = new Map(source.read(unknown).map((one, at) => [unknown[at] as number, one]));
  if (known !== null) {
    const lists = [...read.values()].flatMap(({ ledger }) => [ledger.ids, ledger.promptIds]);
    const matches = source.matchLedgers(lists);
    const suspects = [...matches.keys()].filter(
      (row) => matches[row] === 1 && !read.has(row) && source.refs[row] !== null,
    );
    source.read(suspects).forEach((one, at) => read.set(suspects[at] as number, one));
  }
  const rows = [...read.keys()];
  const ledgers = [...read.values()].map(({ ledger }) => ledger);
  const sharing = new Set<number>();
  for (const lists of [ledgers.map(({ ids }) => ids), ledgers.map(({ promptIds }) => promptIds)])
    for (const positions of sharedIds(lists))
      if (positions.some(({ list }) => list !== positions[0]?.list))
        for (const { list } of positions) sharing.add(rows[list] as number);
  return { rows: sharing, ledgers: read };
}

/** Returns a writer with all present ledgers. */
function updated(
  source: LedgerSource,
  rows: readonly number[],
  known: TotalsFile | null,
  { rows: sharing, ledgers }: Compared,
): TotalsWriter {
  const writer = new TotalsWriter(known?.texts ?? []);
  const added = new Set<number>();
  for (const row of rows) {
    const ref = source.refs[row] as BlobRef;
    const key = keyOf(ref);
    if (added.has(key)) continue;
    const entry = known?.find(ref);
    const read = ledgers.get(row);
    if (entry !== undefined) writer.copy(entry, sharing.has(row));
    else if (read?.isStored === true) writer.add(ref, read.ledger, sharing.has(row));
    else continue;
    added.add(key);
  }
  return writer;
}
