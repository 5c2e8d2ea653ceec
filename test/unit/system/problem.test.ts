import { mkdirSync, readdirSync, readSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSystemError } from '../../../src/system/problem.js';
import { temporaryFolder } from '../../support/temporary.js';

/** The description of the error that a call throws, with the folder as `F`. */
function described(folder: string, act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return describeSystemError(error as Error).replaceAll(folder, 'F');
  }
  throw new Error('the call did not fail');
}

test('an error of Node says what could not be done', () => {
  const folder = temporaryFolder('system-error');
  const none = join(folder, "it's, here");
  writeFileSync(join(folder, 'file'), '');
  expect([
    described(folder, () => readdirSync(none)),
    described(folder, () => mkdirSync(join(folder, 'file'))),
    described(folder, () => rmdirSync(join(folder, 'file'))),
    described(folder, () => renameSync(none, join(folder, 'x'))),
    described(folder, () => readSync(9999, Buffer.alloc(1))),
  ]).toEqual([
    "cannot list F/it's, here: no such file or directory (ENOENT)",
    'cannot create F/file: file already exists (EEXIST)',
    'cannot delete F/file: not a directory (ENOTDIR)',
    "cannot rename F/it's, here to F/x: no such file or directory (ENOENT)",
    'cannot read: bad file descriptor (EBADF)',
  ]);
});

test.each(["EIO: i/o error, futime '/x'", 'EPERM: operation not permitted', 'something else', ''])(
  'the message %j is kept: it names no call that has a word of its own',
  (message) => expect(describeSystemError(new Error(message))).toBe(message),
);
