import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonText } from '../../../src/transcript/json/json-text.js';

/** Nested too deeply for `JSON.stringify`. */
const DEPTH = 100_000;

function nested(value: unknown, depth: number): unknown {
  let outer = value;
  for (let level = 0; level < depth; level += 1) outer = level % 2 === 0 ? [1, outer] : { a: outer, b: undefined };
  return outer;
}

describe('the JSON of a value', () => {
  test('equals the output of JSON.stringify', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(jsonText(value)).toBe(JSON.stringify(value))));
    expect(jsonText({ a: [] }, 2)).toBe('{\n  "a": []\n}');
  });

  test('that is too deep for JSON.stringify is the same, and read back as it was', () => {
    expect(() => JSON.stringify(nested(0, DEPTH))).toThrow(RangeError);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const deep = jsonText(nested(value, DEPTH));
        const inner = deep.slice(deep.lastIndexOf('[1,', DEPTH * 4) + 3);
        expect(inner.startsWith(JSON.stringify(value))).toBe(true);
        expect(jsonText(JSON.parse(deep))).toBe(deep);
      }),
      { numRuns: 5 },
    );
    expect(jsonText(nested('x', DEPTH)).slice(0, 20)).toBe('{"a":[1,{"a":[1,{"a"');
  });
});
