import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env as ownEnv } from 'node:process';
import { expect, test } from 'vitest';
import { worktreesOf } from '../../../src/system/git/worktrees.js';
import { disk, put } from './disk.js';

/** The environment without git's variables: in a git hook, they would name the repository of the hook. */
const env = Object.fromEntries(Object.entries(ownEnv).filter(([name]) => !name.startsWith('GIT_')));

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd, env, stdio: 'ignore' });
}

function repository(): string {
  const root = disk({ 'repo/sub/file': '' });
  const repo = join(root, 'repo');
  git(repo, 'init', '-q');
  git(repo, 'commit', '-q', '--allow-empty', '-m', 'first');
  git(repo, 'worktree', 'add', '-q', '-b', 'feature', '../feature one');
  return root;
}

test('the folder is first, followed by the worktrees of its repository', () => {
  const root = repository();
  expect(worktreesOf(join(root, 'repo'), env)).toEqual([join(root, 'repo'), join(root, 'feature one')]);
  expect(worktreesOf(join(root, 'feature one'), env)).toEqual([join(root, 'feature one'), join(root, 'repo')]);
  expect(worktreesOf(join(root, 'repo/sub'), env)).toEqual([
    join(root, 'repo/sub'),
    join(root, 'repo'),
    join(root, 'feature one'),
  ]);
});

test('GIT_DIR and its like do not lead to another repository', () => {
  const plain = disk();
  const other = repository();
  expect(worktreesOf(plain, { ...env, GIT_DIR: join(other, 'repo/.git') })).toEqual([plain]);
});

test('neither hooks nor file-system monitors of the repository run', () => {
  const repo = join(repository(), 'repo');
  const mark = join(repo, 'ran');
  put(repo, { 'monitor.sh': `#!/bin/sh\ntouch '${mark}'\n` });
  git(repo, 'config', 'core.fsmonitor', join(repo, 'monitor.sh'));
  worktreesOf(repo, env);
  expect(existsSync(mark)).toBe(false);
});

test('without a repository, a folder or git there is only the folder', () => {
  const plain = disk();
  expect(worktreesOf(plain, env)).toEqual([plain]);
  expect(worktreesOf('/no/such/folder', env)).toEqual(['/no/such/folder']);
  expect(worktreesOf(plain, { PATH: '/nowhere' })).toEqual([plain]);
});
