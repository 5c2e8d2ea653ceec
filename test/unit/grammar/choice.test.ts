import { describe, expect, test } from 'vitest';
import { closest, parseChoice } from '../../../src/grammar/choice.js';
import { parseCount } from '../../../src/grammar/count.js';

const COMMANDS = ['list', 'ls', 'show', 'path', 'current', 'projects', 'index'];

describe('the nearest word', () => {
  test.each([
    ['lsit', 'list'],
    ['lst', 'list'],
    ['shwo', 'show'],
    ['project', 'projects'],
    ['cur', 'current'],
    ['resume', null],
    ['', null],
  ])('to %j is %j', (word, nearest) => {
    expect(closest(word, COMMANDS)).toBe(nearest);
  });
});

describe('a choice', () => {
  test('is taken as written', () => {
    expect(parseChoice('size', ['activity', 'size'], '--sort')).toBe('size');
  });

  test('that does not exist is refused with the nearest one', () => {
    expect(() => parseChoice('sise', ['activity', 'size'], '--sort')).toThrow(
      '--sort sise: not one of activity, size (did you mean size?).',
    );
    expect(() => parseChoice('colour', ['activity', 'size'], '--sort')).toThrow(
      '--sort colour: not one of activity, size.',
    );
  });
});

describe('a limit', () => {
  test('is a whole number', () => {
    expect([parseCount('0', '--limit'), parseCount('30', '--limit')]).toEqual([0, 30]);
  });

  test.each(['', '-1', '1.5', 'ten', '1e3', '99999999999999999999'])('%j is refused', (text) => {
    expect(() => parseCount(text, '--limit')).toThrow(`--limit ${text}: not a whole number (0 = all).`);
  });
});
