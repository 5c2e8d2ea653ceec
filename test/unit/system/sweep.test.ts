import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { finalNameOf, ownMark, sweepTemporaries, temporaryNextTo } from '../../../src/system/temporaries.js';
import { temporaryFolder } from '../../support/temporary.js';

afterEach(() => void vi.useRealTimers());

/** Another machine's mark. */
const FOREIGN = ownMark() === 'ffff' ? '0000' : 'ffff';

test('temporary files of processes that have ended are removed, those of running ones and all others stay', () => {
  const folder = temporaryFolder('sweep');
  const ended = spawnSync('true').pid.toString(16).padStart(6, '0') + ownMark();
  const running = basename(temporaryNextTo(join(folder, 'lock')));
  expect(finalNameOf(running)).toBe('lock');
  const kept = [
    running,
    '.lock.tmp',
    'lock',
    `.lock.${ended}.tmp`,
    `journal.${ended}000000.tmp`,
    `.notes.${ended}000000.tmp`,
  ];
  for (const name of [...kept, `.journal.${ended}000000.tmp`, `.journal.ffffff${ownMark()}000000.tmp`])
    writeFileSync(join(folder, name), '');
  const isMeant = (name: string): boolean => ['lock', 'journal'].includes(name);
  sweepTemporaries(folder, isMeant);
  expect(readdirSync(folder).sort()).toEqual(kept.toSorted());
  expect(() => sweepTemporaries(join(folder, 'none'), isMeant)).not.toThrow();
});

test('a temporary file of another machine or pid namespace stays until ten minutes after its last change', () => {
  const folder = temporaryFolder('sweep');
  const path = join(folder, `.lock.ffffff${FOREIGN}000000.tmp`);
  writeFileSync(path, '');
  utimesSync(path, 0, 0);
  sweepTemporaries(folder, () => true);
  expect(readdirSync(folder)).toEqual([basename(path)]);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60 * 1000 });
  sweepTemporaries(folder, () => true);
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder that is a link is left alone, and a link is removed as a link', () => {
  const folder = temporaryFolder('sweep');
  const name = `.lock.ffffff${ownMark()}000000.tmp`;
  mkdirSync(join(folder, 'own'));
  writeFileSync(join(folder, name), 'theirs');
  symlinkSync(folder, join(folder, 'linked'));
  symlinkSync(join(folder, name), join(folder, 'own', name));
  sweepTemporaries(join(folder, 'linked'), () => true);
  sweepTemporaries(join(folder, 'own'), () => true);
  expect(readFileSync(join(folder, name), 'utf8')).toBe('theirs');
  expect(readdirSync(join(folder, 'own'))).toEqual([]);
});
