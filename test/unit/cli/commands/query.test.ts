import { describe, expect, test } from 'vitest';
import * as list from '../../../../src/cli/commands/list.js';
import { optionsOf } from '../../../support/options-of.js';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const HOUR = 3_600_000;
/** Every filter that is not about time, as typed and as queried. */
const FILTERS = [
  [
    '--larger-than',
    '1K',
    '--kind',
    'headless',
    '--title',
    'fix',
    '--tag',
    '#now',
    '--branch',
    'main',
    '--model',
    'opus',
  ],
  ['--live', '--pinned', '--archived', '--empty', '--unresumable'],
].flat();
const FILTERED = {
  largerThanBytes: 1024,
  kinds: ['headless'],
  title: 'fix',
  tag: 'now',
  branch: 'main',
  model: 'opus',
  live: true,
  pinned: true,
  archived: true,
  empty: true,
  unresumable: true,
};
const ALL_RESERVES = ['headless', 'teammate', 'archived', 'notResumable'];

describe('list reads', () => {
  const read = async (argv: string[], terminal?: number) => {
    const world = { now: NOW, ...(terminal === undefined ? {} : { terminal }) };
    const { prices, ...options } = await optionsOf(list, list.readListOptions, argv, world);
    expect(prices).toBeTypeOf('function');
    return options;
  };
  const PLAIN = {
    query: {},
    project: null,
    reserves: [],
    filters: '',
    resolved: [],
    limit: null,
    byProject: false,
    form: 'lines',
  };

  test('no flags as all sessions', async () => {
    expect(await read([])).toEqual(PLAIN);
    expect(await read([], 80)).toEqual({ ...PLAIN, form: 'table' });
  });

  test('every filter', async () => {
    const { filters, ...options } = await read(['two', 'words', ...FILTERS, '--min-cost', '1.5']);
    const words = { words: ['two', 'words'], minCostUsd: 1.5 };
    expect(options).toMatchObject({ query: { ...FILTERED, ...words }, reserves: ALL_RESERVES });
    expect(filters).toMatch(/^'two words' --larger-than 1K .* --min-cost 1\.5$/);
  });

  test('ages as moments of this run', async () => {
    const { query, resolved } = await read(['--since', '2h', '--until', '1h', '--older-than', '90min']);
    expect(query).toEqual({ sinceMs: NOW - 2 * HOUR, beforeMs: NOW - 1.5 * HOUR });
    expect(resolved.map((text) => text.replace(/ [A-Z].*/, ''))).toEqual([
      '--since 2h: from',
      '--until 1h: before',
      '--older-than 90min: before',
    ]);
  });

  test('projects as a filter, and as typed', async () => {
    const { query, project, filters } = await read(['-p', '/a', '-p', '/b/*']);
    const isMeant = (cwd: string) => query.project?.({ cwd, repository: null, projectDir: null });
    expect(['/a', '/b/c', '/b', '/c'].map(isMeant)).toEqual([true, true, false, false]);
    expect({ project, filters }).toEqual({ project: ['/a', '/b/*'], filters: "-p /a -p '/b/*'" });
  });

  test.each([
    [['-a'], { ...PLAIN, reserves: ALL_RESERVES }],
    [['-L', '0', '--sort', 'size', '--reverse'], { ...PLAIN, limit: 0, query: { sort: 'size', reverse: true } }],
    [['--group-by', 'project', '--json'], { ...PLAIN, byProject: true, form: 'json' }],
    [['--jsonl'], { ...PLAIN, form: 'jsonl' }],
    [['--csv'], { ...PLAIN, form: 'csv' }],
  ])('%j', async (argv, options) => {
    expect(await read(argv)).toEqual(options);
  });

  test.each([
    [['--json', '--jsonl'], '--json and --jsonl cannot be combined.'],
    [['--jsonl', '--csv'], '--jsonl and --csv cannot be combined.'],
    [['--table', '--csv'], '--csv and --table cannot be combined.'],
    [['-L', 'x'], '--limit x: not a whole number (0 = all).'],
    [['--group-by', 'day'], '--group-by day: not one of project.'],
    [['--prices', '/nowhere/prices.json'], 'prices /nowhere/prices.json: no such file.'],
  ])('%j as an error', async (argv, message) => {
    await expect(read(argv)).rejects.toThrow(message);
  });
});
