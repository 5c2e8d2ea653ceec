import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolders } from '../../../src/system/make-folders.js';
import { errorCode } from '../../../src/system/problem.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder('folders');

function codeOf(path: string): string | null {
  try {
    makeFolders(path);
    return 'made';
  } catch (error) {
    return errorCode(error);
  }
}

describe('folders', () => {
  test('are created with their parents, readable only by the owner; existing ones are not changed', () => {
    makeFolders(join(folder, 'a/b/c'));
    expect([statSync(join(folder, 'a')).mode & 0o777, statSync(join(folder, 'a/b/c')).mode & 0o777]).toEqual([
      0o700, 0o700,
    ]);
    mkdirSync(join(folder, 'open'), { mode: 0o755 });
    symlinkSync('open', join(folder, 'link'));
    expect([codeOf(join(folder, 'open')), codeOf(join(folder, 'link')), codeOf('/'), codeOf(folder)]).toEqual([
      'made',
      'made',
      'made',
      'made',
    ]);
    expect(statSync(join(folder, 'open')).mode & 0o777).toBe(0o755);
  });

  test('cannot be created below a file, a dangling link or a name that is too long', () => {
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('nowhere', join(folder, 'dead'));
    expect([
      codeOf(join(folder, 'file')),
      codeOf(join(folder, 'file/a/b')),
      codeOf(join(folder, 'dead')),
      codeOf(join(folder, 'n'.repeat(300))),
    ]).toEqual(['EEXIST', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG']);
  });

  test.skipIf(!existsSync('/proc/self'))('are refused at once where the system has none to give', () => {
    expect([codeOf('/proc/ccsess'), codeOf('/proc/ccsess/a/b'), codeOf('/proc/self/ccsess/a')]).toEqual([
      'ENOENT',
      'ENOENT',
      'ENOENT',
    ]);
  });
});
