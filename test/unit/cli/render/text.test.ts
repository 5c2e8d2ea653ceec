import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { formatAge, formatMoment } from '../../../../src/cli/render/text/age.js';
import { jsonArray, jsonLines, toJson } from '../../../../src/cli/render/text/json.js';
import { grouped } from '../../../../src/cli/render/text/number.js';
import { shortPath } from '../../../../src/cli/render/text/path.js';
import { formatRoughUsd, formatUsd } from '../../../../src/cli/render/money.js';
import { projectCell } from '../../../../src/cli/render/project-cell.js';
import { oneLine, sanitize } from '../../../../src/cli/render/text/sanitize.js';
import { formatSize } from '../../../../src/cli/render/text/size.js';
import { cutEnd, cutStart } from '../../../../src/cli/render/text/width.js';

describe('text from a transcript', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;owned\u0007title', 'title'],
    ['\u001b]8;;https://example.com\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001bP1$qm\u001b\\after', 'after'],
    ['\u009b2Jcleared', 'cleared'],
    ['\u001b]0;no end', ']0;no end'],
    ['\u001bcreset', 'reset'],
    ['a\u0000b\u0007c\u007fd\u0085e', 'abcd e'],
    ['tab\tand\r\nline', 'tab and line'],
    ['\u202egnp.exe\u202c', 'gnp.exe'],
    ['\u2066iso\u2069late\u200f\u061c', 'isolate'],
    ['zero\u200bwidth\u200d\ufeff\u2060', 'zerowidth'],
    ['tags\u{e0041}\u{e007f}', 'tags'],
    ['line\u2028separator', 'line separator'],
    ['half \ud83d', 'half \ufffd'],
    ['請求書 müller ❤️ שלום', '請求書 müller ❤️ שלום'],
  ])('%j is printed as %j', (text, safe) => {
    expect(sanitize(text)).toBe(safe);
  });

  test('contains no control sequence, whatever is in the transcript', () => {
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom('\u001b', '\u001b[', '\u001b]', '\u0007', '\u009b', ';', 'm', '\n', '\u202e'),
        fc.string({ unit: 'binary' }),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        const safe = sanitize(parts.join(''));
        expect(safe).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/);
        expect(/\p{Surrogate}/u.test(safe)).toBe(false);
        expect(sanitize(safe)).toBe(safe);
      }),
    );
  });

  test('in a cell has single spaces', () => {
    expect(oneLine('  fix\n\n\tthe   thing ')).toBe('fix the thing');
  });
});

describe('JSON', () => {
  test('escapes characters that control a terminal, and parses to the same value', () => {
    expect(toJson({ title: '\u001b[31m\u202e\u009b\u{e0041}é' }, false)).toBe(
      '{"title":"\\u001b[31m\\u202e\\u009b\\udb40\\udc41é"}',
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(toJson(text, false))).toBe(text);
      }),
    );
  });

  test('of an array is one line in a pipe and indented on a terminal', () => {
    expect([...jsonArray([{ a: 1 }, { b: [2] }], false)].join('')).toBe('[{"a":1},{"b":[2]}]\n');
    const values = [{ a: 1 }, { b: [2] }];
    expect([...jsonArray(values, true)].join('')).toBe(`${JSON.stringify(values, null, 2)}\n`);
    expect([...jsonArray([], true)].join('')).toBe('[]\n');
  });

  test('of many values is written in pieces', () => {
    const pieces = [...jsonLines(Array.from({ length: 10_000 }, (_, number) => ({ number, text: 'x'.repeat(50) })))];
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.join('').split('\n')).toHaveLength(10_001);
  });
});

describe('cutting', () => {
  test.each([
    ['abcdef', 6, 'abcdef', 'abcdef'],
    ['abcdef', 4, 'abc…', '…def'],
    ['請求書', 4, '請…', '…書'],
    ['請求書', 5, '請求…', '…求書'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…', '…e\u0301'],
    ['🇩🇪🇫🇷', 3, '🇩🇪…', '…🇫🇷'],
    ['สวัสดี', 3, 'สวั…', '…สดี'],
    ['abc', 0, '', ''],
    ['abc', 1, '…', '…'],
    [`a${'\u0301'.repeat(50)}bc`, 2, `a${'\u0301'.repeat(50)}…`, '…c'],
    ['é→'.repeat(5000), 3, 'é→…', '…é→'],
  ])('%s to %i columns gives %s, from its start %s', (text, width, end, start) => {
    expect([cutEnd(text, width), cutStart(text, width)]).toEqual([end, start]);
  });

  test('is never wider than requested', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, width) => {
        expect(stringWidth(cutEnd(text, width))).toBeLessThanOrEqual(width);
        expect(stringWidth(cutStart(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('figures', () => {
  test.each([
    [0, '0 B'],
    [412, '412 B'],
    [999, '999 B'],
    [1000, '1.0 KiB'],
    [1024, '1.0 KiB'],
    [10_189, '10 KiB'],
    [626_688, '612 KiB'],
    [1_023_487, '999 KiB'],
    [1_048_000, '1.0 MiB'],
    [4_299_161, '4.1 MiB'],
    [39_845_888, '38 MiB'],
    [10_093_173_145, '9.4 GiB'],
    [5 * 1024 ** 5, '5.0 PiB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test('a size never needs more than seven columns', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (bytes) => {
        expect(formatSize(bytes).length).toBeLessThanOrEqual(7);
      }),
    );
  });

  test.each([
    [0, '0'],
    [999, '999'],
    [1612, '1,612'],
    [1_234_567, '1,234,567'],
  ])('%i is %s', (value, text) => {
    expect(grouped(value)).toBe(text);
  });

  const NOW = Date.parse('2026-11-23T06:46:02.000Z');
  test.each([
    ['2026-11-23T07:30:00Z', 'now'],
    ['2026-11-23T06:46:02Z', 'now'],
    ['2026-11-23T06:45:03Z', 'now'],
    ['2026-11-23T06:45:02Z', '1m'],
    ['2026-11-23T05:46:03Z', '59m'],
    ['2026-11-23T05:46:02Z', '1h'],
    ['2026-11-22T06:46:02Z', '1d'],
    ['2026-11-16T06:46:03Z', '6d'],
    ['2026-11-16T06:46:02Z', '1w'],
    ['2026-09-28T06:46:03Z', '7w'],
    ['2026-09-28T06:46:02Z', '2026-09-28'],
    ['2099-01-01T00:00:00Z', '2099-01-01'],
    ['0001-06-01T00:00:00Z', '0001-06-01'],
  ])('%s was %s', (iso, text) => {
    expect(formatAge(Date.parse(iso), NOW)).toBe(text);
  });

  test('a time includes its weekday', () => {
    expect(formatMoment(Date.parse('2026-10-24T06:46:02Z'))).toBe('Sat 24 Oct 2026 06:46');
  });
});

describe('a path', () => {
  test.each([
    ['/home/me', '~'],
    ['/home/me/code', '~/code'],
    ['/home/metoo/code', '/home/metoo/code'],
    ['/srv/\u001b[31mred', '/srv/red'],
  ])('%j is %s', (path, short) => {
    expect(shortPath(path, '/home/me')).toBe(short);
  });

  test('is cut at its start, and is marked if it no longer exists', () => {
    expect(projectCell('~/work/clients/müller-gmbh', false, 21)).toBe('…/clients/müller-gmbh');
    expect(projectCell('~/work/etl', true, 14)).toBe('…rk/etl (gone)');
    expect(projectCell('~/work/etl', true, 30)).toBe('~/work/etl (gone)');
    expect(projectCell('~/work/etl', true, 10)).toBe('~/work/etl');
  });
});

test('a sum too large to read is shortened', () => {
  expect([formatUsd(1e300), formatRoughUsd(1e300), formatUsd(999_999_999_999_999)]).toEqual([
    '$1.0e+300',
    '$1.0e+300',
    '$999,999,999,999,999.00',
  ]);
});
