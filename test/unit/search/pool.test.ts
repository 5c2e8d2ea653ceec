import { describe, expect, test } from 'vitest';
import type { TranscriptFile } from '../../../src/claude/model.js';
import { plainBatch } from '../../../src/search/run/pool.js';

const FILE: TranscriptFile = {
  configDir: { path: '/c', projectsRoot: '/c/projects' } as TranscriptFile['configDir'],
  projectDir: '-p',
  id: 'a',
  path: '/c/projects/-p/a.jsonl',
  stamp: { size: 1, mtimeMs: 2, ctimeMs: 3, ino: 4 },
  isPlain: true,
  agents: [{ agentId: 'x', path: '/c/projects/-p/a/x.jsonl', stamp: { size: 1, mtimeMs: 2, ctimeMs: 3, ino: 4 } }],
  sideEntries: ['tool-results'],
};

describe('a batch for another thread', () => {
  test('arrives with every member of its files, also of those that the index works out when they are asked for', () => {
    const lazy = Object.create(
      Object.defineProperties(
        {},
        Object.fromEntries(Object.entries(FILE).map(([name, value]) => [name, { get: () => value as unknown }])),
      ) as object,
    ) as TranscriptFile;
    const sent = structuredClone(plainBatch({ number: 3, files: [{ file: lazy, limits: [], unfiltered: ['a'] }] }));
    expect(sent).toEqual({ number: 3, files: [{ file: FILE, limits: [], unfiltered: ['a'] }] });
  });
});
