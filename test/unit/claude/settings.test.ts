import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cleanupPeriodDays } from '../../../src/claude/settings.js';
import { configDirs, disk } from './disk.js';

function days(user: string | null, managed: string | null = null): number | null {
  const root = disk();
  const files = { ...(user !== null && { 'settings.json': user }), ...(managed !== null && { 'managed.json': managed }) };
  const [configDir] = configDirs(disk(files));
  return cleanupPeriodDays(configDir!, managed === null ? join(root, 'none.json') : join(configDir!.path, 'managed.json'));
}

test('30 days unless the settings say otherwise', () => {
  expect(days(null)).toBe(30);
  expect(days('{}')).toBe(30);
  expect(days('{"cleanupPeriodDays":365}')).toBe(365);
  expect(days('{"cleanupPeriodDays":1}')).toBe(1);
});

test.each(['{"cleanupPeriodDays":0}', '{"cleanupPeriodDays":-5}', '{"cleanupPeriodDays":"90"}', '{"cleanupPeriodDays":null}', '{', '[]', ''])(
  'no cleanup runs with invalid settings: %s',
  (text) => {
    expect(days(text)).toBeNull();
  },
);

test('managed settings win over the user’s where they say anything', () => {
  expect(days('{"cleanupPeriodDays":365}', '{"cleanupPeriodDays":7}')).toBe(7);
  expect(days('{"cleanupPeriodDays":365}', '{}')).toBe(365);
  expect(days('{"cleanupPeriodDays":365}', '{"cleanupPeriodDays":0}')).toBeNull();
});

test('settings.json that is a folder is invalid', () => {
  const [configDir] = configDirs(disk({ 'settings.json/x': '' }));
  expect(cleanupPeriodDays(configDir!)).toBeNull();
});
