import { describe, expect, test } from 'vitest';
import * as move from '../../../../src/cli/commands/move.js';
import * as pin from '../../../../src/cli/commands/pin.js';
import * as rename from '../../../../src/cli/commands/rename.js';
import * as tag from '../../../../src/cli/commands/tag.js';
import { optionsOf } from '../../../support/options-of.js';

const PLAIN = { last: false, touch: false, dryRun: false };

describe('rename reads', () => {
  const read = (...argv: string[]) => optionsOf(rename, rename.readRenameOptions, argv);

  test.each([
    [['a', 'New title'], { ...PLAIN, name: 'a', title: 'New title' }],
    [['a', '--clear', '--touch'], { ...PLAIN, name: 'a', title: null, touch: true }],
    [['--last', 'New title', '-n'], { ...PLAIN, name: undefined, last: true, title: 'New title', dryRun: true }],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test.each([
    [[], 'missing title after the session (--clear removes the current one).'],
    [['a', 'New', 'title'], 'quote a title of several words: "New title".'],
    [['a', 'New', '--clear'], '--clear removes the title: do not pass a new one.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('tag reads', () => {
  const read = (...argv: string[]) => optionsOf(tag, tag.readTagOptions, argv);

  test.each([
    [['a'], { ...PLAIN, name: 'a', tag: undefined }],
    [['a', 'now'], { ...PLAIN, name: 'a', tag: 'now' }],
    [['--last', 'now', '-n'], { ...PLAIN, name: undefined, last: true, tag: 'now', dryRun: true }],
    [['a', '--clear', '--touch'], { ...PLAIN, name: 'a', tag: null, touch: true }],
  ])('%j', async (argv, options) => {
    expect(await read(...argv)).toEqual(options);
  });

  test.each([
    [['a', 'b', 'c'], 'a session has one tag; quote a tag of several words: "b c".'],
    [['a', 'b', '--clear'], '--clear removes the tag: do not pass a new one.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('move reads', () => {
  const read = (...argv: string[]) => optionsOf(move, move.readMoveOptions, argv);

  test('two folders, or one with --session', async () => {
    expect(await read('old', 'new')).toEqual({ subject: { from: 'old' }, to: 'new', dryRun: false, yes: false });
    expect(await read('new', '--session', 'a', '-n', '-y')).toEqual({
      subject: { session: 'a' },
      to: 'new',
      dryRun: true,
      yes: true,
    });
  });

  test.each([[[]], [['old']], [['a', 'b', 'c']]])('%j as a usage error', async (argv) => {
    const message = 'pass the old folder and the new one: ccsess move <old folder> <new folder>';
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });

  test.each([[['--session', 'a']], [['old', 'new', '--session', 'a']]])('%j as a usage error', async (argv) => {
    const message = 'with --session pass only the new folder: ccsess move --session <session> <new folder>';
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

test('commands on several sessions read names or --last', async () => {
  const read = (...argv: string[]) => optionsOf(pin, pin.readPinOptions, argv);
  expect(await read('a', 'b')).toEqual({ names: ['a', 'b'], last: false, dryRun: false });
  expect(await read('--last', '-n')).toEqual({ names: [], last: true, dryRun: true });
  const message = "--last and 'a' each name a session: leave one out.";
  await expect(read('a', '--last')).rejects.toMatchObject({ code: 'USAGE', message });
});
