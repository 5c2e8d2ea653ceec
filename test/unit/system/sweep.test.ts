import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { meantName, sweepAbandoned, temporaryBeside } from '../../../src/system/write-file.js';
import { temporaryFolder } from '../../support/temporary.js';

test('temporary files of processes that have ended are removed, those of running ones and all others stay', () => {
  const folder = temporaryFolder('sweep');
  const ended = spawnSync('true').pid.toString(16).padStart(8, '0');
  const running = basename(temporaryBeside(join(folder, 'lock')));
  expect(meantName(running)).toBe('lock');
  const kept = [running, '.lock.tmp', 'lock', `.lock.${ended}.tmp`, `lock.${ended}0000.tmp`];
  for (const name of [...kept, `.lock.${ended}0000.tmp`, '.move.journal.ffffffff0000.tmp'])
    writeFileSync(join(folder, name), '');
  sweepAbandoned(folder);
  expect(readdirSync(folder).sort()).toEqual(kept.toSorted());
  expect(() => sweepAbandoned(join(folder, 'none'))).not.toThrow();
});
