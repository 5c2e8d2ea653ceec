import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, FoldedPositions } from '../../../src/search/query/fold.js';
import { rounds } from '../../support/rounds.js';

const PIECES = /[\u1100-\u11ff]+\p{M}*|[\uac00-\ud7a3][\u1100-\u11ff]*\p{M}*|[\s\S]\p{M}*/gu;

/** The range of the piece that a position of the folded text is in, by folding every piece on its own. */
function slowPiece(text: string, isExact: boolean, position: number): [number, number] {
  let [at, foldedAt, found]: [number, number, [number, number]] = [0, 0, [text.length, text.length]];
  for (const [piece] of text.matchAll(PIECES)) {
    if (foldedAt <= position) found = [at, at + piece.length];
    at += piece.length;
    foldedAt += fold(piece, isExact).length;
  }
  return found;
}

const CHARS = [
  ...'aeK .sS',
  'é',
  'e\u0301',
  'E\u0301\u0323',
  '\u0301',
  'ß',
  '\u1e9e',
  '\u0130',
  'Σ',
  'ς',
  '日本',
  '한',
  '\u1100\u1161',
  '\u11a8',
  '각\u1100',
  '\u{1f600}',
  '\u{1e900}',
  '\u{1e944}',
  '\u212a',
  'ﬁ',
];

describe('positions in a folded text', () => {
  test('are those of the pieces that they were folded from', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...CHARS), { maxLength: 12 }).map((chars) => chars.join('')),
        fc.boolean(),
        (text, isExact) => {
          const positions = new FoldedPositions(text, isExact);
          const { length } = fold(text, isExact);
          for (let at = 0; at < length; at += 1) {
            const found = [positions.start(at), positions.end(at + 1)];
            expect({ text, at, found }).toEqual({ text, at, found: slowPiece(text, isExact, at) });
          }
        },
      ),
      { numRuns: rounds(300) },
    );
  });

  test('stay the same in a composed text without ß and the dotted I, whatever its characters', () => {
    for (let point = 0; point < 0x110000; point += 1) {
      const char = String.fromCodePoint(point);
      if (char !== char.normalize('NFC') || /[\u00df\u0130\u1e9e]/.test(char)) continue;
      if (fold(char, false).length !== char.length) expect(char).toBe('of another length');
    }
  });
});
