import { describe, expect, test } from 'vitest';
import * as checkpoints from '../../../../src/cli/commands/checkpoints.js';
import * as files from '../../../../src/cli/commands/files.js';
import * as rewind from '../../../../src/cli/commands/rewind.js';
import { optionsOf } from '../../../support/options-of.js';

describe('files reads', () => {
  const read = (...argv: string[]) => optionsOf(files, files.readFilesOptions, argv);
  const PLAIN = { name: 'a', last: false, path: null, version: null, out: null, force: false };

  test.each([
    [['a'], PLAIN],
    [['a', 'b.ts'], { ...PLAIN, path: 'b.ts' }],
    [['--last', 'b.ts'], { ...PLAIN, name: undefined, last: true, path: 'b.ts' }],
    [
      ['a', 'b.ts', '--version', '2', '--out', 'c.ts', '--force'],
      { ...PLAIN, path: 'b.ts', version: 2, out: 'c.ts', force: true },
    ],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test.each([
    [['--last', 'a', 'b'], "unexpected argument 'b'."],
    [['a', '--version', '1'], '--version needs the path of a file.'],
    [['a', 'b', '--version', '0'], '--version 0: not a whole number of 1 or more.'],
    [['a', 'b', '--out', 'c'], '--out needs --version.'],
    [['a', 'b', '--version', '1', '--force'], '--force needs --out.'],
    [['a', 'b', '--version', '1', '--json'], '--version and --json cannot be combined.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('checkpoints reads', () => {
  const read = (...argv: string[]) => optionsOf(checkpoints, checkpoints.readCheckpointsOptions, argv);
  const PLAIN = { name: 'a', last: false, state: null, diff: false, files: [], all: false };

  test.each([
    [['a'], PLAIN],
    [['--last', '-a'], { ...PLAIN, name: undefined, last: true, all: true }],
    [
      ['a', '--at', '3', '--file', 'b', '--file', 'c'],
      { ...PLAIN, state: { at: '3', other: null }, files: ['b', 'c'] },
    ],
    [['a', '--at', '3', '--diff'], { ...PLAIN, state: { at: '3', other: null }, diff: true }],
    [['a', '--diff', '2..3'], { ...PLAIN, state: { at: '2', other: '3' }, diff: true }],
    [['--orphans'], { orphans: { name: null, files: [], toDir: null } }],
    [['a', '--orphans', '--file', 'b', '--to-dir', 'c'], { orphans: { name: 'a', files: ['b'], toDir: 'c' } }],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test.each([
    [['a', '--diff'], '--diff: name the states: --at <n> --diff, or --diff <n>..<m>.'],
    [['a', '--diff', '2'], '--diff 2: give two prompts as <n>..<m>.'],
    [['a', '--at', '1', '--diff', '2..3'], '--at and --diff <n>..<m> cannot be combined.'],
    [['--orphans', '--at', '1'], '--orphans and --at cannot be combined.'],
    [['--orphans', '--last'], '--orphans and --last cannot be combined.'],
    [['--orphans', '--to-dir', ''], '--to-dir needs a folder.'],
    [['a', '--to-dir', 'b'], '--to-dir needs --orphans.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('rewind reads', () => {
  const read = (...argv: string[]) => optionsOf(rewind, rewind.readRewindOptions, argv, { cwd: '/nowhere' });
  const RUN = { outside: false, force: false, yes: false, dryRun: false, trashDir: null, lockWaitMs: 0 };
  const PLAIN = { name: 'a', last: false, to: '3', files: 'all', names: [], toDir: null, fork: false, ...RUN };

  test.each([
    [['a', '--to', '3'], PLAIN],
    [['--last', '--to', '3', '--file', 'b'], { ...PLAIN, name: undefined, last: true, names: ['b'] }],
    [['a', '--to', '3', '--to-dir', 'new', '-n'], { ...PLAIN, toDir: 'new', dryRun: true }],
    [['a', '--to', '3', '--fork', '--outside'], { ...PLAIN, fork: true, outside: true }],
    [['a', '--to', '3', '--conversation'], { ...PLAIN, fork: true, files: 'none' }],
    [['--undo'], { name: undefined, last: false, undo: null, ...RUN }],
    [
      ['a', '--undo', 'b', '-y', '--force', '--trash-dir', 'bin', '--lock-wait', '1s'],
      { name: 'a', last: false, undo: 'b', ...RUN, yes: true, force: true, trashDir: '/nowhere/bin', lockWaitMs: 1000 },
    ],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test.each([
    [['a'], 'missing state: pass --to <n> (a prompt listed by ccsess checkpoints a), or --undo.'],
    [['a', '--last', '--to', '3'], "--last and 'a' each name a session: leave one out."],
    [['a', '--undo', 'b', '--to', '3'], '--undo and --to cannot be combined.'],
    [['a', '--to', '3', '--conversation', '--file', 'b'], '--conversation and --file cannot be combined.'],
    [['a', '--to', '3', '--to-dir', 'b', '--fork'], '--to-dir and --fork cannot be combined.'],
    [['a', '--to', '3', '--to-dir', ''], '--to-dir needs a folder.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});
