import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cleanupPeriodDays, cleanupPeriods, projectCleanupPeriod } from '../../../src/claude/settings.js';
import { configDirs, disk } from './disk.js';

function days(user: string | null, managed: string | null = null): number | null {
  const root = disk();
  const files = {
    ...(user !== null && { 'settings.json': user }),
    ...(managed !== null && { 'managed.json': managed }),
  };
  const [configDir] = configDirs(disk(files));
  return cleanupPeriodDays(
    configDir!,
    managed === null ? join(root, 'none.json') : join(configDir!.path, 'managed.json'),
  );
}

test('30 days unless the settings say otherwise', () => {
  expect(days(null)).toBe(30);
  expect(days('{}')).toBe(30);
  expect(days('{"cleanupPeriodDays":365}')).toBe(365);
  expect(days('{"cleanupPeriodDays":1}')).toBe(1);
});

test.each([
  '{"cleanupPeriodDays":0}',
  '{"cleanupPeriodDays":-5}',
  '{"cleanupPeriodDays":"90"}',
  '{"cleanupPeriodDays":null}',
  '{',
  '[]',
  '',
])('no cleanup runs with invalid settings: %s', (text) => {
  expect(days(text)).toBeNull();
});

test('managed settings win over the user’s where they say anything', () => {
  expect(days('{"cleanupPeriodDays":365}', '{"cleanupPeriodDays":7}')).toBe(7);
  expect(days('{"cleanupPeriodDays":365}', '{}')).toBe(365);
  expect(days('{"cleanupPeriodDays":365}', '{"cleanupPeriodDays":0}')).toBeNull();
});

test('settings.json that is a folder is invalid', () => {
  const [configDir] = configDirs(disk({ 'settings.json/x': '' }));
  expect(cleanupPeriodDays(configDir!)).toBeNull();
});

test('of config dirs that share their transcripts the shortest period counts for all', () => {
  const first = disk({ 'settings.json': '{"cleanupPeriodDays":50}', 'projects/x': '' });
  const second = disk({ 'settings.json': '{"cleanupPeriodDays":20}' });
  const third = disk({ 'settings.json': '{"cleanupPeriodDays":0}' });
  for (const root of [second, third]) symlinkSync(join(first, 'projects'), join(root, 'projects'));
  const alone = disk({ 'settings.json': '{"cleanupPeriodDays":5}' });
  const dirs = configDirs(first, second, third, alone);
  const { daysOf, isManaged } = cleanupPeriods(dirs, join(alone, 'none.json'));
  expect([...dirs.map(daysOf), isManaged]).toEqual([20, 20, 20, 5, false]);
  expect(cleanupPeriods(dirs, join(first, 'settings.json')).isManaged).toBe(true);
});

test.each<[string | null, string | null, number | null]>([
  [null, null, null],
  ['{"cleanupPeriodDays":2}', null, 2],
  ['{"cleanupPeriodDays":2}', '{"cleanupPeriodDays":9}', 9],
  ['{"cleanupPeriodDays":2}', '{}', 2],
  ['{"cleanupPeriodDays":2}', '{"cleanupPeriodDays":0}', null],
  ['{"cleanupPeriodDays":0}', '{"cleanupPeriodDays":9}', null],
])('a project with the settings %s and the local ones %s', (project, local, expected) => {
  const files = {
    ...(project !== null && { '.claude/settings.json': project }),
    ...(local !== null && { '.claude/settings.local.json': local }),
  };
  expect(projectCleanupPeriod(disk(files))?.days ?? null).toBe(expected);
});
