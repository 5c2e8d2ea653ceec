import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ColumnTable } from '../../../src/session-index/format/column-table.js';
import type { Columns } from '../../../src/session-index/format/columns.js';

const number = fc.nat();
const time = fc.oneof(fc.constant(null), fc.double({ min: 0, max: 4e12, noNaN: true, noDefaultInfinity: true }));
const stamp = fc.record({
  size: number,
  mtimeMs: fc.double({ min: 0, max: 4e12, noNaN: true }),
  ctimeMs: fc.double({ min: 0, max: 4e12, noNaN: true }),
  ino: number,
});
const blob = fc.record({ segment: fc.nat(9), offset: number, length: number, crc: number });
const columns: fc.Arbitrary<Columns> = fc.record({
  stamp,
  agentStamps: fc.array(stamp, { maxLength: 3 }),
  lastActivityMs: time,
  createdMs: time,
  lastPromptMs: time,
  prompts: number,
  turns: number,
  tokens: number,
  kind: fc.constantFrom('interactive' as const, 'headless' as const, 'background' as const, 'teammate' as const),
  empty: fc.boolean(),
  resumable: fc.boolean(),
  damaged: fc.boolean(),
  unreadable: fc.boolean(),
  forked: fc.boolean(),
  desktop: fc.boolean(),
  plain: fc.boolean(),
  facts: blob,
  resume: fc.oneof(blob, fc.constant(null)),
  ledger: fc.oneof(blob, fc.constant(null)),
});

it('columns come back from their numbers as they were', () => {
  fc.assert(
    fc.property(fc.array(columns, { maxLength: 8 }), (sessions) => {
      const table = ColumnTable.from(ColumnTable.of(sessions).numbers, sessions.length);
      expect(sessions.map((_, row) => table?.row(row))).toEqual(sessions);
    }),
  );
});

it('a table is updated with rows moved, left out and put in', () => {
  const places = fc
    .tuple(fc.shuffledSubarray([0, 1, 2, 3]), fc.array(columns, { maxLength: 4 }))
    .chain(([rows, added]) => {
      const all: (number | Columns)[] = [...rows, ...added];
      return fc.shuffledSubarray(all, { minLength: all.length });
    });
  fc.assert(
    fc.property(fc.array(columns, { minLength: 4, maxLength: 4 }), places, (known, wanted) => {
      const rows = wanted.map((place) => (typeof place === 'number' ? place : -1));
      const fresh = new Map(
        [...wanted.entries()].filter((entry): entry is [number, Columns] => typeof entry[1] !== 'number'),
      );
      const { numbers } = ColumnTable.of(known).updated(rows, fresh);
      expect(numbers).toEqual(
        ColumnTable.of(wanted.map((place) => (typeof place === 'number' ? (known[place] as Columns) : place))).numbers,
      );
    }),
  );
});

it('numbers that do not add up are refused', () => {
  fc.assert(
    fc.property(fc.array(columns, { minLength: 1, maxLength: 4 }), (sessions) => {
      const { numbers } = ColumnTable.of(sessions);
      expect(ColumnTable.from(numbers.subarray(0, numbers.length - 1), sessions.length)).toBeNull();
      expect(ColumnTable.from(numbers, sessions.length + 1)).toBeNull();
    }),
  );
});

it('a file is another one if any part of its stamp differs', () => {
  const [session] = fc.sample(columns, 1) as [Columns];
  const table = ColumnTable.of([session]);
  expect(table.isStamp(0, session.stamp)).toBe(true);
  for (const part of ['size', 'mtimeMs', 'ctimeMs', 'ino'] as const) {
    expect([part, table.isStamp(0, { ...session.stamp, [part]: session.stamp[part] + 1 })]).toEqual([part, false]);
  }
});
