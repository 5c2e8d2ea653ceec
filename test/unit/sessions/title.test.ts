import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTag, checkTitle } from '../../../src/sessions/amend/title.js';

describe('a title', () => {
  test.each([
    ['  spaced  out ', 'spaced  out'],
    ['a\n\nb', 'a b'],
    ['a\r\n\tb\u001b[31mred', 'a b [31mred'],
    ['a\u0085b\u2028c\u2029d\u007fe', 'a b c d e'],
    ['a\u200bb\u00adc\u2060d', 'a b c d'],
    ['\u202eabc\ufeff', 'abc'],
    ['a\u00a0b', 'a\u00a0b'],
    ['e\u0301 \ufb01 ❤\ufe0f', 'e\u0301 \ufb01 ❤\ufe0f'],
    ['half \ud800 pair', 'half   pair'],
    ['😀'.repeat(200), '😀'.repeat(200)],
    ['"\\/', '"\\/'],
  ])('%j is written as Claude Code writes it', (text, title) => {
    expect(checkTitle(text)).toBe(title);
  });

  test.each(['', ' \t', '\n', '\u0000\u001b', '\u200b\u2060', '\u00a0\u3000', '\u3164', '\u2800 \ufe0f'])(
    '%j cannot be seen',
    (text) => {
      expect(() => checkTitle(text)).toThrow(
        expect.objectContaining({ code: 'USAGE', message: 'a title needs at least one visible character.' }),
      );
    },
  );

  test('has at most 200 characters, spaces around it not counted', () => {
    expect(checkTitle(` ${'x'.repeat(200)} `)).toHaveLength(200);
    expect(() => checkTitle('😀'.repeat(201))).toThrow(
      expect.objectContaining({ code: 'USAGE', message: 'a title can have at most 200 characters; this one has 201.' }),
    );
  });
});

describe('a tag', () => {
  test.each([
    ['  nightly  run ', 'nightly  run'],
    ['\ufb01ne①', 'fine1'],
    ['ＡＢ', 'AB'],
    ['a\u200bb\u00adc', 'abc'],
    ['e\u0301', 'é'],
    ['ǅ', 'Dž'],
    ['#x', '#x'],
    ['\u{e0041}a\ue000', 'a'],
    ['\ud800a', 'a'],
    ['ab\n', 'ab'],
  ])('%j is written as the Agent SDK writes it', (text, tag) => {
    expect(checkTag(text)).toBe(tag);
  });

  test('cannot be blank, unseen, in several lines or longer than 200 characters', () => {
    for (const text of ['', '  ', '\u200b', '\u2800'])
      expect(() => checkTag(text)).toThrow('a tag needs at least one visible character.');
    for (const text of ['a\nb', 'a\u0007b', 'é\u2028b'])
      expect(() => checkTag(text)).toThrow('a tag must be one line without control characters.');
    expect(() => checkTag('x'.repeat(201))).toThrow('a tag can have at most 200 characters; this one has 201.');
  });
});

test.each([
  ['title', checkTitle],
  ['tag', checkTag],
])('a %s that was accepted is accepted as it is', (_what, check) => {
  const accepted = (text: string): string | null => {
    try {
      return check(text);
    } catch {
      return null;
    }
  };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = accepted(text);
      if (once !== null) expect(check(once)).toBe(once);
    }),
  );
});
