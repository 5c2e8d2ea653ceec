import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAG_NAMES } from '../../../src/session-index/format/table/flags.js';
import { ColumnTable } from '../../../src/session-index/format/table/column-table.js';
import type { Columns } from '../../../src/session-index/format/table/columns.js';
import { bytesOf, columns, damages, expectRejected, readOrReason } from '../../support/index-parts.js';

describe('a table of columns', () => {
  it('returns the columns it was made of', () => {
    fc.assert(
      fc.property(fc.array(columns, { maxLength: 8 }), (sessions) => {
        const table = ColumnTable.from(ColumnTable.of(sessions).numbers, sessions.length);
        expect(sessions.map((_, row) => table.row(row))).toEqual(sessions);
      }),
    );
  });

  it('has an accessor for each column that reads the same value as its row', () => {
    fc.assert(
      fc.property(fc.array(columns, { maxLength: 3 }), (sessions) => {
        const table = ColumnTable.of(sessions);
        sessions.forEach((session, row) => {
          const { stamp, agentStamps, flags, ...rest } = session;
          const read = (name: keyof typeof rest): unknown => table[name](row);
          expect(Object.fromEntries(Object.keys(rest).map((name) => [name, read(name as keyof typeof rest)]))).toEqual(
            rest,
          );
          expect([table.stamp(row), table.agentStamps(row)]).toEqual([stamp, agentStamps]);
          expect(FLAG_NAMES.map((flag) => table.is(row, flag))).toEqual(FLAG_NAMES.map((flag) => flags[flag]));
        });
      }),
    );
  });

  it('is updated with rows moved, removed and added', () => {
    const positions = fc
      .tuple(fc.shuffledSubarray([0, 1, 2, 3]), fc.array(columns, { maxLength: 4 }))
      .chain(([rows, added]) => {
        const all: (number | Columns)[] = [...rows, ...added];
        return fc.shuffledSubarray(all, { minLength: all.length });
      });
    fc.assert(
      fc.property(fc.array(columns, { minLength: 4, maxLength: 4 }), positions, fc.nat(4), (known, wanted, split) => {
        const rows = wanted.map((position) => (typeof position === 'number' ? position : -1));
        const added = [...wanted.entries()].filter((entry): entry is [number, Columns] => typeof entry[1] !== 'number');
        // Batches are read in any order.
        const fresh = [added.slice(split), added.slice(0, split)].map((part) => ({
          positions: part.map(([position]) => position),
          table: ColumnTable.of(part.map(([, session]) => session)),
        }));
        const { numbers } = ColumnTable.of(known).updated(rows, fresh);
        expect(numbers).toEqual(
          ColumnTable.of(
            wanted.map((position) => (typeof position === 'number' ? (known[position] as Columns) : position)),
          ).numbers,
        );
      }),
    );
  });

  it('is rejected if its numbers do not fit its sessions', () => {
    fc.assert(
      fc.property(fc.array(columns, { minLength: 1, maxLength: 4 }), (sessions) => {
        const { numbers } = ColumnTable.of(sessions);
        expectRejected('table', () => ColumnTable.from(numbers.subarray(0, numbers.length - 1), sessions.length));
        expectRejected('table', () => ColumnTable.from(numbers, sessions.length + 1));
        expectRejected('table', () => ColumnTable.from(numbers, -1));
        expectRejected('table', () => ColumnTable.from(numbers, NaN));
      }),
    );
  });

  it('is rejected after any damage, or has the same number of rows', () => {
    fc.assert(
      fc.property(fc.array(columns, { maxLength: 5 }), damages, (sessions, damage) => {
        const bytes = damage(bytesOf(ColumnTable.of(sessions).numbers));
        const numbers = new Float64Array(bytes.buffer, 0, Math.floor(bytes.length / 8));
        const table = readOrReason(() => ColumnTable.from(numbers, sessions.length));
        if (typeof table === 'string') return void expect(table).toBe('table');
        expect(table.length).toBe(sessions.length);
        sessions.forEach((_, row) => expect(table.row(row).agentStamps).toHaveLength(table.agentStamps(row).length));
        expect(table.agentsBefore(table.length)).toBe(
          sessions.reduce((sum, { agentStamps }) => sum + agentStamps.length, 0),
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each(['size', 'mtimeMs', 'ctimeMs', 'ino'] as const)('takes a file with another %s for another one', (part) => {
    const [session] = fc.sample(columns, { numRuns: 1, seed: 1 }) as [Columns];
    const table = ColumnTable.of([session]);
    expect(table.isStamp(0, session.stamp)).toBe(true);
    expect(table.isStamp(0, { ...session.stamp, [part]: session.stamp[part] + 1 })).toBe(false);
  });
});
