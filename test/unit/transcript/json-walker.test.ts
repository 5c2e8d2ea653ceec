import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ByteSource, fileSource, memorySource } from '../../../src/transcript/json/byte-source.js';
import { readOutline } from '../../../src/transcript/messages/huge-entry.js';
import { isJsonObject } from '../../../src/transcript/json/json-check.js';
import { type JsonSpan, JsonWalker } from '../../../src/transcript/json/json-walker.js';
import { withFile } from '../../../src/transcript/lines.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder('json');

/** Gives a source one byte a piece, so that whatever can be split is split. */
function singleBytes(bytes: Buffer): ByteSource {
  return { start: 0, end: bytes.length, pieceAt: (at) => ({ start: at, bytes: bytes.subarray(at, at + 1) }) };
}

/** Builds the value of a span from the parts that the walker finds. */
function rebuilt(walker: JsonWalker, span: JsonSpan): unknown {
  if (walker.isObject(span))
    return Object.fromEntries(Array.from(walker.members(span), (member) => [member.name, rebuilt(walker, member)]));
  if (walker.isArray(span)) return Array.from(walker.elements(span), (element) => rebuilt(walker, element));
  return walker.parsed(span);
}

const object = fc.dictionary(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
  { maxKeys: 5 },
);
const spacing = fc.constantFrom(undefined, 1, '\t', ' \r\n');

describe('a walk over JSON', () => {
  test('finds the same as JSON.parse, however the bytes are divided', () => {
    fc.assert(
      fc.property(object, spacing, fc.constantFrom(memorySource, singleBytes), (value, space, sourceOf) => {
        const bytes = Buffer.from(`  ${JSON.stringify(value, null, space)} `);
        const walker = new JsonWalker(sourceOf(bytes));
        expect(rebuilt(walker, walker.root)).toEqual(JSON.parse(bytes.toString()));
        expect(isJsonObject(sourceOf(bytes))).toBe(true);
        expect(readOutline(new JsonWalker(sourceOf(bytes)))).toEqual(JSON.parse(bytes.toString()));
      }),
    );
  });

  test('of a file reads no further than its range, and through strings longer than a piece', () => {
    const long = '\\"'.repeat(200_000);
    const path = join(folder, 'long');
    writeFileSync(path, `x{"a":"${long}","b":[1]}{"c":2}`);
    withFile(path, (fd, size) => {
      const walker = new JsonWalker(fileSource(fd, 1, size - 7));
      expect(Array.from(walker.members(walker.root), ({ name, start, end }) => [name, end - start])).toEqual([
        ['a', long.length + 2],
        ['b', 3],
      ]);
      expect(isJsonObject(fileSource(fd, 1, size - 7))).toBe(true);
      expect(isJsonObject(fileSource(fd, 1, size))).toBe(false);
    });
  });

  test('uses the last of several members with one name', () => {
    const walker = new JsonWalker(memorySource(Buffer.from('{"a":1,"\\u0061":{"b":2}}')));
    expect(walker.parsed(walker.member(walker.root, 'a') ?? walker.root)).toEqual({ b: 2 });
    expect(walker.member(walker.root, 'c')).toBeNull();
  });

  test('handles any depth of nesting', () => {
    const deep = `{"a":${'[{"b":'.repeat(300_000)}0${'}]'.repeat(300_000)},"z":"end"}`;
    const walker = new JsonWalker(memorySource(Buffer.from(deep)));
    expect(Array.from(walker.members(walker.root), ({ name }) => name)).toEqual(['a', 'z']);
    expect(isJsonObject(memorySource(Buffer.from(deep)))).toBe(true);
    expect(isJsonObject(memorySource(Buffer.from(deep.replace('}]}]', '}]]}'))))).toBe(false);
  });
});

describe('the check of JSON', () => {
  test('agrees with JSON.parse on damaged texts', () => {
    const change = fc.record({
      at: fc.nat(),
      text: fc.constantFrom(
        '',
        '"',
        '\\',
        ',',
        ':',
        '{',
        '}',
        '[',
        ']',
        '0',
        '1e',
        '-',
        'true',
        '\u0001',
        ' ',
        '\\u12',
        '\\x',
      ),
    });
    fc.assert(
      fc.property(
        object,
        fc.array(change, { maxLength: 3 }),
        fc.constantFrom(memorySource, singleBytes),
        (value, changes, sourceOf) => {
          let text = JSON.stringify(value);
          for (const { at, text: put } of changes)
            text = text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1);
          expect(isJsonObject(sourceOf(Buffer.from(text)))).toBe(isObject(Buffer.from(text).toString()));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each([
    '',
    ' ',
    '[]',
    '1',
    '{}x',
    '{"a":01}',
    '{"a":+1}',
    '{"a":.5}',
    '{"a":1.}',
    '{"a":tru}',
    '{,}',
    '{"a":1,}',
    '{"a" 1}',
    '{"a":[1 2]}',
    '{"a":"\t"}',
    '{"a',
  ])('refuses %j', (text) => {
    expect(isJsonObject(memorySource(Buffer.from(text)))).toBe(false);
  });
});

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

describe('the outline of an entry', () => {
  const outline = (text: string): unknown => readOutline(new JsonWalker(memorySource(Buffer.from(text))));

  test('has short texts and the beginning of long ones, never half a character or escape', () => {
    for (const unit of ['é', '😀', '\\n', '\\u00e9', '\\ud83d\\ude00', 'ab\\\\']) {
      for (const before of ['', 'x', 'xy', 'xyz']) {
        const whole = before + (JSON.parse(`"${unit}"`) as string).repeat(30_000);
        const text = (
          outline(`{"type":"user","text":"${before}${unit.repeat(30_000)}","uuid":"u"}`) as { text: string }
        ).text;
        const cut = text.replace(/… \[[\d,]+ bytes in all\]$/, '');
        expect([
          cut.length > 6_000,
          whole.startsWith(cut),
          cut === whole || text !== cut,
          /[\ud800-\udbff]$/.test(cut),
        ]).toEqual([true, true, true, false]);
      }
    }
  });

  test('keeps the members of the entry itself, however deep the members before them are nested', () => {
    const wide = `[${'{"a":[]},'.repeat(300_000)}0]`;
    expect(outline(`{"message":{"content":${wide}},"uuid":"u","isSidechain":false}`)).toMatchObject({
      uuid: 'u',
      isSidechain: false,
    });
  });

  test('ends where nesting is too deep', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"uuid":"u"}`;
    expect(JSON.stringify(outline(deep))).toBe(`{"a":${'['.repeat(31)}null${']'.repeat(31)},"uuid":"u"}`);
  });
});
