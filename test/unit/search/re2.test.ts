import { describe, expect, test } from 'vitest';
import { loadEngine, readQuery } from '../../../src/search/query/engine.js';
import { Matcher } from '../../../src/search/query/matcher.js';
import { LinearRunner } from '../../../src/search/query/re2-runner.js';
import { RawFinder } from '../../../src/search/raw/finder.js';

async function matcherOf(query: string, engine: 'js' | 're2'): Promise<Matcher> {
  const parsed = await readQuery(query, { engine });
  return new Matcher(parsed, await loadEngine(parsed));
}

const TEXTS = ['the journal, renamed', 'Journal\nRENAME 12', '😀 naïve café', 'a]b x:y', 'aaa', ''];

describe('the engine re2', () => {
  test.each([
    '/jour.?nal/',
    '/RENAME \\d+/',
    '/^rename/im',
    '/journal.rename/is',
    '/[^a-z ]+/',
    '/caf\u00e9|\u{1f600}/',
    '/x*/',
    '/(a)(a)/',
    '/\\bjournal\\b/ re',
  ])('finds with %s what the engine of JavaScript finds', async (query) => {
    const [js, re2] = await Promise.all([matcherOf(query, 'js'), matcherOf(query, 're2')]);
    expect(re2.test(TEXTS)).toEqual(js.test(TEXTS));
    expect(re2.find(TEXTS)).toEqual(js.find(TEXTS));
  });

  test('stops at an expression that reads to the end for each empty match, and keeps what was found', () => {
    let ms = 0;
    const runnerOf = (source: string): LinearRunner => new LinearRunner({ source, flags: '' }, () => (ms += 300));
    const text = 'y'.repeat(1000);
    const empty = runnerOf('(y*z)?');
    expect({ found: empty.test([text, 'yz']), skipped: empty.skipped }).toEqual({ found: [false, true], skipped: 1 });
    const short = runnerOf('y*z|y');
    expect({ found: short.find([text], 1000)[0]?.length, skipped: short.skipped }).toEqual({ found: 4, skipped: 0 });
  });

  test('needs no time limit for a text that it reads once', async () => {
    const text = `${'a'.repeat(20_000)}!`;
    const matcher = await matcherOf('/^(a+)+$/', 're2');
    expect({ found: matcher.test([text]), skipped: matcher.skipped }).toEqual({ found: [false], skipped: 0 });
  });

  test.each(['/(?i)JOURNAL/', '/[[:alpha:]]xyz/', '/[]]journal/', '/[^]]journal/'])(
    'has no literal for %s, whose syntax differs, so that every text is decoded',
    async (query) => {
      const parsed = await readQuery(query, { engine: 're2' });
      expect(RawFinder.of(parsed)).toBeNull();
    },
  );

  test('reads its own syntax', async () => {
    expect((await matcherOf('/(?i)JOURNAL/', 're2')).test(TEXTS)).toEqual([true, true, false, false, false, false]);
    expect((await matcherOf('/[]x][[:alpha:]]/', 're2')).test(TEXTS)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  test.each(['/(?=a)b/', '/(a)\\1/', '/a(/'])('says that it does not accept %s', async (query) => {
    await expect(readQuery(query, { engine: 're2' })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('takes an expression with the flag v for a word', async () => {
    expect((await readQuery('/a/v', { engine: 're2' })).terms).toMatchObject([{ kind: 'text', text: '/a/v' }]);
  });
});
