import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyUndecodable } from '../../../src/sessions/fork/side-folder.js';
import { temporaryFolder } from '../../support/temporary.js';

/** A name that is not UTF-8. */
const ODD = Buffer.from([0x61, 0xff]);

test('a single file whose name is not UTF-8 is copied into a folder that is created for it', () => {
  const [from, to] = [temporaryFolder('from'), join(temporaryFolder('to'), 'new')];
  writeFileSync(Buffer.concat([Buffer.from(`${from}/`), ODD]), '');
  copyUndecodable(from, to);
  expect(readdirSync(to, { encoding: 'buffer' })).toEqual([ODD]);
});

test('no folder is created if all names are UTF-8, or for a folder that does not exist', () => {
  const [from, to] = [temporaryFolder('from'), join(temporaryFolder('to'), 'new')];
  writeFileSync(join(from, 'a'), '');
  for (const folder of [from, join(from, 'gone')]) copyUndecodable(folder, to);
  expect(existsSync(to)).toBe(false);
});
