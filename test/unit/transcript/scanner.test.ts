import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY, MAX_TOOLS, OFFSETS } from '../../../src/transcript/scanner/memory.js';
import { LineScanner } from '../../../src/transcript/scanner/scanner.js';
import { compiledModule, MODULES } from '../../../scripts/build-scanner.mjs';
import { anyEntry } from '../../support/arbitrary-transcript.js';
import { rounds } from '../../support/rounds.js';

const scanner = new LineScanner();

function scan(line: string | Buffer): boolean {
  const bytes = Buffer.from(line);
  scanner.reserve(bytes.length + 1);
  scanner.bytes.set(bytes);
  scanner.bytes[bytes.length] = 10;
  return scanner.scan(0);
}

function parses(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

describe('the line scanner', () => {
  it('puts its results where its caller reads them', () => {
    const layout = readFileSync(new URL('../../../src/transcript/scanner/assembly/layout.ts', import.meta.url), 'utf8');
    const camel = (name: string): string =>
      name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const found = Array.from(layout.matchAll(/const ([A-Z_]+): \w+ = (\d+);/g), ([, name = '', value]) => [
      camel(name),
      Number(value),
    ]);
    const { text, ...offsets } = OFFSETS;
    expect(text).toBeGreaterThan(Math.max(...Object.values(offsets)));
    expect(Object.fromEntries(found)).toMatchObject({ ...offsets, maxTools: MAX_TOOLS });
  });

  it('is the compiled form of its source', async () => {
    for (const module of MODULES) expect(readFileSync(module.target, 'utf8')).toBe(await compiledModule(module));
  });

  it.each([
    '{}',
    ' {"a":1} ',
    '{"a":[]}',
    '{"a":[1,-0.5e+3,true,false,null,{"b":[[]]}]}',
    '{"a":"\\u00e9\\n\\"\\\\"}',
    '{"a":1}\r',
  ])('accepts %s', (line) => expect(scan(line)).toBe(true));

  it.each([
    '',
    ' ',
    '[]',
    '1',
    '"a"',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":01}',
    '{"a":+1}',
    '{"a":.5}',
    '{"a":1.}',
    '{"a":tru}',
    '{"a":"\\x"}',
    '{"a":"\\u00g0"}',
    '{"a":"tab\there"}',
    '{"a":1}{"b":2}',
    '{"a":1}x',
    '{"a":"open',
    "{'a':1}",
    '{"a":1 "b":2}',
    '\0{"a":1}',
    '{"a":1}\0',
    '{"a":nul}',
  ])('refuses %j', (line) => expect(scan(line)).toBe(false));

  it('leaves duplicate and escaped keys to the parser', () => {
    expect(scan('{"uuid":"a","uuid":"b"}')).toBe(false);
    expect(scan('{"\\u0075uid":"a"}')).toBe(false);
    expect(scan('{"message":{"content":[{"type":"tool\\u005fuse"}]}}')).toBe(false);
    expect(scan(`{"a":${'['.repeat(500)}${']'.repeat(500)}}`)).toBe(false);
  });

  it('accepts only what JSON.parse accepts, whatever the bytes', () => {
    const json = fc.oneof(
      fc.json(),
      anyEntry.map((entry) => JSON.stringify(entry)),
      fc.string(),
    );
    const broken = fc
      .tuple(json, fc.nat(), fc.constantFrom('"', '\\', '{', '}', ',', ':', '\t', '\0', 'x', ''))
      .map(([line, at, put]) => {
        const cut = at % (line.length + 1);
        return line.slice(0, cut) + put + line.slice(cut + 1);
      });
    fc.assert(
      fc.property(fc.oneof(json, broken), (line) => {
        if (line.includes('\n')) return;
        if (scan(line)) expect(parses(Buffer.from(line).toString('utf8'))).toBe(true);
      }),
      { numRuns: rounds(1500) },
    );
  });

  it('accepts exactly the strings that JSON.parse accepts, wherever their escapes are', () => {
    const piece = fc.oneof(
      fc.constantFrom('\\', '\\\\', '"', '\\"', '\\n', '\\u00e9', '\\u00g9', '\\x', 'u', '/', 'b', 'é', '\t', '\0'),
      fc.nat({ max: 70 }).map((length) => 'a'.repeat(length)),
      fc.constantFrom(...'"\\/bfnrt').map((letter) => `\\${letter}`.repeat(20)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const line = `{"uuid":"${pieces.join('')}","isMeta":true}`;
        expect(scan(line)).toBe(parses(line));
        if (parses(line)) expect(scanner.text(KEY.uuid)).toBe((JSON.parse(line) as { uuid: string }).uuid);
      }),
      { numRuns: rounds(4000) },
    );
  });

  it('accepts every entry in the usual form, and finds the same members as the parser', () => {
    fc.assert(
      fc.property(anyEntry, (value) => {
        const line = JSON.stringify(value);
        const entry = JSON.parse(line) as Record<string, unknown>;
        if (!scan(line)) return;
        for (const key of ['uuid', 'cwd', 'version', 'gitBranch', 'customTitle', 'requestSessionId', 'type'] as const) {
          expect(scanner.text(KEY[key])).toBe(typeof entry[key] === 'string' ? entry[key] : null);
        }
        expect(scanner.value(KEY.message)).toEqual(Object.hasOwn(entry, 'message') ? entry['message'] : undefined);
        expect(scanner.isTrue(KEY.isMeta)).toBe(entry['isMeta'] === true);
      }),
      { numRuns: rounds(1000) },
    );
  });

  it('gives the time of day to the millisecond, or leaves it to Date.parse', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        (date) => {
          expect(scan(`{"timestamp":"${date.toISOString()}"}`)).toBe(true);
          if (!Number.isNaN(scanner.usualTime)) expect(scanner.usualTime).toBe(date.getTime());
        },
      ),
      { numRuns: rounds(1000) },
    );
    scan('{"timestamp":"2026-02-30T00:00:00.000Z"}');
    expect(scanner.usualTime).toBeNaN();
  });
});
