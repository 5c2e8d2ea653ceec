import fc from 'fast-check';
import { expect, it } from 'vitest';
import { orderByKey } from '../../../src/sessions/select/order-by-key.js';

const keys = fc.oneof(
  fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Infinity))),
  fc.array(fc.oneof(fc.integer({ min: 1.79e12, max: 1.8e12 }), fc.constant(Infinity))),
  fc.array(fc.constantFrom(0.5, -0.5, 1, Infinity, 2 ** 53, -(2 ** 53), -0)),
);

it('gives the order that comparing keys, then ties, gives', () => {
  fc.assert(
    fc.property(keys, fc.nat(3), (list, skipped) => {
      const numbers = Float64Array.from(list);
      const positions = Array.from(list.keys()).filter((position) => position % 4 !== skipped);
      const tie = (a: number, b: number): number => ((a * 7) % 11) - ((b * 7) % 11) || b - a;
      const keyOf = (position: number): number => numbers[position] ?? NaN;
      const expected = positions.toSorted((a, b) => keyOf(a) - keyOf(b) || tie(a, b));
      expect(orderByKey(positions, numbers, tie)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

it('orders more equal keys than a call takes arguments', () => {
  const size = 150_000;
  const positions = Array.from({ length: size }, (_, at) => at);
  const ordered = orderByKey(positions, new Float64Array(size).fill(1), (a, b) => b - a);
  expect([ordered.length, ordered[0], ordered.at(-1)]).toEqual([size, size - 1, 0]);
});
