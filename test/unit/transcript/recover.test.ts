import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recoverLine } from '../../../src/transcript/recover.js';

const one = { type: 'user', uuid: 'u1', sessionId: 's', message: { role: 'user', content: 'hello { "x" }' } };
const two = { parentUuid: 'u1', type: 'assistant', uuid: 'a1', message: { content: [{ type: 'text', text: 'hi' }] } };

function recover(text: string | Buffer, isLast = false) {
  return recoverLine(Buffer.from(text as string), isLast);
}
function codes(text: string | Buffer, isLast = false): string[] {
  return recover(text, isLast).damage.map(({ code, offset }) => `${code}@${String(offset)}`);
}
function entries(text: string | Buffer): unknown[] {
  return recover(text).entries.map(({ entry }) => entry);
}

describe('a line that is not one JSON object', () => {
  test.each(['', '   ', '\r', '\t \r', '\ufeff', '\ufeff\r'])('%j is not damage', (text) => {
    expect(recover(text)).toEqual({ entries: [], damage: [] });
  });

  test('a byte order mark is not damage', () => {
    expect(recover(`\ufeff${JSON.stringify(one)}`)).toEqual({ entries: [{ entry: one, offset: 3 }], damage: [] });
  });

  test.each(['12', '"text"', '[{"type":"user","sessionId":"s"}]', 'null'])('%s is not an object', (text) => {
    expect(recover(text)).toEqual({
      entries: [],
      damage: [{ code: 'not-an-object', message: 'a JSON value that is not an object', offset: 0 }],
    });
  });

  test('a line of a plain log is one damaged line', () => {
    const text = '[12:00:01] INFO request {"id":1,"type":"GET"} done';
    expect(recover(text)).toEqual({
      entries: [],
      damage: [{ code: 'damaged-line', message: '50 bytes that cannot be read', offset: 0 }],
    });
  });
});

describe('NUL bytes', () => {
  test('before and after a record are reported and skipped', () => {
    const text = `${'\0'.repeat(8192)}${JSON.stringify(one)}\0`;
    expect(recover(text)).toEqual({
      entries: [{ entry: one, offset: 8192 }],
      damage: [{ code: 'nul-run', message: '8,193 NUL bytes', offset: 0 }],
    });
  });

  test('alone on a line are reported', () => {
    expect(recover('\0')).toEqual({ entries: [], damage: [{ code: 'nul-run', message: '1 NUL byte', offset: 0 }] });
  });

  test('inside a record are removed from it', () => {
    const text = JSON.stringify(one);
    for (const cut of [1, 9, 30, 70]) expect(entries(`${text.slice(0, cut)}\0\0${text.slice(cut)}`)).toEqual([one]);
  });

  test('between two records keep both', () => {
    const text = `${JSON.stringify(one)}\0\0${JSON.stringify(two)}`;
    expect(entries(text)).toEqual([one, two]);
    expect(codes(text)).toEqual([
      `nul-run@${String(JSON.stringify(one).length)}`,
      `glued-records@${String(JSON.stringify(one).length + 2)}`,
    ]);
  });
});

describe('glued records', () => {
  test('two whole ones are both read', () => {
    const first = JSON.stringify(one);
    expect(recover(first + JSON.stringify(two))).toEqual({
      entries: [
        { entry: one, offset: 0 },
        { entry: two, offset: first.length },
      ],
      damage: [{ code: 'glued-records', message: 'a record begins in the middle of the line', offset: first.length }],
    });
  });

  test('a record after a torn one is read, wherever the first was torn', () => {
    const first = JSON.stringify(one);
    for (let cut = 1; cut < first.length; cut += 1) {
      expect(entries(first.slice(0, cut) + JSON.stringify(two)), `cut at ${String(cut)}`).toEqual([two]);
    }
  });

  test('so is a small record without distinctive members, after an invalid byte in the torn one', () => {
    expect(entries('{"type":"user","message":{"content":"he{"type":"mode","mode":"plan"}')).toEqual([
      { type: 'mode', mode: 'plan' },
    ]);
  });

  test('the objects within a torn record are not records', () => {
    const nested = {
      type: 'progress',
      sessionId: 's',
      data: { message: { type: 'user', uuid: 'n', message: { content: [{ type: 'text', text: 't' }] } } },
    };
    const text = JSON.stringify(nested).slice(0, -1);
    expect(recover(text, true)).toEqual({
      entries: [],
      damage: [{ code: 'torn-tail', message: 'the last record is not complete', offset: 0 }],
    });
    expect(codes(text)).toEqual(['damaged-line@0']);
  });

  test('text after a record is reported with its start', () => {
    const first = JSON.stringify(one);
    expect(codes(`${first}garbage`)).toEqual([`damaged-line@${String(first.length)}`]);
    expect(codes(`${first} {"type":"us`, true)).toEqual([`torn-tail@${String(first.length + 1)}`]);
  });
});

describe('any bytes', () => {
  test('never throw, and have the same result twice', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '{"',
        '{"type":"user","sessionId":"s"}',
        '"',
        '\\',
        '}',
        '[',
        ']',
        ':',
        ',',
        '\0',
        'tru',
        '1e',
        '{"a":',
        JSON.stringify(one),
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, isLast) => {
        const bytes = Buffer.from(pieces.join(''));
        const result = recoverLine(bytes, isLast);
        expect(recoverLine(bytes, isLast)).toEqual(result);
        for (const { offset } of [...result.entries, ...result.damage]) expect(offset).toBeLessThan(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('any number of glued records with any content are all recovered', () => {
    const record = fc.record({ type: fc.string(), uuid: fc.uuid(), sessionId: fc.uuid(), message: fc.jsonValue() });
    fc.assert(
      fc.property(fc.array(record, { minLength: 2, maxLength: 5 }), fc.nat(3), (records, nuls) => {
        const written = records.map((entry) => JSON.stringify(entry));
        expect(entries(written.join('\0'.repeat(nuls)))).toEqual(written.map((text) => JSON.parse(text) as unknown));
      }),
    );
  });

  test('a huge unfinished nesting is rejected in linear time', () => {
    expect(codes('{"a":'.repeat(300_000))).toEqual(['damaged-line@0']);
  });
});
