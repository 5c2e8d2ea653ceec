import { describe, expect, test } from 'vitest';
import { TextGroup } from '../../../src/search/read/text-group.js';

/** Lengths of the groups that a number of texts of the same length end up in. */
function groupsOf(texts: number, length: number): number[] {
  const groups: number[] = [];
  const group = new TextGroup<number>((some) => groups.push(some.length));
  for (let at = 0; at < texts; at++) group.add('x'.repeat(length), at);
  group.end();
  return groups;
}

describe('groups of texts that are searched together', () => {
  test('are small at first, and then twice as long as the one before', () => {
    expect(groupsOf(100, 1024)).toEqual([4, 8, 16, 32, 40]);
  });

  test('hold at most a mebibyte of characters, or one longer text', () => {
    expect(Math.max(...groupsOf(200, 64 * 1024))).toBe(16);
    expect(groupsOf(3, 5_000_000)).toEqual([1, 1, 1]);
  });

  test('pass on each text with what it belongs to, in order', () => {
    const passed: (readonly [string, number])[] = [];
    const group = new TextGroup<number>((some) => passed.push(...some.map(({ text, of }) => [text, of] as const)));
    for (let at = 0; at < 5000; at++) group.add(`text ${at}`, at);
    group.end();
    group.end();
    expect(passed).toEqual(Array.from({ length: 5000 }, (_, at) => [`text ${at}`, at]));
  });
});
