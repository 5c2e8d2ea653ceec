import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLeaf } from '../../../src/transcript/branch/leaf.js';
import { temporaryFolder } from '../../support/temporary.js';

const LEAF = '00000001-0000-4000-8000-000000000001';
const path = join(temporaryFolder('leaf'), 'transcript.jsonl');

function leafOf(text: string): string | null {
  writeFileSync(path, text);
  const fd = openSync(path, 'r');
  try {
    return readLeaf(fd, Buffer.byteLength(text));
  } finally {
    closeSync(fd);
  }
}

const named = (members: object = {}): string =>
  `${JSON.stringify({ type: 'last-prompt', lastPrompt: 'a prompt', leafUuid: LEAF, ...members })}\n`;
/** One line of another entry, with as many bytes. */
const filler = (bytes: number): string => `{"type":"user","text":"${'x'.repeat(bytes - 26)}"}\n`;

describe('the leaf of a transcript', () => {
  it('is found wherever reading backwards divides the file', () => {
    const entry = named();
    for (const boundary of [64, 64 + 256, 64 + 2 * 256].map((kib) => kib * 1024)) {
      for (let shift = -2; shift < entry.length; shift += 4)
        expect(leafOf(`${filler(100)}${entry}${filler(boundary - entry.length + shift)}`)).toBe(LEAF);
    }
  });

  it('is that of the last such entry, which may be a long line', () => {
    const older = named({ leafUuid: '00000002-0000-4000-8000-000000000002' });
    for (const length of [10, 3000, 5000, 100_000])
      expect(leafOf(older + named({ lastPrompt: 'p'.repeat(length) }) + filler(200))).toBe(LEAF);
    expect(leafOf(older + named().trimEnd())).toBe(LEAF);
  });

  it('is null without such an entry, though the text of another one names the type', () => {
    expect(leafOf(filler(300) + JSON.stringify({ type: 'user', text: named(), list: ['last-prompt'] }))).toBe(null);
    expect(leafOf('')).toBe(null);
  });
});
