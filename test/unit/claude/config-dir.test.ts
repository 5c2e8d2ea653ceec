import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { disk } from './disk.js';

const place = { explicit: [], env: {}, home: '/home/me', cwd: '/srv' };
const paths = (sources: Partial<Parameters<typeof resolveConfigDirs>[0]>): string[] =>
  resolveConfigDirs({ ...place, ...sources }).map(({ path }) => path);

test('the default is ~/.claude, which need not exist', () => {
  expect(resolveConfigDirs(place)).toEqual([
    { path: '/home/me/.claude', projectsRoot: '/home/me/.claude/projects', explicit: false, isDefault: true },
  ]);
});

test('CLAUDE_CONFIG_DIR replaces it; empty counts as unset, ~ is not expanded, relative is from cwd', () => {
  expect(paths({ env: { CLAUDE_CONFIG_DIR: '/cfg' } })).toEqual(['/cfg']);
  expect(paths({ env: { CLAUDE_CONFIG_DIR: '' } })).toEqual(['/home/me/.claude']);
  expect(paths({ env: { CLAUDE_CONFIG_DIR: 'cfg/' } })).toEqual(['/srv/cfg']);
  expect(paths({ env: { CLAUDE_CONFIG_DIR: '~/cfg' } })).toEqual(['/srv/~/cfg']);
});

test('--config-dir overrides the variable, keeps its order, expands ~ and drops duplicates', () => {
  expect(paths({ explicit: ['~/b', 'a', '/c', '~', '/home/me/b'], env: { CLAUDE_CONFIG_DIR: '/cfg' } })).toEqual([
    '/home/me/b',
    '/srv/a',
    '/c',
    '/home/me',
  ]);
});

test('a config dir that the user names is explicit, even if it is the default', () => {
  expect(resolveConfigDirs({ ...place, env: { CLAUDE_CONFIG_DIR: '/home/me/.claude' } })).toMatchObject([
    { explicit: true, isDefault: true },
  ]);
});

test('a config dir that is named twice, under its own path and by links, counts once', () => {
  const root = disk({ 'a/projects/p/x': '', 'b/x': '' });
  symlinkSync('a', join(root, 'link'));
  symlinkSync('link', join(root, 'again'));

  const names = ['link', 'a', 'again', 'b', 'gone', 'gone/'].map((name) => join(root, name));

  expect(paths({ explicit: names })).toEqual([join(root, 'link'), join(root, 'b'), join(root, 'gone')]);
});

test('two config dirs that share their projects by a symlink have one root', () => {
  const root = disk({ 'a/projects/p/x': '' });
  mkdirSync(join(root, 'b'));
  symlinkSync('../a/projects', join(root, 'b/projects'));

  const [a, b] = resolveConfigDirs({ ...place, explicit: [join(root, 'a'), join(root, 'b')] });

  expect(a?.projectsRoot).toBe(join(root, 'a/projects'));
  expect(b).toMatchObject({ path: join(root, 'b'), projectsRoot: join(root, 'a/projects') });
});
