import { describe, expect, it } from 'vitest';
import {
  bitFieldsOf,
  bitsAt,
  bitsIn,
  BOOLEAN,
  choiceOf,
  flagsOf,
  layoutOf,
  NUMBER,
  optional,
  TIME,
  wordsOf,
} from '../../../src/session-index/format/layout.js';

const POINT = layoutOf({ x: NUMBER, y: NUMBER });
const LAYOUT = layoutOf({
  count: NUMBER,
  at: TIME,
  isOn: BOOLEAN,
  colour: choiceOf(['red', 'green']),
  flags: flagsOf(['a', 'b', 'c']),
  point: POINT,
  other: optional(POINT),
});

describe('a layout', () => {
  it('places its fields one after the other, in their order', () => {
    expect([LAYOUT.at, LAYOUT.width]).toEqual([
      { count: 0, at: 1, isOn: 2, colour: 3, flags: 4, point: 5, other: 7 },
      9,
    ]);
  });

  it.each([null, { x: 5, y: 6 }])('reads what it wrote, and touches nothing else (%j)', (other) => {
    const record = {
      count: 3,
      at: null,
      isOn: true,
      colour: 'green' as const,
      flags: { a: true, b: false, c: true },
      point: { x: 1, y: 2 },
      other,
    };
    const numbers = new Float64Array(11).fill(7);
    LAYOUT.write(record, numbers, 1);
    expect(LAYOUT.read(numbers, 1)).toEqual(record);
    expect([numbers[0], numbers[10], numbers[5]]).toEqual([7, 7, 5]);
  });

  it('reads an unknown choice as the first', () => {
    expect(choiceOf(['red', 'green']).read(Float64Array.of(9), 0)).toBe('red');
  });
});

describe('words and bits', () => {
  it('have positions by name, from the lowest on', () => {
    expect(wordsOf(['a', 'b'])).toEqual({ count: 2, at: { a: 0, b: 1 } });
    const { low, mark, high } = bitFieldsOf({ low: 16, mark: 1, high: 15 });
    const word = bitsAt(0xabcd, low) | bitsAt(1, mark) | bitsAt(0x7ffe, high);
    expect([low, mark, high].map((field) => bitsIn(word, field))).toEqual([0xabcd, 1, 0x7ffe]);
  });

  it('do not exceed a word', () => {
    expect(() => bitFieldsOf({ a: 30, b: 3 })).toThrow(RangeError);
  });
});
