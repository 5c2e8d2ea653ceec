import { describe, expect, test } from 'vitest';
import type { CleanupPolicy } from '../../../src/claude/cleanup/cleanup-policy.js';
import type { ConfigDir } from '../../../src/claude/model.js';
import { readPeriods } from '../../../src/retention/keep/cleanup-periods.js';
import type { SessionIndex } from '../../../src/session-index/session-index.js';
import { configDirs } from '../claude/disk.js';

const [ONE, TWO] = configDirs('/one', '/two') as [ConfigDir, ConfigDir];

const policy = (days: number | null, file: string | null = null): CleanupPolicy => ({
  ...{ days, desktopDays: null, skipped: null, file },
});

/** Days by config dir, including starts in folders with settings of their own. */
interface Settings {
  one: number | null;
  two: number | null;
}

/** An index of sessions in these folders, whose own settings set the days after which Claude Code deletes. */
function indexOf(own: Settings, folders: Record<string, Settings | null>): SessionIndex {
  const policyOf =
    ({ one, two }: Settings, file: string | null) =>
    ({ path }: ConfigDir): CleanupPolicy =>
      policy(path === ONE.path ? one : two, file);
  const inFolder = (folder: string): ReturnType<typeof policyOf> | null => {
    const settings = folders[folder] ?? null;
    return settings && policyOf(settings, folder === '/unnamed' ? null : `${folder}/settings.json`);
  };
  return {
    cwds: () => Object.keys(folders),
    cleanup: { of: policyOf(own, null), inFolder },
  } as unknown as SessionIndex;
}

describe('cleanup periods', () => {
  test('list the folders in which Claude Code deletes sooner, the soonest first, then by name', () => {
    const { shorter } = readPeriods(
      indexOf(
        { one: 30, two: 20 },
        {
          '/plain': null,
          '/longer': { one: 40, two: 40 },
          '/equal': { one: 30, two: 20 },
          '/never': { one: null, two: null },
          '/b': { one: 10, two: 10 },
          '/a': { one: 10, two: 10 },
          '/first': { one: 7, two: 5 },
          '/second': { one: 6, two: 9 },
          '/only one': { one: 25, two: 25 },
          '/unnamed': { one: 29, two: 29 },
        },
      ),
      [ONE, TWO],
    );
    expect(shorter.map(({ folder, file, days }) => [folder, file, days])).toEqual([
      ['/first', '/first/settings.json', 5],
      ['/second', '/second/settings.json', 6],
      ['/a', '/a/settings.json', 10],
      ['/b', '/b/settings.json', 10],
      ['/only one', '/only one/settings.json', 25],
      ['/unnamed', '/unnamed', 29],
    ]);
    expect(shorter.map(({ policyOf }) => policyOf(TWO).days)).toEqual([5, 9, 10, 10, 25, 29]);
  });

  test('are the shortest for each config dir, its own if no folder has a shorter one', () => {
    const folders = { '/a': { one: 10, two: null }, '/b': { one: 5, two: 50 }, '/c': { one: 8, two: 8 } };
    const { shortestOf } = readPeriods(indexOf({ one: 30, two: null }, folders), [ONE, TWO]);
    expect([shortestOf(ONE).days, shortestOf(TWO).days]).toEqual([5, 8]);
    const { shortestOf: unchanged } = readPeriods(indexOf({ one: 4, two: 3 }, folders), [ONE, TWO]);
    expect([unchanged(ONE).days, unchanged(TWO).days]).toEqual([4, 3]);
  });

  test('are shorter also where only one of the config dirs has a shorter one', () => {
    const { shorter } = readPeriods(indexOf({ one: null, two: 3 }, { '/a': { one: 12, two: 12 } }), [ONE, TWO]);
    expect(shorter.map(({ days }) => days)).toEqual([12]);
  });
});
