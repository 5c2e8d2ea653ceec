import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold, rangesIn, searchableOf, wordsOf, type Searchable } from '../../../../src/cli/picker/find/match.js';
import { Matches } from '../../../../src/cli/picker/find/matches.js';

function session(title: string, { project = '', branch = '', tag = '', id = '', prompts = '' } = {}): Searchable {
  const search = {
    title: fold(title),
    project: fold(project),
    branch: fold(branch),
    tag: fold(tag),
    id,
    prompts: fold(prompts),
  };
  return searchableOf(search);
}

function candidatesOf(sessions: readonly (Searchable | null)[]): { text: Searchable | null; at: number }[] {
  return sessions.map((text, at) => ({ text, at }));
}

type Found = Matches<{ text: Searchable | null; at: number }>;

/** The positions of the sessions found, in their order. */
function positions(matches: Found, query: string): number[] {
  matches.find(wordsOf(query));
  while (matches.isIncomplete) matches.findMore();
  return matches.find(wordsOf(query)).map(({ at }) => at);
}

function found(query: string, sessions: readonly (Searchable | null)[]): number[] {
  return positions(new Matches(candidatesOf(sessions)), query);
}

describe('matching', () => {
  it('finds sessions with all words, in any order and any field', () => {
    const sessions = [
      session('Fix the login', { project: '~/code/api' }),
      session('Login page', { project: '~/code/web' }),
      session('Other', { prompts: 'why does the login fail in api' }),
    ];
    expect(found('api login', sessions)).toEqual([0, 2]);
    expect(found('login', sessions)).toEqual([0, 1, 2]);
    expect(found('nothing-like-it', sessions)).toEqual([]);
  });

  it('orders by where the words are: titles, then projects, branches, prompts; equal matches keep their order', () => {
    const sessions = [
      session('a', { prompts: 'about journal' }),
      session('b', { branch: 'fix/journal' }),
      session('c', { project: '~/journal' }),
      session('cojournal'),
      session('The journal'),
      session('Journal two'),
    ];
    expect(found('journal', sessions)).toEqual([4, 5, 3, 2, 1, 0]);
  });

  it('puts sessions with the phrase before sessions with its words apart', () => {
    expect(found('prune race', [session('race in the prune'), session('fix prune race')])).toEqual([1, 0]);
  });

  it('ignores case, width and composition, and finds Chinese, Japanese and Korean', () => {
    const sessions = [session('請求書のテンプレート'), session('로그인 오류'), session('Café'), session('ＡＢＣ')];
    expect(found('テンプレート', sessions)).toEqual([0]);
    expect(found('請求', sessions)).toEqual([0]);
    expect(found('로그', sessions)).toEqual([1]);
    expect(found('cafe\u0301', sessions)).toEqual([2]);
    expect(found('abc', sessions)).toEqual([3]);
  });

  it('finds the start of an id', () => {
    expect(found('3f2a', [session('x', { id: '3f2a91c0-0000' }), session('y', { id: '93f2a000' })])).toEqual([0]);
  });

  it('finds words with one wrong letter after exact ones, if those are few', () => {
    const sessions = [session('Jounral of the trash'), session('journal'), session('unrelated')];
    expect(found('journal', sessions)).toEqual([1, 0]);
    expect(found('trash jurnal', [session('The journal of the trash')])).toEqual([0]);
  });

  it('looks for misspelt words only on request, in a part of the sessions at a time', () => {
    const sessions = Array.from({ length: 5000 }, (_, at) => session(at === 4500 ? 'jounral' : `nothing ${at}`));
    const matches = new Matches(candidatesOf(sessions));
    expect(matches.find(['journal'])).toEqual([]);
    let steps = 0;
    for (; matches.isIncomplete; steps++) matches.findMore();
    expect(steps).toBeGreaterThan(1);
    expect(matches.find(['journal']).map(({ at }) => at)).toEqual([4500]);
  });

  it('compares no word letter by letter that is longer than names are, nor a pasted text', () => {
    const isCompared = (words: string[]): boolean => {
      const matches = new Matches(candidatesOf([session('x'.repeat(32))]));
      matches.find(words);
      return matches.isIncomplete;
    };
    expect(isCompared([`${'x'.repeat(31)}y`])).toBe(true);
    expect(isCompared([`${'x'.repeat(32)}y`])).toBe(false);
    expect(isCompared(Array.from({ length: 17 }, () => 'lorem'))).toBe(false);
  });

  it('finds the same for a query that is typed and corrected letter by letter as for one that is pasted', () => {
    const letters = fc.array(fc.constantFrom('l', 'o', 'g', ' ', 'i', '<'), { maxLength: 14 });
    const title = fc.stringMatching(/^[log i]{0,8}$/);
    fc.assert(
      fc.property(fc.array(title, { maxLength: 30 }), letters, (titles, typed) => {
        const sessions = candidatesOf(titles.map((text) => session(text)));
        const matches = new Matches(sessions);
        let query = '';
        for (const letter of typed) {
          query = letter === '<' ? query.slice(0, -1) : query + letter;
          if (query.trim() !== '') expect(positions(matches, query)).toEqual(positions(new Matches(sessions), query));
        }
      }),
    );
  });

  it('finds an id only from its start', () => {
    expect(found('2a91', [session('x', { id: '3f2a91c0-0000' })])).toEqual([]);
  });

  it('skips sessions whose texts are not known yet', () => {
    expect(found('a', [null, session('a')])).toEqual([1]);
  });

  it('finds exactly the sessions that contain every word, if there are enough', () => {
    const word = fc.constantFrom('log', 'in', 'api', '請求', 'x/y', 'é');
    const title = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(title, { minLength: 13, maxLength: 40 }), word, word, (titles, a, b) => {
        const sessions = titles.map((text) => session(text));
        const expected = [...titles.keys()].filter((at) => [a, b].every((each) => titles[at]!.includes(each)));
        const result = found(`${a}  ${b}`, sessions);
        expect(result.slice(0, expected.length).sort((x, y) => x - y)).toEqual(expected);
      }),
    );
  });
});

describe('rangesIn', () => {
  it('returns where words are, without overlaps', () => {
    expect(rangesIn('Log the LOGIN', ['log', 'login'])).toEqual([
      [0, 3],
      [8, 13],
    ]);
    expect(rangesIn('aaa', ['aa', 'a'])).toEqual([[0, 3]]);
    expect(rangesIn('abc', [])).toEqual([]);
  });

  it('marks nothing in a text that changes its length in lower case', () => {
    expect(rangesIn('İabc', ['abc'])).toEqual([]);
  });
});
