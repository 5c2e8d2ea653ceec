import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usageCsv } from '../../../../src/cli/render/usage-data.js';
import type { UsageRow } from '../../../../src/usage/report.js';

const tokens = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4, total: 10 };

/** The fields of the one line of a row with these texts. */
function fields(title: string | null, key = 'key', costUsd: number | null = 0.5): string {
  const row = {
    key,
    keys: [key],
    session: { title, cwd: '/home/me' },
    sessions: 1,
    prompts: null,
    responses: 1,
    tokens,
    costUsd,
    unpricedTokens: 0,
    footprintBytes: null,
  } as unknown as UsageRow;
  return (
    Array.from(usageCsv([row], 'session'))
      .at(-1)
      ?.replace('\r\n', '') ?? ''
  );
}

describe('a cell of CSV', () => {
  test.each([
    ['=HYPERLINK("http://evil")', '"\'=HYPERLINK(""http://evil"")"'],
    ['+1', "'+1"],
    ['-1+1', "'-1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "' =1"],
    ['\rtext', "' text"],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['\u200b=1', "'=1"],
    ['\u001b[31m=1', "'=1"],
    ['a=1', 'a=1'],
    ['(no title)', '(no title)'],
    ["'quoted", "'quoted"],
    ['', ''],
  ])('%j is %s, which no spreadsheet takes for a formula', (title, cell) => {
    expect(fields(title)).toBe(`key,${cell},/home/me,1,,1,1,2,3,4,10,0.5,0,`);
  });

  test('is a number for a number, negative ones too', () => {
    expect(fields(null, 'key', -0.25)).toBe('key,,/home/me,1,,1,1,2,3,4,10,-0.25,0,');
  });

  test('is rounded to a millionth of a dollar', () => {
    expect(fields(null, 'key', 446.51302980000094)).toContain(',10,446.51303,0,');
    expect(fields(null, 'key', 0.1 + 0.2)).toContain(',10,0.3,0,');
  });

  test('never begins as a formula does, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => void expect(fields(null, text)).not.toMatch(/^"?\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/),
      ),
    );
  });
});
