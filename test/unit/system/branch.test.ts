import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { branchIn } from '../../../src/system/git/branch.js';
import { temporaryFolder } from '../../support/temporary.js';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('branch');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('branchIn', () => {
  test('finds the branch of a repository from any folder of it', () => {
    const folder = folderWith({ '.git/HEAD': 'ref: refs/heads/fix/a b\n', 'x/y/z': '' });
    expect([branchIn(folder), branchIn(join(folder, 'x/y'))]).toEqual(['fix/a b', 'fix/a b']);
  });

  test('follows the file of a worktree', () => {
    const files = {
      'main/.git/worktrees/w/HEAD': 'ref: refs/heads/w\n',
      'w/.git': 'gitdir: ../main/.git/worktrees/w\n',
    };
    expect(branchIn(join(folderWith(files), 'w'))).toBe('w');
  });

  test.each([
    ['a detached head', { '.git/HEAD': `${'0'.repeat(40)}\n` }],
    ['a damaged repository', { '.git': 'gitdir: nowhere' }],
    ['an empty head', { '.git/HEAD': '' }],
  ])('finds none for %s', (_, files) => {
    expect(branchIn(folderWith(files))).toBeNull();
  });
});
