import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProjectMember } from '../../../src/session-index/record.js';
import { belowFilter, projectFilter, type StartFolder } from '../../../src/sessions/select/project-filter.js';
import { temporaryFolder } from '../../support/temporary.js';

/** A session that records this folder alone. */
const at = (cwd: string | null, projectDir: string | null = null): ProjectMember => ({
  cwd,
  repository: null,
  projectDir,
});

const PLACE: StartFolder = {
  cwd: '/home/me/code/app',
  home: '/home/me',
  worktreesOf: (folder) => (folder === '/home/me/code/app' ? [folder, '/home/me/code/app-wt'] : [folder]),
};

describe('a project argument', () => {
  test.each<[string, string[], string[]]>([
    ['.', ['/home/me/code/app', '/home/me/code/app-wt'], ['/home/me/code/app/src', '/home/me/code']],
    ['/home/me/code/app/', ['/home/me/code/app', '/home/me/code/app-wt'], []],
    ['../site', ['/home/me/code/site'], ['/home/me/code/app']],
    ['~', ['/home/me'], ['/home/me/code']],
    ['~/code/site', ['/home/me/code/site'], ['/home/me/code/site/docs']],
    ['~/code/*', ['/home/me/code/app', '/home/me/code/site'], ['/home/me/code', '/home/me/code/app/src']],
    ['~/code/**', ['/home/me/code', '/home/me/code/app', '/home/me/code/app/src'], ['/home/me/codes', '/home/me']],
    ['/**/app', ['/home/me/code/app', '/app'], ['/home/me/code/app/src', '/home/happ']],
    ['~/code/{app,si*}', ['/home/me/code/app', '/home/me/code/site'], ['/home/me/code/api']],
    ['~/code/ap[pi]', ['/home/me/code/app', '/home/me/code/api'], ['/home/me/code/apx']],
    ['~/code/ap[!p]', ['/home/me/code/api'], ['/home/me/code/app']],
    ['~/code/a?p', ['/home/me/code/app'], ['/home/me/code/a/p', '/home/me/code/ap']],
    ['/srv/[slug]', ['/srv/[slug]', '/srv/s'], ['/srv/x']],
    ['/srv/a+b.c(d)', ['/srv/a+b.c(d)'], ['/srv/aab.c(d)']],
    ['/srv/{open', ['/srv/{open'], ['/srv/open']],
    ['/srv/[z-a]', ['/srv/[z-a]'], ['/srv/b']],
    ['C:\\Users\\me\\app', ['C:\\Users\\me\\app', 'c:\\users\\me\\app'], ['C:\\Users\\me', 'D:\\Users\\me\\app']],
    ['c:/Users/me/app/', ['C:\\Users\\me\\app'], ['/c:/Users/me/app', '/home/me/code/app/c']],
    ['C:\\Users\\**', ['C:\\Users', 'c:\\users\\me\\app'], ['C:\\Usersx', 'D:\\Users\\me', '/Users/me']],
    ['c:/users/*/{app,site}', ['C:\\Users\\me\\App'], ['C:\\Users\\me\\app\\src', 'C:\\Users\\me\\x\\app']],
    ['\\\\wsl$\\Ubuntu\\srv', ['\\\\wsl$\\Ubuntu\\srv'], ['/wsl$/Ubuntu/srv']],
  ])('%s matches only the expected folders', (pattern, matching, others) => {
    const matches = projectFilter([pattern], PLACE);
    expect(matching.map((cwd) => [cwd, matches(at(cwd))])).toEqual(matching.map((cwd) => [cwd, true]));
    expect(others.map((cwd) => [cwd, matches(at(cwd))])).toEqual(others.map((cwd) => [cwd, false]));
  });

  test('given twice means either; a session of no known folder is in none', () => {
    const matches = projectFilter(['/a', '/b/**'], PLACE);
    expect(['/a', '/b/c', '/c', null].map((cwd) => matches(at(cwd)))).toEqual([true, true, false, false]);
  });

  test('means sessions of worktrees that were removed, unless worktrees are left out', () => {
    const removed = '/home/me/code/app/.claude/worktrees/feat';
    const members: ProjectMember[] = [
      at(removed),
      at(`${removed}/src`),
      { ...at('/tmp/worktree'), repository: '/home/me/code/app' },
      { ...at(removed), repository: '/home/me/code/app/packages/one' },
    ];
    const isHere = projectFilter(['.'], PLACE);
    expect(members.map(isHere)).toEqual([true, true, true, true]);
    expect(members.map(projectFilter(['.'], { ...PLACE, worktreesOf: null }))).toEqual([false, false, false, false]);
    expect(members.map(projectFilter(['packages/one'], PLACE))).toEqual([false, false, false, true]);
    expect(isHere(at('/home/me/code/app/.claude/worktrees'))).toBe(false);
  });

  test('of Windows means sessions of worktrees that were removed, and of no known folder', () => {
    const matches = projectFilter(['C:\\code\\app'], PLACE);
    expect(matches(at('c:\\code\\app\\.claude\\worktrees\\feat'))).toBe(true);
    expect(matches({ ...at('C:\\tmp\\feat'), repository: 'C:\\Code\\app' })).toBe(true);
    expect(matches({ ...at('C:\\tmp\\feat'), repository: 'C:\\code\\site' })).toBe(false);
    expect(matches(at(null, 'C--code-app'))).toBe(true);
    expect(matches(at(null, 'C--code-site'))).toBe(false);
  });

  test('means sessions of no known folder whose project dir is named after it', () => {
    const isHere = projectFilter(['.'], PLACE);
    const dirs = ['-home-me-code-app', '-home-me-code-app-wt', '-home-me-code', null];
    expect(dirs.map((dir) => isHere(at(null, dir)))).toEqual([true, true, false, false]);
    expect(isHere(at('/elsewhere', '-home-me-code-app'))).toBe(false);
  });

  test('is refused if it is empty', () => {
    expect(() => projectFilter(['', '~/code/*'], PLACE)).toThrow('project needs a value.');
  });

  test('finds the real folder behind a link', () => {
    const root = temporaryFolder('link');
    mkdirSync(join(root, 'real'));
    symlinkSync(join(root, 'real'), join(root, 'link'));
    expect(projectFilter([join(root, 'link')], PLACE)(at(join(root, 'real')))).toBe(true);
  });

  test('finds the folders below it, for a hint', () => {
    const below = belowFilter(['~/code', '~/x/*'], PLACE);
    expect(['/home/me/code/app', '/home/me/code', '/home/me/x/y', null].map((cwd) => below?.(at(cwd)))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(belowFilter(['~/x/*'], PLACE)).toBe(null);
  });
});
