import { describe, expect, test } from 'vitest';
import * as list from '../../../../src/cli/commands/list.js';
import * as log from '../../../../src/cli/commands/log.js';
import * as prompts from '../../../../src/cli/commands/prompts.js';
import * as search from '../../../../src/cli/commands/search.js';
import * as stats from '../../../../src/cli/commands/stats.js';
import { PART_KINDS } from '../../../../src/search/text/parts.js';
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
const ALL_REASONS = ['headless', 'teammate', 'archived', 'notResumable'];

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
    alsoListed: [],
    filters: '',
    resolved: [],
    limit: null,
    byProject: false,
    isRedacted: false,
    form: 'lines',
  };

  test('no flags as all sessions', async () => {
    expect(await read([])).toEqual(PLAIN);
    expect(await read([], 80)).toEqual({ ...PLAIN, form: 'table' });
  });

  test('every filter', async () => {
    const { filters, ...options } = await read(['two', 'words', ...FILTERS, '--min-cost', '1.5']);
    const words = { words: ['two', 'words'], minCostUsd: 1.5 };
    expect(options).toMatchObject({ query: { ...FILTERED, ...words }, alsoListed: ALL_REASONS });
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
    [['-a'], { ...PLAIN, alsoListed: ALL_REASONS }],
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
    [['-L', 'x'], '--limit x: not a whole number (0 = all).'],
    [['--group-by', 'day'], '--group-by day: not one of project.'],
    [['--prices', '/nowhere/prices.json'], 'prices /nowhere/prices.json: no such file.'],
  ])('%j as an error', async (argv, message) => {
    await expect(read(argv)).rejects.toThrow(message);
  });
});

describe('prompts reads', () => {
  const read = (argv: string[], terminal?: number) =>
    optionsOf(
      prompts,
      prompts.readPromptsOptions,
      argv,
      terminal === undefined ? { now: NOW } : { now: NOW, terminal },
    );
  const PLAIN = {
    query: { sessions: {}, isSessionOnly: false, sinceMs: -Infinity, beforeMs: Infinity, words: [] },
    project: null,
    filters: '',
    resolved: [],
    limit: Infinity,
    all: true,
    isReversed: false,
    form: 'lines',
    isRedacted: false,
  };

  test('no flags as all prompts, but for the newest 30 of a table', async () => {
    expect(await read([])).toEqual(PLAIN);
    expect(await read([], 80)).toEqual({ ...PLAIN, limit: 30, all: false, form: 'table' });
  });

  test('filters of prompts and of their sessions', async () => {
    const { query, project, filters } = await read(['Two', 'words', '--since', '2h', '-p', '/a', ...FILTERS]);
    expect(query).toMatchObject({ isSessionOnly: true, sinceMs: NOW - 2 * HOUR, words: ['two', 'words'] });
    expect(query.sessions).toMatchObject(FILTERED);
    expect(project).toEqual(['/a']);
    expect(filters).toMatch(/^'Two words' -p \/a --since 2h /);
  });

  test.each([
    [['-a'], { ...PLAIN, limit: 30, form: 'table' }],
    [['-L', '0', '--reverse'], { ...PLAIN, all: false, isReversed: true, form: 'table' }],
    [['-L', '5', '--jsonl'], { ...PLAIN, limit: 5, form: 'jsonl' }],
    [['--json', '--redact'], { ...PLAIN, form: 'json', isRedacted: true }],
  ])('%j on a terminal', async (argv, options) => {
    expect(await read(argv, 80)).toEqual(options);
  });

  test('two forms as a usage error', async () => {
    const message = '--json and --jsonl cannot be combined.';
    await expect(read(['--json', '--jsonl'])).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('log reads', () => {
  const read = (argv: string[], terminal?: number) =>
    optionsOf(log, log.readLogOptions, argv, terminal === undefined ? { now: NOW } : { now: NOW, terminal });
  const DAY = 24 * HOUR;

  test('no flags as the last 24 hours', async () => {
    const plain = { projects: [], filters: '', all: false, limit: 0, isReversed: false, isRedacted: false };
    expect(await read([], 80)).toMatchObject({ ...plain, isMarkdown: false });
    const { query, isMarkdown } = await read([]);
    expect([query.sinceMs, query.beforeMs, query.isOpen, isMarkdown]).toEqual([NOW - DAY, Infinity, true, true]);
  });

  test('an end alone as the day before it', async () => {
    const { query } = await read(['--until', '2h']);
    expect([query.sinceMs, query.beforeMs, query.isOpen]).toEqual([NOW - 2 * HOUR - DAY, NOW - 2 * HOUR, false]);
  });

  test('filters of sessions, and flags', async () => {
    const { query, ...options } = await read(['--since', '2d', '-p', '/a', '-L', '3', '--md', ...FILTERS], 80);
    expect(query.sessions).toMatchObject(FILTERED);
    expect(options).toMatchObject({ projects: ['/a'], limit: 3, isMarkdown: true });
    expect(options.filters).toMatch(/^-p \/a --(?!since)/);
  });

  test.each([
    [['--json'], true],
    [['-a'], true],
    [['--kind', 'headless'], true],
    [['--live'], false],
  ])('%j as all kinds of sessions: %s', async (argv, all) => {
    expect((await read(argv, 80)).all).toBe(all);
  });
});

describe('search reads', () => {
  const read = (argv: string[], terminal?: number) => {
    const world = { now: NOW, env: { CLAUDE_CODE_SESSION_ID: 'here' } };
    return optionsOf(search, search.readSearchOptions, argv, terminal === undefined ? world : { ...world, terminal });
  };

  test('a query without flags', async () => {
    expect(await read(['two', 'words'])).toMatchObject({
      filter: {},
      project: null,
      alsoListed: [],
      filters: '',
      scope: { subagents: false, allBranches: false, sinceMs: -Infinity, beforeMs: Infinity, redact: false },
      sort: 'activity',
      form: 'lines',
      limit: Infinity,
      maxCount: Infinity,
      maxBytes: Infinity,
      excludedId: null,
      isRedacted: false,
      resolved: [],
    });
    expect(await read(['x'], 80)).toMatchObject({ form: 'screen', limit: 20, maxCount: 5 });
  });

  test('every flag', async () => {
    const scope = ['--in', 'all', '--subagents', '--all-branches', '--since', '2h', '--until', '1h', '--redact'];
    const shown = [
      '--sort',
      'relevance',
      '-L',
      '0',
      '--max-count',
      '3',
      '--max-bytes',
      '2K',
      '--not-current',
      '--jsonl',
    ];
    expect(await read(['x', '-p', '/a', ...FILTERS, ...scope, ...shown])).toMatchObject({
      filter: { ...FILTERED, sinceMs: NOW - 2 * HOUR },
      project: ['/a'],
      alsoListed: ALL_REASONS,
      scope: {
        kinds: [...PART_KINDS],
        subagents: true,
        allBranches: true,
        sinceMs: NOW - 2 * HOUR,
        beforeMs: NOW - HOUR,
        redact: true,
      },
      shown: [...PART_KINDS],
      sort: 'relevance',
      form: 'jsonl',
      limit: Infinity,
      maxCount: 3,
      maxBytes: 2048,
      excludedId: 'here',
      isRedacted: true,
    });
  });

  test('upper case in a word, -i, -s and -w as ways to compare', async () => {
    const term = async (...argv: string[]) => (await read(argv)).query.terms[0];
    expect(await term('Fix')).toMatchObject({ text: 'Fix', isExact: true, isWholeWord: false });
    expect(await term('fix')).toMatchObject({ text: 'fix', isExact: false });
    expect(await term('Fix', '-i', '-w')).toMatchObject({ isExact: false, isWholeWord: true });
    expect(await term('fix', '-s')).toMatchObject({ isExact: true });
  });

  test.each([
    [['x', '-i', '-s'], '--ignore-case and --case-sensitive cannot be combined.'],
    [['x', '-l', '-c'], '-l and -c cannot be combined.'],
    [['x', '--max-bytes', '1K', '-q'], '--max-bytes needs --json, --jsonl, -l, -c or a pipe.'],
    [['x', '--sort', 'size'], '--sort size: not one of activity, relevance.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('stats reads', () => {
  const read = async (...argv: string[]) => {
    const { zone, prices, ...options } = await optionsOf(stats, stats.readStatsOptions, argv, { now: NOW });
    expect([typeof zone.dayOf(NOW), prices.sources.length > 0]).toEqual(['number', true]);
    return options;
  };
  const PLAIN = {
    by: null,
    nowMs: NOW,
    range: {},
    resolved: [],
    project: null,
    touched: null,
    timeZone: null,
    limit: null,
    pricesFile: null,
    isRedacted: false,
    showsPrices: false,
    csv: false,
  };

  test.each([
    [[], PLAIN],
    [
      ['--by', 'day', '--by', 'model', '-p', '/a', '-L', '5', '--csv'],
      { ...PLAIN, by: ['day', 'model'], project: ['/a'], limit: 5, csv: true },
    ],
    [['--prices', '--tz', 'UTC'], { ...PLAIN, showsPrices: true, timeZone: 'UTC' }],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test('a range of days in the zone', async () => {
    const { range, resolved } = await read('--since', '2026-11-01', '--until', '2h', '--tz', 'UTC');
    expect(range).toEqual({ sinceMs: Date.parse('2026-11-01T00:00:00Z'), beforeMs: NOW - 2 * HOUR });
    expect(resolved.map((text) => text.replace(/ [A-Z].*/, ''))).toEqual([
      '--since 2026-11-01: from',
      '--until 2h: before',
    ]);
  });

  const PRICES = '--prices without a file shows the prices themselves: name a file, or leave out';
  test.each([
    [['--json', '--csv'], '--json and --csv cannot be combined.'],
    [['--prices', '--by', 'day'], `${PRICES} --by.`],
    [['--prices', '--csv'], `${PRICES} --csv.`],
    [['-L', 'x'], '--limit x: not a whole number (0 = all).'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});
