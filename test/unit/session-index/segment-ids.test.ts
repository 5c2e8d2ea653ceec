import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeLedger, type LedgerSource } from '../../../src/session-index/format/ledger/encode-ledger.js';
import { SessionLedger } from '../../../src/session-index/format/ledger/session-ledger.js';
import { IdSet } from '../../../src/session-index/format/segments/id-set.js';
import { SegmentIds } from '../../../src/session-index/format/segments/segment-ids.js';
import { temporaryFolder } from '../../support/temporary.js';
import { bytesOf, damages, expectRejected, ledgerSource, readOrReason } from '../../support/index-parts.js';

/** Words of the file's beginning. */
const [CHECKSUM, LEDGERS] = [1, 2];

/** The ids of ledgers that follow one another. */
function idsOf(sources: readonly LedgerSource[]): SegmentIds {
  return SegmentIds.of((use) => {
    let offset = 0;
    for (const source of sources) {
      const bytes = encodeLedger(source);
      use(offset, new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), 0);
      offset += bytes.length;
    }
  });
}

/** Returns for each ledger whether it shares a response with the source. */
function search(ids: SegmentIds, source: LedgerSource): boolean[] {
  const found: boolean[] = [];
  const wanted = new IdSet([new SessionLedger(encodeLedger(source)).ids]);
  ids.search(wanted, (_, holds) => void found.push(holds));
  return found;
}

describe('the ids of a segment', () => {
  let path: string;
  let rejections: string[];

  beforeEach(() => {
    path = join(temporaryFolder('ids'), 'a.segment.ids');
    rejections = [];
  });

  const load = (file = path): SegmentIds | null => SegmentIds.load(file, (_, reason) => rejections.push(reason));

  it('find the ledgers that hold one of the given ids, even when read from their file', () => {
    fc.assert(
      fc.property(fc.array(ledgerSource, { maxLength: 4 }), ledgerSource, (sources, wanted) => {
        const ids = new Set(wanted.responses.map(({ id }) => id));
        const expected = sources.map(({ responses, prompts, sessionId }) => {
          const prompted = prompts.map(({ uuid }, at) => uuid ?? `${sessionId}.${at}`);
          return [...responses.map(({ id }) => id), ...prompted].some((id) => ids.has(id));
        });
        const made = idsOf(sources);
        made.save(path);
        expect(search(made, wanted)).toEqual(expected);
        expect(search(load() as SegmentIds, wanted)).toEqual(expected);
      }),
    );
    expect(rejections).toEqual([]);
  });

  it('are rejected by name', () => {
    idsOf(fc.sample(ledgerSource, { numRuns: 3, seed: 5 })).save(path);
    const whole = readFileSync(path);
    const changed = (at: number): Buffer => {
      const copy = Buffer.from(whole);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    const pieces = [changed(0), changed(9), whole.subarray(0, 10), whole.subarray(0, -4), Buffer.alloc(0)];
    for (const bytes of pieces) {
      writeFileSync(path, bytes);
      expect(load()).toBeNull();
    }
    expect(rejections).toEqual(['foreign', 'checksum', 'truncated', 'checksum', 'truncated']);
    rejections = [];
    writeFileSync(`${path}2`, whole);
    expect([load(`${path}2`), load(`${path}3`)]).toEqual([null, null]);
    expect(rejections).toEqual(['checksum']);
  });

  it('are rejected or unchanged after any damage to their file', () => {
    fc.assert(
      fc.property(fc.array(ledgerSource, { maxLength: 3 }), damages, ledgerSource, (sources, damage, wanted) => {
        const whole = bytesOf(idsOf(sources).encode('name'));
        const found = readOrReason(() => SegmentIds.decode(damage(whole), 'name'));
        if (typeof found !== 'string') expect(search(found, wanted)).toEqual(search(idsOf(sources), wanted));
      }),
      { numRuns: 300 },
    );
  });

  it('are rejected if the counts of the entries differ from the number of ids, though the checksum is right', () => {
    const words = idsOf(fc.sample(ledgerSource, { numRuns: 3, seed: 5 })).encode('name');
    const more = new Uint32Array(words.length + 1);
    more.set(words);
    expectRejected('checksum', () => SegmentIds.decode(bytesOf(more), 'name'));
    const ledgers = words[LEDGERS] ?? 0;
    for (const wrong of [0xffff, ledgers - 1]) {
      words[LEDGERS] = wrong;
      const bytes = bytesOf(words);
      words[CHECKSUM] = crc32(bytes.subarray(4 * LEDGERS), crc32('name'));
      expectRejected('ids', () => SegmentIds.decode(bytes, 'name'));
    }
  });
});
