import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownedLine } from '../../../src/sessions/fork/entry.js';
import { fileSource } from '../../../src/transcript/json/byte-source.js';
import type { Entry } from '../../../src/transcript/messages/classify.js';
import { MAX_LINE_BYTES } from '../../../src/transcript/lines.js';
import { spilled } from '../../support/moving.js';
import { temporaryFolder } from '../../support/temporary.js';

test('a tool result near the end of a transcript of 128 MiB has its new path in the fork', () => {
  const line = spilled('/old/a.txt');
  const fd = openSync(join(temporaryFolder('fork-entry'), 't.jsonl'), 'wx+');
  // All before the line is a hole that takes no space.
  writeSync(fd, line, MAX_LINE_BYTES - line.length);
  const original = {
    entry: JSON.parse(line) as Entry,
    text: fileSource(fd, MAX_LINE_BYTES - line.length, MAX_LINE_BYTES),
  };
  const pieces = [...ownedLine(original, { from: 'parent', to: 'fork', moved: () => '/new/a.txt' })];
  closeSync(fd);
  expect(JSON.parse(pieces.map(String).join(''))).toEqual(JSON.parse(line.replaceAll('/old/a.txt', '/new/a.txt')));
});
