import fc from 'fast-check';
import { expect, it } from 'vitest';
import { repeatedIds } from '../../../src/retention/plan/repeated-ids.js';

it('finds the ids that a list has more than once', () => {
  const id = fc.oneof(fc.uuid(), fc.string({ maxLength: 2, unit: fc.constantFrom('a', 'b', '\u{1f600}') }));
  fc.assert(
    fc.property(fc.array(id, { maxLength: 60 }), (ids) => {
      const expected = new Set(ids.filter((one, at) => ids.indexOf(one) !== at));
      expect(new Set(repeatedIds(ids))).toEqual(expected);
    }),
  );
});
