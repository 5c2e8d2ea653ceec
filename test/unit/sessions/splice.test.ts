import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splicedLine } from '../../../src/sessions/fork/splice.js';
import { memorySource } from '../../../src/transcript/json/byte-source.js';

function spliced(text: string, changes: Record<string, unknown>): string {
  return Array.from(splicedLine(memorySource(Buffer.from(text)), new Map(Object.entries(changes)))).join('');
}

describe('an entry with some members changed', () => {
  test('is the entry with these members', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'é"');
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.jsonValue()),
        fc.dictionary(name, fc.option(fc.jsonValue(), { nil: undefined })),
        fc.constantFrom(undefined, 1, '\t'),
        (entry, changes, space) => {
          const expected = JSON.parse(JSON.stringify({ ...entry, ...changes })) as Record<string, unknown>;
          const text = spliced(JSON.stringify(entry, null, space), changes);
          expect(JSON.parse(text)).toEqual(expected);
          expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(expected));
          expect(text.endsWith('}\n')).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('keeps all else byte for byte, and the last of members of one name', () => {
    expect(
      spliced('{ "x" : 1e400, "u":"a","y":"\\u00e9\\/" ,"2":12345678901234567890,"1":[ ]}', { u: 'b', z: null }),
    ).toBe('{"x" : 1e400,"u":"b","y":"\\u00e9\\/" ,"2":12345678901234567890,"1":[ ],"z":null}\n');
    expect(spliced('{"a":1,"b":2,"a":3,"c":4}', { c: 5 })).toBe('{"a":3,"b":2,"c":5}\n');
    expect(spliced('{"a":1}', { a: undefined })).toBe('{}\n');
    expect(spliced('{}', { a: 1 })).toBe('{"a":1}\n');
  });
});
