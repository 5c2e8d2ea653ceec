import { describe, expect, test } from 'vitest';
import { CcsessError } from '../../../src/system/errors.js';
import { Matcher } from '../../../src/search/query/matcher.js';
import { parseQuery, type QueryOptions } from '../../../src/search/query/parse-query.js';

/** The marked parts of a text; null if the query does not match. */
function found(query: string, text: string, options: QueryOptions = {}): string[] | null {
  const matcher = new Matcher(parseQuery(query, options));
  const result = matcher.find([text])[0] ?? null;
  expect(matcher.test([text])).toEqual([result !== null]);
  return result === null ? null : result.ranges.map(([start, end]) => text.slice(start, end));
}

function refusal(query: string): { message: string; hint: string | null } {
  try {
    parseQuery(query);
  } catch (error) {
    if (error instanceof CcsessError) return { message: error.message, hint: error.hint };
  }
  throw new Error(`accepted: ${query}`);
}

describe('a query', () => {
  test.each([
    ['journal', 'The journal is written', ['journal']],
    ['rename journal', 'The journal is written before the rename', ['journal', 'rename']],
    ['name', 'renamed', ['name']],
    ['journal xyz', 'The journal', null],
    ['"the journal"', 'In the journal', ['the journal']],
    ['"the journal"', 'the  journal', null],
    ['"say \\"hi\\""', 'they say "hi"', ['say "hi"']],
    ['"a\\\\b"', 'a\\b', ['a\\b']],
    ['it"s', 'it"s', ['it"s']],
    ['/etc/passwd', 'cat /etc/passwd', ['/etc/passwd']],
    ['/re.ame/', 'rename it', ['rename']],
    ['/re ame/i', 'RE AMES', ['RE AME']],
    ['/[/]x/', 'a/x', ['/x']],
    ['/^b/m it', 'a\nb it', ['b', 'it']],
    ['/x*/', 'aaa', null],
    ['//', 'a // b', ['//']],
    ['aa', 'aaaa', ['aaaa']],
  ])('%j in %j marks %j', (query, text, expected) => {
    expect(found(query, text)).toEqual(expected);
  });

  test.each([
    ['fix', 'FIX', ['FIX']],
    ['Fix', 'fix', null],
    ['Fix it', 'Fix IT', ['Fix', 'IT']],
    ['straße', 'STRASSE', ['STRASSE']],
    ['strasse', 'Straße', ['Straße']],
    ['ὀδυσσεύς', 'ὈΔΥΣΣΕΎΣ', ['ὈΔΥΣΣΕΎΣ']],
    ['kelvin', '\u212aelvin', ['\u212aelvin']],
    ['istanbul', 'İstanbul', null],
    ['\u00e9t\u00e9', 'E\u0301te\u0301!', ['E\u0301te\u0301']],
    ['e\u0301te\u0301', '\u00e9t\u00e9', ['\u00e9t\u00e9']],
    ['ete', '\u00e9t\u00e9', null],
    ['한국', '\u1112\u1161\u11ab\u1100\u116e\u11a8', ['\u1112\u1161\u11ab\u1100\u116e\u11a8']],
    ['日本', 'x日本語', ['日本']],
    ['שלום', 'אמר שלום', ['שלום']],
    ['😀', 'a😀b', ['😀']],
  ])('%j in %j, by case and accents, marks %j', (query, text, expected) => {
    expect(found(query, text)).toEqual(expected);
  });

  test.each([
    ['name', 'rename name', ['name']],
    ['name', 'renamed', null],
    ['über', 'darüber über', ['über']],
    ['a.b', 'xa.b a.b', ['a.b']],
    ['--yes', 'say --yes', ['--yes']],
    ['/n.me/', 'rename nome', ['nome']],
  ])('with whole words, %j in %j marks %j', (query, text, expected) => {
    expect(found(query, text, { wholeWords: true })).toEqual(expected);
  });

  test('ignores or compares case as its options say', () => {
    expect(found('Fix', 'fix', { case: 'ignore' })).toEqual(['fix']);
    expect(found('fix', 'FIX', { case: 'exact' })).toBeNull();
  });

  test('finds the part where its terms are closest', () => {
    const text = 'alpha ........ beta ..... alpha beta';
    expect(new Matcher(parseQuery('beta alpha')).find([text])[0]?.closest).toEqual([26, 36]);
  });

  test('gives up a text that a regular expression takes too long for', () => {
    const matcher = new Matcher(parseQuery('/^(a+)+$/'));
    expect(matcher.test(['aaa', `${'a'.repeat(40)}!`, 'aa'])).toEqual([true, false, true]);
    expect(matcher.skipped).toBe(1);
  });

  test.each([
    ['', 'the query is empty: give a word to search for.'],
    [' \t', 'the query is empty: give a word to search for.'],
    ['""', 'the query is empty: give a word to search for.'],
    ['say "hi', 'the quote at character 5 of the query is not closed: "hi'],
    ['x'.repeat(10_001), 'the query is too long: it has 10001 characters, and the maximum is 10000.'],
  ])('%j is refused', (query, message) => {
    expect(refusal(query).message).toBe(message);
  });

  test.each([
    ['/a(b/', 3, '/a(b/\n  ^'],
    ['x /a**b/', 6, '/a**b/\n   ^'],
    ['/ab)c/i', 4, '/ab)c/i\n   ^'],
  ])('%s is refused with the position of the fault', (query, position, hint) => {
    const { message, hint: shown } = refusal(query);
    expect(message).toContain(`at character ${position} of the query: `);
    expect(shown).toBe(hint);
  });
});
