import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBackwards } from '../../../src/transcript/scanner/find-backwards.js';
import { rounds } from '../../support/rounds.js';
import { temporaryFolder } from '../../support/temporary.js';

const PATTERN = { bytes: Buffer.from('"last-prompt"'), pair: 5 };
const CHUNK = 256 * 1024;
const path = join(temporaryFolder('find-backwards'), 'text');

function positionsIn(text: string, end = text.length): number[] {
  writeFileSync(path, text, 'latin1');
  const fd = openSync(path, 'r');
  try {
    return [...findBackwards(fd, end, PATTERN)];
  } finally {
    closeSync(fd);
  }
}

/** Returns the positions before an end, the last one first, as `indexOf` finds them. */
function expectedIn(text: string, end: number): number[] {
  const positions: number[] = [];
  for (let at = text.indexOf('"last-prompt"'); at >= 0 && at < end; at = text.indexOf('"last-prompt"', at + 1))
    positions.unshift(at);
  return positions;
}

describe('a pattern is searched backwards', () => {
  it('and found at the same positions as forwards, before any end', () => {
    const pieces = ['"last-prompt"', '"last-prompt', 't"', '-p', '"', 'x', '\n', '\u00ff', 'y'.repeat(31)];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), fc.nat(), (parts, cut) => {
        const text = parts.join('');
        const end = cut % (text.length + 1);
        expect(positionsIn(text, end)).toEqual(expectedIn(text, end));
      }),
      { numRuns: rounds(300) },
    );
  });

  it('even if it spans two of the chunks that are read', () => {
    for (let shift = 0; shift <= 14; shift++) {
      const between = 'y'.repeat(2 * CHUNK - 100);
      const text = `${'x'.repeat(100 - shift)}"last-prompt"${between}"last-prompt"${'z'.repeat(shift)}`;
      expect(positionsIn(text), `shift ${shift}`).toEqual(expectedIn(text, text.length));
    }
  });

  it('and not found in bytes that are left in memory from another chunk', () => {
    const text = `${'x'.repeat(50)}"last-prom${'x'.repeat(CHUNK - 20)}pt"`;
    expect(positionsIn(text)).toEqual([]);
    expect(positionsIn('')).toEqual([]);
  });
});
