import { crc32 } from 'node:zlib';
import { SessionLedger } from '../../src/session-index/format/ledger/session-ledger.js';
import { IdSet } from '../../src/session-index/format/segments/id-set.js';
import type { SessionIndex } from '../../src/session-index/session-index.js';
import { collectTotals } from '../../src/session-index/totals/collect-totals.js';
import { TotalsFile } from '../../src/session-index/totals/totals-file.js';
import { fakeIndex, ledgerBytes, type Sketch } from './builders.js';
import { alignedCopy } from './index-parts.js';

/** An index over sketched sessions that keeps totals, and the file it leaves for the next one. */
export interface KeptIndex {
  index: SessionIndex;
  file: Buffer | null;
  /** Number of sessions whose totals are used. */
  used: number;
  /** Number of ledgers that were read to compare them. */
  read: number;
}

/** The index after one with the given file of totals; ledgers at `doubtful` rows were made anew. */
export function keptIndex(
  sketches: readonly Sketch[],
  file: Buffer | null,
  doubtful: readonly number[] = [],
): KeptIndex {
  const index = fakeIndex(sketches);
  const bytes = index.rows.map((row, at) => ledgerBytes(sketches[at] ?? {}, row.file.id));
  const ledgers = bytes.map((one) => (one === null ? null : new SessionLedger(one)));
  let read = 0;
  const { totals, update } = collectTotals(
    {
      refs: bytes.map((one) => (one === null ? null : { segment: 0, offset: 0, length: one.length, crc: crc32(one) })),
      read: (rows) =>
        rows.map((row) => {
          read++;
          return { ledger: ledgers[row] as SessionLedger, isStored: !doubtful.includes(row) };
        }),
      matchLedgers(lists) {
        const wanted = new IdSet(lists);
        const holds = (ids: Uint32Array): boolean => wanted.hasAnyOf(ids, 0, ids.length);
        return Uint8Array.from(ledgers, (ledger) =>
          Number(ledger !== null && (holds(ledger.ids) || holds(ledger.promptIds))),
        );
      },
    },
    file === null ? null : TotalsFile.decode(alignedCopy(file)),
  );
  const used = totals.filter((one) => one !== null).length;
  return { index: { ...index, totals: () => totals }, file: update ?? file, used, read };
}
