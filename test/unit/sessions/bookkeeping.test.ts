import { closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bookkeepingEntries, findBookkeeping } from '../../../src/sessions/fork/bookkeeping.js';
import { temporaryFolder } from '../../support/temporary.js';

/** The bookkeeping of a transcript that a fork of message `a` copies. */
function copiedFrom(...lines: string[]): unknown[] {
  const path = join(temporaryFolder('bookkeeping'), 't.jsonl');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  const fd = openSync(path, 'r');
  try {
    const { size } = statSync(path);
    const found = bookkeepingEntries(fd, size, findBookkeeping(fd, size), (uuid) => uuid === 'a');
    return Array.from(found, ({ entry }) => entry);
  } finally {
    closeSync(fd);
  }
}

const snapshot = (messageId: string, n: number): object => ({ type: 'file-history-snapshot', messageId, n });
const [FIRST, SECOND, OTHER] = [snapshot('a', 1), snapshot('a', 2), snapshot('b', 3)].map((one) =>
  JSON.stringify(one),
) as [string, string, string];

test('the entries of a line that has several are copied, each once', () => {
  const entries = [snapshot('a', 1), snapshot('a', 2)];
  expect(copiedFrom(FIRST, OTHER, SECOND)).toEqual(entries);
  expect(copiedFrom(`${FIRST}${SECOND}`)).toEqual(entries);
  expect(copiedFrom(OTHER, `${FIRST}${OTHER}${SECOND}`, FIRST)).toEqual([...entries, snapshot('a', 1)]);
});

test('of entries about the state of the session, the last one of a type is copied, after the others', () => {
  const [old, now] = [
    { type: 'tools-used', n: 1 },
    { type: 'tools-used', n: 2 },
  ].map((one) => JSON.stringify(one)) as [string, string];
  const title = JSON.stringify({ type: 'custom-title', customTitle: 'x' });
  expect(copiedFrom(old, now, title, FIRST)).toEqual([snapshot('a', 1), { type: 'tools-used', n: 2 }]);
});
