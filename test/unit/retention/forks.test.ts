import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Forks, type ForkCandidate } from '../../../src/retention/plan/forks.js';
import type { SessionRecord } from '../../../src/session-index/record.js';
import type { SessionIndex, SessionRow } from '../../../src/session-index/session-index.js';
import { temporaryFolder } from '../../support/temporary.js';
import { id } from '../claude/disk.js';

/** A session with tool results, that is a fork of another one, and whose lines name some sessions' tool results. */
interface Sketch {
  results?: boolean;
  of?: number;
  names?: string;
}

const results = (...ids: number[]): string =>
  ids.map((n) => `"/home/me/projects/-a/${id(n)}/tool-results/a"\n`).join('');

/**
 * Returns which of some sessions stay for which fork if `removed` are removed; `gone` are ids that no session has any
 * more.
 */
function inUse(sketches: Record<number, Sketch>, removed: readonly number[]): string[] {
  const folder = temporaryFolder('forks');
  const records = new Map<SessionRow, SessionRecord>();
  const candidates = Object.entries(sketches).map(([n, { results: has = false, of, names = '' }]): ForkCandidate => {
    const path = join(folder, `${n}.jsonl`);
    if (names !== 'unreadable') writeFileSync(path, names);
    const row = {
      file: { sideEntries: has ? ['tool-results'] : [] },
      forked: of !== undefined,
    } as unknown as SessionRow;
    const forkedFrom = of === undefined ? null : { id: id(of), messageUuid: null };
    records.set(row, { id: id(Number(n)), forkedFrom } as SessionRecord);
    return { id: id(Number(n)), row, path };
  });
  const asked: (readonly SessionRow[])[] = [];
  const index = {
    ids: () => candidates.map((each) => each.id),
    records: (rows: readonly SessionRow[]) => {
      asked.push(rows);
      return rows.map((row) => records.get(row));
    },
  } as unknown as SessionIndex;
  const forks = new Forks(index, candidates);
  const isRemoved = (each: ForkCandidate): boolean => removed.some((n) => id(n) === each.id);
  const found = forks.findParentsInUse(isRemoved);
  // A second call reads nothing again.
  expect(forks.findParentsInUse(isRemoved)).toEqual(found);
  expect(asked.length).toBeLessThan(2);
  for (const rows of asked) expect(rows.every((row) => row.forked)).toBe(true);
  return found.map(([parent, { code, detail }]) => {
    return `${code} ${Number(parent.id.slice(-4))} for ${Number((detail ?? '').slice(-4))}`;
  });
}

describe('a session to be removed stays for a fork that names its tool results', () => {
  test.each<[string, Record<number, Sketch>, number[], string[]]>([
    ['itself', { 1: { results: true }, 2: { of: 1, names: results(1) } }, [1], ['forked-from 1 for 2']],
    [
      'through other forks',
      { 1: { results: true }, 2: { of: 1 }, 3: { of: 2, names: results(9, 1) } },
      [1, 2],
      ['forked-from 1 for 3'],
    ],
    [
      'through one that is gone',
      { 1: { results: true }, 3: { of: 2, names: results(1) } },
      [1],
      ['forked-from 1 for 3'],
    ],
    [
      'one of several',
      {
        1: { results: true },
        2: { results: true, of: 1 },
        3: { of: 2, names: results(1, 2) },
        4: { of: 2, names: results(2) },
      },
      [1, 2],
      ['forked-from 1 for 3', 'forked-from 2 for 3', 'forked-from 2 for 4'],
    ],
  ])('%s', (_how, sketches, removed, expected) => {
    expect(inUse(sketches, removed)).toEqual(expected);
  });

  test.each<[string, Record<number, Sketch>, number[]]>([
    ['is removed too', { 1: { results: true }, 2: { of: 1, names: results(1) } }, [1, 2]],
    ['names no results', { 1: { results: true }, 2: { of: 1, names: `${id(1)}/tool-result/` } }, [1]],
    ['names those of others', { 1: { results: true }, 2: { of: 1, names: results(3) } }, [1]],
    ['cannot be read', { 1: { results: true }, 2: { of: 1, names: 'unreadable' } }, [1]],
    ['is of another session', { 1: { results: true }, 2: { of: 3, names: results(1) }, 3: {} }, [1]],
    ['is not a fork', { 1: { results: true }, 2: { names: results(1) } }, [1]],
    ['names results that do not exist', { 1: {}, 2: { of: 1, names: results(1) } }, [1]],
    ['is a fork of itself', { 1: { results: true, of: 1, names: results(1) } }, [1]],
    ['is in a circle', { 1: { results: true }, 2: { of: 3, names: results(1) }, 3: { of: 2 } }, [1]],
  ])('but not for one that %s', (_why, sketches, removed) => {
    expect(inUse(sketches, removed)).toEqual([]);
  });

  test('wherever the name is in a long transcript', () => {
    const name = results(1);
    const chunk = 256 * 1024;
    for (const before of [0, 1, chunk - 60, chunk - 30, chunk + 5, chunk + 49, chunk + 60, 3 * chunk]) {
      const sketches = {
        1: { results: true },
        2: { of: 1, names: `${'x'.repeat(before)}${name}${'y'.repeat(chunk)}` },
      };
      expect([before, inUse(sketches, [1])]).toEqual([before, ['forked-from 1 for 2']]);
    }
  });
});
