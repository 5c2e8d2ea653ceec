import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putBackStranded } from '../../../src/retention/restore/stranded.js';
import { configDirs, disk, id } from '../claude/disk.js';

const waiting = (name: string): string => `.ccsess-2026-11-23T06-46-02Z-7f3a-1-0~${name}~`;

test('files that no trash entry lists are put back, even if projects/ is a link', () => {
  const elsewhere = disk({
    [`-home-dev-app/${waiting(`${id(1)}.jsonl`)}`]: 'one',
    [`-home-dev-app/${waiting(`${id(2)}.jsonl`)}`]: 'two',
    '-home-dev-app/.ccsess-x-2-0': 'a copy half made',
  });
  const root = disk({ [`file-history/${waiting(id(1))}/a@v1`]: 'before' });
  symlinkSync(elsewhere, join(root, 'projects'));
  const known = join(root, 'projects/-home-dev-app', waiting(`${id(2)}.jsonl`));
  expect(putBackStranded(configDirs(root), new Set([known]))).toEqual([
    { id: id(1), configDir: root, projectDir: '-home-dev-app', error: null },
  ]);
  expect(readdirSync(join(root, 'file-history'))).toEqual([id(1)]);
  expect(readdirSync(join(elsewhere, '-home-dev-app')).sort()).toEqual(
    ['.ccsess-x-2-0', waiting(`${id(2)}.jsonl`), `${id(1)}.jsonl`].sort(),
  );
});

test('a staged link, or folder in place of a file, stays there, and its session is reported with the reason', () => {
  const root = disk({
    outside: '',
    [`projects/-a/${waiting(id(1))}/custom-title.json`]: '{}',
    [`projects/-a/${waiting(`${id(3)}.jsonl`)}`]: 'three',
  });
  const folder = join(root, 'projects/-a');
  const link = join(folder, waiting(`${id(1)}.jsonl`));
  symlinkSync(join(root, 'outside'), link);
  const odd = join(folder, waiting(`${id(2)}.jsonl`));
  mkdirSync(odd);
  const about = { configDir: root, projectDir: '-a' };
  expect(putBackStranded(configDirs(root), new Set()).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
    { id: id(1), ...about, error: `${link} is a link` },
    { id: id(2), ...about, error: `${odd} is not what a session has there` },
    { id: id(3), ...about, error: null },
  ]);
  expect(readdirSync(folder).sort()).toEqual([
    waiting(`${id(1)}.jsonl`),
    waiting(`${id(2)}.jsonl`),
    id(1),
    `${id(3)}.jsonl`,
  ]);
});
