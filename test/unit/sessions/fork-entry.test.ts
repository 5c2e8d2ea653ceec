import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forkedLine, ownedLine, type Original } from '../../../src/sessions/fork/entry.js';
import { fileSource, memorySource } from '../../../src/transcript/json/byte-source.js';
import type { Entry } from '../../../src/transcript/messages/classify.js';
import { MAX_LINE_BYTES } from '../../../src/transcript/lines.js';
import { spilled } from '../../support/moving.js';
import { temporaryFolder } from '../../support/temporary.js';

const LINE = spilled('/old/a.txt');
const MOVED: unknown = JSON.parse(LINE.replaceAll('/old/a.txt', '/new/a.txt'));
const ENTRY = JSON.parse(LINE) as Entry;

/** The entry that a fork has of one whose tool result was copied to `/new/a.txt`. */
function owned(original: Original): unknown {
  const pieces = [...ownedLine(original, { from: 'parent', to: 'fork', moved: () => '/new/a.txt' })];
  return JSON.parse(pieces.map(String).join(''));
}

test('a tool result near the end of a transcript of 128 MiB has its new path in the fork', () => {
  const fd = openSync(join(temporaryFolder('fork-entry'), 't.jsonl'), 'wx+');
  // All before the line is a hole that takes no space.
  const start = MAX_LINE_BYTES - LINE.length;
  writeSync(fd, LINE, start);
  const moved = owned({ entry: ENTRY, text: fileSource(fd, start, MAX_LINE_BYTES) });
  closeSync(fd);
  expect(moved).toEqual(MOVED);
});

test('a tool result that was read with its texts cut is complete in the fork', () => {
  const cut = {
    ...ENTRY,
    message: { role: 'user', content: [] },
    toolUseResult: { persistedOutputPath: '/old/a.txt' },
  };
  expect(owned({ entry: cut, text: memorySource(Buffer.from(LINE)) })).toEqual(MOVED);
});

test('a tool result that was recovered from a damaged line has its new path in the fork', () => {
  expect(owned({ entry: ENTRY, text: null })).toEqual(MOVED);
});

test('a tool result in blocks has its new path in each text, and its other blocks as they are', () => {
  const image = { type: 'image', source: { data: '/old/a.txt' } };
  const inBlocks = (path: string): Entry => ({
    ...ENTRY,
    message: {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: `Saved to ${path}.` }, image] },
        { type: 'text', text: 'Mentions /old/a.txt' },
      ],
    },
    toolUseResult: { persistedOutputPath: path },
  });
  expect(owned({ entry: inBlocks('/old/a.txt'), text: null })).toEqual(inBlocks('/new/a.txt'));
});

test('an entry that an older session wrote, or on a side branch, belongs to the conversation of the fork', () => {
  const entry: Entry = { type: 'user', uuid: 'u2', parentUuid: 'u1', sessionId: 'older', isSidechain: true };
  const position = { uuid: 'u2', parentUuid: 'u0', has: () => true, lastUuid: 'u2' };
  const ownership = { from: 'parent', to: 'fork', moved: () => null };
  const pieces = [...forkedLine({ entry, text: null }, position, ownership)];
  expect(JSON.parse(pieces.map(String).join(''))).toEqual({
    ...{ type: 'user', uuid: 'u2', parentUuid: 'u0', sessionId: 'fork', isSidechain: false },
    forkedFrom: { sessionId: 'parent', messageUuid: 'u2' },
  });
});
