import { describe, expect, test } from 'vitest';
import type { Context } from '../../../../src/cli/context.js';
import * as protect from '../../../../src/cli/commands/protect.js';
import * as prune from '../../../../src/cli/commands/prune.js';
import * as restore from '../../../../src/cli/commands/restore.js';
import * as rm from '../../../../src/cli/commands/rm.js';
import * as trash from '../../../../src/cli/commands/trash.js';
import { optionsOf } from '../../../support/options-of.js';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-28T12:00:00Z');
const WORLD = { now: NOW, home: '/nowhere/home', cwd: '/nowhere' };
const TRASH = ['--trash-dir', 'bin', '--lock-wait', '5min'];

describe('prune reads', () => {
  const read = (...argv: string[]) => {
    const given = argv.filter((word) => word.startsWith('--'));
    const readGiven = (flags: prune.PruneFlags, context: Context) => prune.readPruneOptions(flags, given, context);
    return optionsOf(prune, readGiven, argv, WORLD);
  };
  const RUN = { trashDir: null, lockWaitMs: 0, dryRun: false, quiet: false, keepTimes: false, asks: true };
  const POLICY = {
    before: null,
    largerThanBytes: null,
    promptsAtMost: null,
    empty: true,
    orphans: false,
    maxTotalBytes: null,
    keepLast: null,
    minIdle: { ms: 10 * MINUTE, text: '10min' },
    includeArchived: false,
    includeRestored: false,
    scope: { projects: [], isInProjects: null, kinds: [], title: null, tag: null },
    permanent: false,
    compress: true,
    trashTtl: { ms: 30 * 24 * 60 * MINUTE, text: '30d' },
  };

  test('one rule as a policy with defaults', async () => {
    expect(await read('--empty')).toEqual({ run: RUN, policy: POLICY, project: null, nowMs: NOW });
  });

  test('every flag', async () => {
    const rules = [
      '--older-than',
      '1h',
      '--larger-than',
      '1K',
      '--prompts-at-most',
      '2',
      '--orphans',
      '--max-total',
      '2K',
    ];
    const kept = ['--keep-last', '3', '--min-idle', '1min', '--include-archived', '--include-restored'];
    const scope = ['-p', '/a', '--worktrees', '--kind', 'headless', '--title', 'Fix', '--tag', 'now'];
    const how = ['-n', '-y', '-q', '--keep-times', '--permanent', '--no-compress', '--trash-ttl', 'never', ...TRASH];
    expect(await read(...rules, ...kept, ...scope, ...how)).toEqual({
      run: {
        trashDir: '/nowhere/bin',
        lockWaitMs: 5 * MINUTE,
        dryRun: true,
        quiet: true,
        keepTimes: true,
        asks: false,
      },
      policy: {
        ...POLICY,
        before: { ms: NOW - 60 * MINUTE, text: '1h' },
        largerThanBytes: 1024,
        promptsAtMost: 2,
        empty: false,
        orphans: true,
        maxTotalBytes: 2048,
        keepLast: 3,
        minIdle: { ms: MINUTE, text: '1min' },
        includeArchived: true,
        includeRestored: true,
        scope: { projects: ['/a'], isInProjects: expect.any(Function), kinds: ['headless'], title: 'Fix', tag: 'now' },
        permanent: true,
        compress: false,
        trashTtl: null,
      },
      project: ['/a'],
      nowMs: NOW,
    });
  });

  test('--apply as a saved plan', async () => {
    expect(await read('--apply', 'plan.json', '--permanent', '--no-compress')).toEqual({
      run: RUN,
      file: 'plan.json',
      permanent: true,
      compress: false,
    });
  });

  test.each([
    [[], 'prune needs a rule that selects sessions: pass one of the rules below.'],
    [
      ['--apply', '-', '--min-idle', '10min'],
      '--min-idle cannot be combined with --apply: the plan lists what is removed.',
    ],
    [
      ['--empty', '--lock-wait', 'x'],
      "--lock-wait x: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or 2026-11-01.",
    ],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('rm reads', () => {
  const read = (...argv: string[]) => optionsOf(rm, rm.readRmOptions, argv, WORLD);

  test('no flags as sessions that are moved to the trash after a confirmation', async () => {
    expect(await read('a', 'b')).toEqual({
      names: ['a', 'b'],
      last: false,
      run: { trashDir: null, lockWaitMs: 0, dryRun: false, quiet: false, keepTimes: false, asks: true },
      permanent: false,
      compress: true,
    });
  });

  test('every flag', async () => {
    expect(await read('--last', '-n', '-y', '--permanent', '--no-compress', ...TRASH)).toEqual({
      names: [],
      last: true,
      run: {
        trashDir: '/nowhere/bin',
        lockWaitMs: 5 * MINUTE,
        dryRun: true,
        quiet: false,
        keepTimes: false,
        asks: false,
      },
      permanent: true,
      compress: false,
    });
  });

  test.each([
    [['a', '--last'], "--last and 'a' each name a session: leave one out."],
    [['a', '--trash-dir', ''], 'trashDir: name a folder.'],
    [['a', '--lock-wait', '5'], '--lock-wait 5: missing unit, for example 5d (units: s min h d w mo y).'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('restore reads', () => {
  const read = (...argv: string[]) => optionsOf(restore, restore.readRestoreOptions, argv, WORLD);

  test('no flags as sessions that are restored to their original paths', async () => {
    expect(await read('a', 'b')).toEqual({
      names: ['a', 'b'],
      trashDir: null,
      lockWaitMs: 0,
      to: null,
      keepTimes: false,
      dryRun: false,
    });
  });

  test('every flag; --last is one more name, and ~ is the home', async () => {
    expect(await read('a', '--last', '--to', '~/other', '--keep-times', '-n', ...TRASH)).toEqual({
      names: ['a', '@last-prune'],
      trashDir: '/nowhere/bin',
      lockWaitMs: 5 * MINUTE,
      to: '/nowhere/home/other',
      keepTimes: true,
      dryRun: true,
    });
  });

  test.each([
    [[], 'no session given: pass an id, an id prefix or a title (see ccsess trash), or --last.'],
    [['a', '--to', ''], '--to needs a config dir.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('trash reads', () => {
  const read = (...argv: string[]) => optionsOf(trash, trash.readTrashOptions, argv, WORLD);
  const PLAIN = {
    action: 'list',
    name: null,
    trashDir: null,
    lockWaitMs: 0,
    rewinds: false,
    beforeMs: null,
    yes: false,
    dryRun: false,
  };

  test.each([
    [[], PLAIN],
    [['ls', '--rewinds'], { ...PLAIN, rewinds: true }],
    [['show', 'a'], { ...PLAIN, action: 'show', name: 'a' }],
    [['list', '--older-than', '1h'], { ...PLAIN, beforeMs: NOW - 60 * MINUTE }],
    [
      ['empty', '-y', '-n', ...TRASH],
      { ...PLAIN, action: 'empty', yes: true, dryRun: true, trashDir: '/nowhere/bin', lockWaitMs: 5 * MINUTE },
    ],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test.each([
    [['lst'], 'trash lst: not one of list, show, empty (did you mean list?).'],
    [['show'], 'trash show needs a session; ccsess trash lists them.'],
    [['empty', 'a'], 'trash empty takes no session: a.'],
    [['list', '-y'], 'trash list changes nothing: --yes and -n are for trash empty.'],
    [['show', 'a', '-n'], 'trash show changes nothing: --yes and -n are for trash empty.'],
    [['show', 'a', '--rewinds'], '--rewinds is for trash list, not for trash show.'],
    [['--older-than', '2030-01-01'], '--older-than 2030-01-01: not in the past, so it would select every session.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('protect reads', () => {
  const read = (...argv: string[]) => optionsOf(protect, protect.readProtectOptions, argv, WORLD);

  test('names, or all pinned sessions', async () => {
    expect(await read('a', '-n')).toEqual({ names: ['a'], last: false, pinned: false, dryRun: true });
    expect(await read('--pinned')).toEqual({ names: [], last: false, pinned: true, dryRun: false });
  });

  test.each([[[]], [['a', '--pinned']], [['--last', '--pinned']]])('%j as a usage error', async (argv) => {
    const message =
      argv.length === 0
        ? 'no session given: pass ids, titles or @N (row N of ccsess list), or --pinned.'
        : 'name sessions or pass --pinned, not both.';
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});
