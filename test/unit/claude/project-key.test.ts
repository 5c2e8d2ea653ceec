import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pinnedProjectKey, projectKey } from '../../../src/claude/project-key.js';

describe('projectKey', () => {
  test.each([
    ['/home/me/app', '-home-me-app'],
    ['/home/me/a_b', '-home-me-a-b'],
    ['/home/me/a b', '-home-me-a-b'],
    ['/w/dots.and', '-w-dots-and'],
    ['/w/UPPER', '-w-UPPER'],
    ['/w/é', '-w--'],
    ['/w/e\u0301', '-w-e-'],
    ['/w/😀x', '-w---x'],
    ['/', '-'],
  ])('%s -> %s', (path, key) => {
    expect(projectKey(path)).toBe(key);
  });

  test('200 units stay as they are; then a hash of the whole path follows, as Claude Code 2.1.330 does it', () => {
    expect(projectKey(`/tmp/${'q'.repeat(195)}`)).toBe(`-tmp-${'q'.repeat(195)}`);
    expect(projectKey(`/tmp/${'q'.repeat(196)}`)).toBe(`-tmp-${'q'.repeat(195)}-49e36h`);
    expect(projectKey(`/tmp/é😀${'e'.repeat(120)}/${'f'.repeat(120)}`)).toBe(
      `-tmp----${'e'.repeat(120)}-${'f'.repeat(71)}-x6lpai`,
    );
  });

  test('long paths that differ only at the end, or only in characters replaced by dashes, have different keys', () => {
    const long = `/${'e'.repeat(250)}`;
    const keys = [`${long}/one`, `${long}/two`, `${long}_two`].map(projectKey);
    expect(new Set(keys).size).toBe(3);
  });

  test('any path gives a harmless file name of at most 208 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }), (path) => {
        expect(projectKey(path)).toMatch(/^[A-Za-z0-9-]{1,208}$/);
      }),
    );
  });
});

describe('pinnedProjectKey', () => {
  const pinned = (name: string, configDir = '/cfg'): string | null =>
    pinnedProjectKey({ CLAUDE_CODE_PROJECT_DIR_NAME: name, CLAUDE_CONFIG_DIR: configDir });

  test('counts only together with CLAUDE_CONFIG_DIR', () => {
    expect(pinned('shared_1-a')).toBe('shared_1-a');
    expect(pinned('shared', '')).toBeNull();
    expect(pinnedProjectKey({ CLAUDE_CODE_PROJECT_DIR_NAME: 'shared' })).toBeNull();
    expect(pinnedProjectKey({ CLAUDE_CONFIG_DIR: '/cfg' })).toBeNull();
  });

  test.each(['', '..', 'a/b', 'a b', 'x'.repeat(65), 'NUL', 'com1', 'é'])('refuses %j', (name) => {
    expect(pinned(name)).toBeNull();
  });
});
