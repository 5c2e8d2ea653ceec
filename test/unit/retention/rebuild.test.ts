import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rebuildSession } from '../../../src/retention/trash/rebuild.js';
import { disk, id } from '../claude/disk.js';

test('a description that is lost is inferred from at most 1000 files and folders of an entry', () => {
  const transcript = `{"type":"user","sessionId":"${id(1)}","cwd":"/home/dev/app"}\n`;
  const [runFolder, ...names] = ['2026-11-23T06-46-02Z-7f3a', '0', '999', '1000', '1001', 'notes'];
  const root = disk(Object.fromEntries(names.map((name) => [`${runFolder}/1/${name}`, transcript])));
  const named = { number: 1, state: 'kept', isBare: false } as const;
  const { roots, files } = rebuildSession({ runFolder: join(root, runFolder), named, configDir: '/config' });
  const project = 'projects/-home-dev-app';
  expect([roots.length, files]).toEqual([1000, 2]);
  expect([roots[0]?.path, roots[1]?.path, roots[1]?.nodes, roots[999]?.nodes.length]).toEqual([
    `${project}/${id(1)}.jsonl`,
    `${project}/${id(1)}/recovered/1`,
    [],
    1,
  ]);
});
