import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLedger, type LedgerSource } from '../../../src/session-index/format/ledger/encode-ledger.js';
import { SessionLedger } from '../../../src/session-index/format/ledger/session-ledger.js';
import { emptyTotals, type SessionTotals } from '../../../src/session-index/totals/session-totals.js';
import { type LedgerKey, TotalsFile, TotalsWriter } from '../../../src/session-index/totals/totals-file.js';
import { NONE, QUARTER_MS } from '../../../src/session-index/totals/totals-layout.js';
import { saveFile } from '../../../src/session-index/format/save-file.js';
import { alignedCopy, damages, expectRejected, ledgerSource, readOrReason } from '../../support/index-parts.js';
import { temporaryFolder } from '../../support/temporary.js';

/** Positions of the checksum and of the first byte that it covers. */
const [CHECKSUM_AT, CHECKED_FROM] = [4, 8];

const sources = fc.uniqueArray(fc.tuple(ledgerSource, fc.boolean()), {
  maxLength: 4,
  selector: ([{ sessionId }]) => sessionId,
});

function keyOf(source: LedgerSource): LedgerKey {
  const bytes = encodeLedger(source);
  return { crc: crc32(bytes), length: bytes.length };
}

function fileOf(list: readonly [LedgerSource, boolean][]): Buffer {
  const writer = new TotalsWriter([]);
  for (const [source, isSharing] of list) writer.add(keyOf(source), new SessionLedger(encodeLedger(source)), isSharing);
  return writer.encode();
}

function contentOf(totals: SessionTotals): unknown {
  const some = emptyTotals();
  const rows = <Row>(count: number, read: (at: number) => Row): Row[] =>
    Array.from({ length: count }, (_, at) => read(at));
  return [
    totals.about,
    ...rows(totals.responses, (at) => {
      totals.readResponses(at, some);
      const { prompts: _, tool: __, calls: ___, ...sums } = some;
      return { ...sums, amounts: { ...some.amounts } };
    }),
    ...rows(totals.prompts, (at) => {
      totals.readPrompts(at, some);
      return [some.quarter, some.newestMs, some.prompts];
    }),
    ...rows(totals.calls, (at) => {
      totals.readCalls(at, some);
      return [some.tool, some.quarter, some.calls];
    }),
  ];
}

function found(file: TotalsFile, source: LedgerSource): unknown {
  const entry = file.find(keyOf(source));
  return entry && { isSharing: entry.isSharing, totals: entry.totals && contentOf(entry.totals) };
}

describe('a file of totals', () => {
  it('has the sums of each ledger by quarter hour, model and billing', () => {
    const usage = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4, cacheWrite1h: 9, webSearches: 1, odd: 0 };
    const common = { requestId: null, main: true, inherited: false, model: 'm', tools: ['Bash', 'Bash', ''] };
    const [standard, fast] = [
      { ...usage, tier: 'standard' as const, isUsOnly: false },
      { ...usage, tier: 'fast' as const, isUsOnly: true },
    ];
    const none = { ...standard, input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    const source: LedgerSource = {
      responses: [
        { ...common, id: 'a', timeMs: QUARTER_MS + 5, usage: standard },
        { ...common, id: 'b', timeMs: 2 * QUARTER_MS - 1, usage: { ...standard, input: 50 }, tools: [] },
        { ...common, id: 'c', timeMs: 2 * QUARTER_MS, usage: fast, tools: [] },
        { ...common, id: 'd', timeMs: null, usage: none, model: null, tools: [] },
      ],
      prompts: [
        { uuid: 'p', timeMs: QUARTER_MS },
        { uuid: 'q', timeMs: QUARTER_MS + 7 },
        { uuid: 'r', timeMs: null },
      ],
      sessionId: 's',
      about: {
        cwd: '/a',
        repository: null,
        gitBranch: 'main',
        forkedFrom: null,
        answeredSinceReport: false,
        reportedTokens: null,
        isReportGuessed: false,
        renamedPrompts: [],
      },
    };
    const sums = {
      quarter: 1,
      newestMs: 2 * QUARTER_MS - 1,
      model: 'm',
      tier: 'standard',
      isUsOnly: false,
      isEmpty: false,
    };
    expect(found(TotalsFile.decode(fileOf([[source, false]])), source)).toEqual({
      isSharing: false,
      totals: [
        { cwd: '/a', repository: null, gitBranch: 'main' },
        {
          ...sums,
          responses: 2,
          maxSent: 57,
          amounts: { input: 51, output: 4, cacheRead: 6, cacheWrite: 8, cacheWrite1h: 8, webSearches: 2 },
        },
        {
          ...sums,
          quarter: 2,
          newestMs: 2 * QUARTER_MS,
          tier: 'fast',
          isUsOnly: true,
          responses: 1,
          maxSent: 8,
          amounts: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4, cacheWrite1h: 4, webSearches: 1 },
        },
        {
          ...sums,
          quarter: NONE,
          newestMs: NaN,
          model: null,
          isEmpty: true,
          responses: 1,
          maxSent: 0,
          amounts: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearches: 1 },
        },
        [1, QUARTER_MS + 7, 2],
        [NONE, NaN, 1],
        ['Bash', 1, 2],
        ['', 1, 1],
      ],
    });
  });

  it('finds each ledger it was made of, and no other', () => {
    fc.assert(
      fc.property(sources, ledgerSource, (list, other) => {
        const file = TotalsFile.decode(fileOf(list));
        for (const [source, isSharing] of list) expect(found(file, source)).toMatchObject({ isSharing });
        if (list.every(([{ sessionId }]) => sessionId !== other.sessionId)) {
          const { crc, length } = keyOf(other);
          expect(file.find({ crc: crc ^ 1, length })).toBeUndefined();
        }
        // Two lengths that differ by this much have the same key in the file's hash table.
        for (const [source] of list) {
          const { crc, length } = keyOf(source);
          expect(file.find({ crc, length: length + 0x100000 })).toBeUndefined();
        }
      }),
    );
  });

  it('is copied entry by entry into the next file, in which entries marked as sharing stay marked', () => {
    fc.assert(
      fc.property(sources, fc.boolean(), (list, sharesNow) => {
        const file = TotalsFile.decode(fileOf(list));
        const writer = new TotalsWriter(file.texts);
        for (const [source] of list) {
          const entry = file.find(keyOf(source));
          if (entry !== undefined) writer.copy(entry, sharesNow);
        }
        const copy = TotalsFile.decode(writer.encode());
        for (const [source, isSharing] of list) {
          if (!sharesNow) expect(found(copy, source)).toEqual(found(file, source));
          else expect(found(copy, source)).toEqual({ isSharing: true, totals: null });
          if (isSharing) expect(found(copy, source)).toEqual({ isSharing: true, totals: null });
        }
      }),
    );
  });

  it('is rejected by name', () => {
    const whole = fileOf([]);
    const changed = (at: number): Buffer => {
      const copy = alignedCopy(whole);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    const path = join(temporaryFolder('totals'), 'a.totals');
    const load = (bytes: Buffer | null): string[] => {
      const rejections: string[] = [];
      if (bytes !== null) writeFileSync(path, bytes);
      expect(TotalsFile.load(path, (_, reason) => rejections.push(reason))).toBeNull();
      return rejections;
    };
    expect(load(null)).toEqual([]);
    expect(load(changed(0))).toEqual(['foreign']);
    expect(load(changed(12))).toEqual(['checksum']);
    expect(load(whole.subarray(0, 10))).toEqual(['truncated']);
    saveFile(path, [whole]);
    expect(TotalsFile.load(path, () => {})?.texts).toEqual([]);
    expectRejected('totals', () => TotalsFile.decode(checked(alignedCopy(Buffer.concat([whole, Buffer.from('x')])))));
    expectRejected('totals', () => TotalsFile.decode(checked(changed(whole.length - 1))));
  });

  it('is rejected or reads the same after any damage; damage under a valid checksum never makes reading fail', () => {
    fc.assert(
      fc.property(sources, damages, fc.boolean(), (list, damage, isChecked) => {
        const whole = fileOf(list);
        const damaged = damage(whole);
        const file = readOrReason(() => TotalsFile.decode(isChecked ? checked(damaged) : damaged));
        if (typeof file === 'string') return;
        const expected = TotalsFile.decode(whole);
        for (const [source] of list) {
          const content = found(file, source);
          if (!isChecked) expect(content).toEqual(found(expected, source));
        }
      }),
      { numRuns: 400 },
    );
  });
});

function checked(bytes: Buffer): Buffer {
  if (bytes.length >= CHECKED_FROM) bytes.writeUInt32LE(crc32(bytes.subarray(CHECKED_FROM)), CHECKSUM_AT);
  return bytes;
}
