import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isSameFolder } from '../../../src/sessions/move/refusals.js';
import { temporaryFolder } from '../../support/temporary.js';

test('two paths lead to one folder if they are equal, or one is a link to the other', () => {
  const base = temporaryFolder('same-folder');
  const [one, other, link, gone] = ['one', 'other', 'link', 'gone'].map((name) => join(base, name)) as [
    string,
    string,
    string,
    string,
  ];
  mkdirSync(one);
  mkdirSync(other);
  symlinkSync(one, link);
  expect([isSameFolder(one, one), isSameFolder(one, link), isSameFolder(gone, gone)]).toEqual([true, true, true]);
  expect([isSameFolder(one, other), isSameFolder(gone, one), isSameFolder(gone, `${gone}2`)]).toEqual([
    false,
    false,
    false,
  ]);
});
