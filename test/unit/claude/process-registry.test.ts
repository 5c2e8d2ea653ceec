import { expect, test } from 'vitest';
import { readRegistry } from '../../../src/claude/live/process-registry.js';
import { disk } from './disk.js';

test('the pid in a registry file counts, or that of its name if the file has none', () => {
  const root = disk({ 'sessions/7.json': '{"pid":8}', 'sessions/9.json': '{}', 'sessions/9.abc.key': 'x' });
  expect(readRegistry(root, []).map(({ pid }) => pid)).toEqual([8, 9]);
});

test('a time that no date can hold is unknown', () => {
  const root = disk({
    'sessions/7.json': '{"updatedAt":1e300,"startedAt":-1e300}',
    'sessions/8.json': '{"updatedAt":5}',
  });
  expect(readRegistry(root, []).map(({ updatedAtMs, startedAtMs }) => [updatedAtMs, startedAtMs])).toEqual([
    [null, null],
    [5, null],
  ]);
});
