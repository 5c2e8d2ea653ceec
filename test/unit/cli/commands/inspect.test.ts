import { describe, expect, test } from 'vitest';
import * as forecast from '../../../../src/cli/commands/forecast.js';
import * as path from '../../../../src/cli/commands/path.js';
import * as pick from '../../../../src/cli/commands/pick.js';
import * as projects from '../../../../src/cli/commands/projects.js';
import * as show from '../../../../src/cli/commands/show.js';
import { optionsOf } from '../../../support/options-of.js';

describe('show reads', () => {
  const read = async (...argv: string[]) => {
    const { prices, ...options } = await optionsOf(show, show.readShowOptions, argv);
    expect(prices).toBeTypeOf('function');
    return options;
  };
  const PLAIN = {
    name: 'a',
    last: false,
    selection: { which: 'active' },
    view: 'messages',
    subagent: null,
    tools: false,
    thinking: false,
    redact: false,
    follow: false,
    jsonl: false,
    pager: undefined,
  };

  test.each([
    [['a'], PLAIN],
    [['--last'], { ...PLAIN, name: undefined, last: true }],
    [
      ['a', '--messages', 'all', '--head', '3', '--at', '2'],
      { ...PLAIN, selection: { which: 'all', head: 3, from: 2 } },
    ],
    [
      ['a', '--tail', '3', '-f', '--jsonl'],
      { ...PLAIN, selection: { which: 'active', tail: 3 }, follow: true, jsonl: true },
    ],
    [
      ['a', '--tools', '--thinking', '--redact', '--subagent', 'b', '--pager', 'less'],
      { ...PLAIN, tools: true, thinking: true, redact: true, subagent: 'b', pager: 'less' },
    ],
    [['a', '--context', '--no-pager'], { ...PLAIN, view: 'context', pager: false }],
    [['a', '--raw'], { ...PLAIN, view: 'raw' }],
    [['a', '--files'], { ...PLAIN, view: 'files' }],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test.each([
    [['a', '--last'], "--last and 'a' each name a session: leave one out."],
    [['a', '--messages', 'al'], '--messages al: not one of active, all (did you mean all?).'],
    [['a', '--head', 'x'], '--head x: not a whole number of 0 or more.'],
    [['a', '--at', '0'], '--at 0: not a whole number of 1 or more.'],
    [['a', '--raw', '--files'], '--raw and --files cannot be combined.'],
    [['a', '--head', '1', '--tail', '1'], '--head and --tail cannot be combined.'],
    [['a', '--context', '--jsonl'], '--context and --jsonl cannot be combined.'],
    [['a', '--raw', '--json'], '--raw and --json cannot be combined.'],
    [['a', '-f', '--json'], '--follow and --json cannot be combined: pass --jsonl for a message per line.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('path reads', () => {
  const read = (...argv: string[]) => optionsOf(path, path.readPathOptions, argv);

  test.each([
    [['a'], { name: 'a', last: false, wanted: 'transcript' }],
    [['--last', '--dir'], { name: undefined, last: true, wanted: 'dir' }],
    [['a', '--cwd'], { name: 'a', last: false, wanted: 'cwd' }],
    [['a', '-a'], { name: 'a', last: false, wanted: 'all' }],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test('two kinds of paths as a usage error', async () => {
    const message = '--dir, --cwd and --all cannot be combined.';
    await expect(read('a', '--dir', '-a')).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

test('projects reads its flags', async () => {
  const read = (...argv: string[]) => optionsOf(projects, projects.readProjectsOptions, argv);
  expect(await read()).toEqual({ limit: null, sort: 'activity', isReversed: false, jsonl: false });
  const flags = ['-L', '0', '--sort', 'size', '--reverse', '--jsonl'];
  expect(await read(...flags)).toEqual({ limit: 0, sort: 'size', isReversed: true, jsonl: true });
});

test('forecast reads a time ahead, seven days by default', async () => {
  const now = Date.parse('2026-11-28T12:00:00Z');
  const read = (...argv: string[]) => optionsOf(forecast, forecast.readForecastOptions, argv, { now });
  expect(await read()).toEqual({ nowMs: now, untilMs: Date.parse('2026-12-05T12:00:00Z'), limit: null });
  const untilMs = Date.parse('2026-11-28T14:00:00Z');
  expect(await read('--within', '2h', '-L', '5')).toEqual({ nowMs: now, untilMs, limit: 5 });
  const message = '--within 2020-01-01: not in the future.';
  await expect(read('--within', '2020-01-01')).rejects.toMatchObject({ code: 'USAGE', message });
});

test('pick reads a filter and an order', async () => {
  const read = (...argv: string[]) => optionsOf(pick, pick.readPickOptions, argv);
  expect(await read()).toEqual({ query: '', order: 'activity' });
  expect(await read('two', 'words', '--sort', 'cost')).toEqual({ query: 'two words', order: 'cost' });
});
