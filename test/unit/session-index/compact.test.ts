import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { compacted, wantsCompaction } from '../../../src/session-index/format/compact.js';
import { Segments } from '../../../src/session-index/format/segments/segments.js';
import type { Store } from '../../../src/session-index/format/store.js';
import type { BlobRef } from '../../../src/session-index/format/table/column-layout.js';
import { ColumnTable } from '../../../src/session-index/format/table/column-table.js';
import type { Columns } from '../../../src/session-index/format/table/columns.js';
import { columns } from '../../support/index-parts.js';
import { temporaryFolder } from '../../support/temporary.js';

const SESSION = fc.sample(columns, { numRuns: 1, seed: 3 })[0] as Columns;

describe('compaction', () => {
  let folder: string;
  let segments: Segments;

  beforeEach(() => {
    folder = temporaryFolder('compact');
    segments = new Segments(() => {});
  });

  function blob(name: string, text: string): BlobRef {
    const bytes = Buffer.from(text);
    return { ...segments.writer(join(folder, name)).append(bytes), length: bytes.length, crc: crc32(bytes) };
  }

  const storeOf = (table: ColumnTable): Store => ({ table, segments, folders: [] });

  it('copies the blobs that are still used into two segments, one of them for ledgers', () => {
    const [facts, more] = [blob('a', '[1]'), blob('b', '[2]')];
    const [resume, ledger] = [blob('c', '[3]'), blob('d', 'ledger')];
    blob('e', 'no longer used');
    const table = ColumnTable.of([
      { ...SESSION, facts, resume, ledger },
      { ...SESSION, facts: more, resume: null, ledger: null },
    ]);
    const compact = compacted(storeOf(table), join(folder, 'x'), join(folder, 'y')) as Store;
    const [first, second] = [compact.table.row(0), compact.table.row(1)];
    expect(compact.segments.files).toEqual([
      { name: 'x', bytes: 9 },
      { name: 'y', bytes: 6 },
    ]);
    expect([first.facts, first.resume, second.facts].map((ref) => compact.segments.readJson(ref as BlobRef))).toEqual([
      [1],
      [3],
      [2],
    ]);
    expect(compact.segments.copy(first.ledger as BlobRef)?.toString()).toBe('ledger');
    expect({ ...first, facts, resume, ledger }).toEqual(table.row(0));
    expect(statSync(join(folder, 'y')).size).toBe(6);
  });

  it('is given up if a blob cannot be trusted', () => {
    const table = ColumnTable.of([{ ...SESSION, facts: blob('a', '[1]'), resume: null, ledger: blob('b', 'x') }]);
    writeFileSync(join(folder, 'b'), 'y');
    expect(compacted(storeOf(table), join(folder, 'x'), join(folder, 'y'))).toBeNull();
    writeFileSync(join(folder, 'b'), 'x');
    writeFileSync(join(folder, 'a'), '[9]');
    expect(compacted(storeOf(table), join(folder, 'x2'), join(folder, 'y2'))).toBeNull();
  });

  it('is given up if the disk refuses the new segments', () => {
    const table = ColumnTable.of([{ ...SESSION, facts: blob('a', '[1]'), resume: null, ledger: null }]);
    expect(compacted(storeOf(table), join(folder, 'missing', 'x'), join(folder, 'y'))).toBeNull();
  });

  it('is wanted with more than sixteen segments', () => {
    const table = ColumnTable.of([]);
    for (let at = 0; at < 16; at++) blob(`s${at}`, 'x');
    expect(wantsCompaction(storeOf(table))).toBe(false);
    blob('s16', 'x');
    expect(wantsCompaction(storeOf(table))).toBe(true);
  });

  it('is wanted if most of many bytes are no longer used', () => {
    const half = 'x'.repeat(5 * 1024 * 1024);
    const [used] = [blob('a', half), blob('b', half)];
    const of = (...refs: BlobRef[]): ColumnTable =>
      ColumnTable.of(refs.map((facts) => ({ ...SESSION, facts, resume: null, ledger: null })));
    expect(wantsCompaction(storeOf(of(used)))).toBe(false);
    expect(wantsCompaction(storeOf(of({ ...used, length: used.length - 1 })))).toBe(true);
  });
});
