import { linkSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../support/built.js';
import { whyNoClaude } from '../support/claude-lab.js';
import { RewindLab, script } from '../support/rewind-lab.js';
import type { Snapshot } from '../support/trees.js';

/** Number of prompts in the session. */
const LAST = 5;

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! Rewinds NOT TESTED against the real Claude Code: ${reason}\n\n`);

describe.skipIf(reason !== null)('a rewind produces the same files as that of the real Claude Code', () => {
  let here: RewindLab;
  let id: string;
  let fork: string;

  beforeAll(async () => {
    here = await RewindLab.open();
    id = await here.makeSession();
    fork = (await here.ccsess('fork', id)).stdout.trim();
    here.save(String(LAST));
  });
  afterAll(async () => here?.lab.close());

  /** Rewinds with Claude Code, and with ccsess from the same state. */
  const rewindBoth = async ({ to, after = LAST, session = id, prepare = () => {} }: Rewind): Promise<Outcome> => {
    const restore = (): void => {
      here.reset(String(after));
      prepare();
    };
    restore();
    const before = here.tree();
    const uuid = (await here.states(session)).find(({ prompt }) => prompt === to)?.messageUuid ?? '';
    const theirs = await here.claude('--resume', session, '--rewind-files', uuid);
    const expected = here.tree();
    restore();
    const ours = await here.ccsess('rewind', session, '--to', String(to), '--yes', '--outside');
    return { before, theirs, expected, ours, found: here.tree() };
  };

  it('for a session whose prompts edited, created and deleted files, by Bash too', () => {
    expect(here.tree()).toMatchObject({
      'work/run.sh': 'file 700 #!/bin/sh\n',
      'work/renamed.txt': 'file 600 first\nchanged\n',
    });
    here.reset('3');
    expect(readFileSync(here.file('sub/deep/data.bin'), 'latin1')).toBe('\u0000\u00ff\n\u0080');
  });

  it.each([
    [LAST, 1],
    [LAST, 2],
    [LAST, 3],
    [LAST, 4],
    [LAST, 5],
    [3, 2],
  ])('after prompt %i to prompt %i, and an undo restores the files', async (after, to) => {
    const { before, theirs, expected, ours, found } = await rewindBoth({ to, after });
    expect(theirs).toMatchObject({ code: 0 });
    expect(ours).toMatchObject({ code: 0 });
    expect(found).toEqual(expected);
    expect(found).not.toEqual(before);
    expect(await here.ccsess('rewind', '--undo', '--yes', '--outside')).toMatchObject({ code: 0 });
    expect(here.tree()).toEqual(before);
  });

  it.each<[string, string, (path: string) => void]>([
    ['symlink', 'it is a symlink', (path) => symlinkSync(here.file('untracked.txt'), path)],
    ['hard link', 'it has more than one hard link', (path) => linkSync(here.file('untracked.txt'), path)],
    ['folder', 'it is not a regular file', (path) => mkdirSync(path)],
  ])('with a %s in place of a tracked file', async (_, note, make) => {
    const { before, theirs, expected, ours, found } = await rewindBoth({
      to: 2,
      prepare: () => {
        const path = here.file('text.txt');
        rmSync(path);
        make(path);
      },
    });
    expect(theirs).toMatchObject({ code: 0 });
    expect(ours).toMatchObject({ code: 3, stderr: expect.stringContaining(`Left: text.txt, ${note}.\n`) as string });
    expect(found).toEqual(expected);
    expect(found).not.toEqual(before);
  });

  it('with a folder that was replaced by a link to another one', async () => {
    const { before, theirs, expected, ours, found } = await rewindBoth({
      to: 3,
      prepare: () => {
        mkdirSync(here.file('other/deep'), { recursive: true });
        symlinkSync('other', here.file('sub'));
      },
    });
    expect(theirs).toMatchObject({ code: 0 });
    expect(ours).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Left: sub/deep/data.bin, its folder ') as string,
    });
    expect(found).toEqual(expected);
    expect(found).not.toEqual(before);
  });

  const history = (): string => join(here.lab.configDir, 'file-history', id);
  it('with a missing backup', async () => {
    const { before, theirs, expected, ours, found } = await rewindBoth({
      to: 2,
      prepare: () => {
        const name = readdirSync(history()).find((each) =>
          readFileSync(join(history(), each), 'utf8').startsWith('one\ntwo'),
        );
        rmSync(join(history(), name!));
      },
    });
    expect(theirs).toMatchObject({ code: 0 });
    expect(ours).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Left: text.txt, its copy is missing.\n') as string,
    });
    expect(found).toEqual(expected);
    expect(found).not.toEqual(before);
  });

  it('without any backup', async () => {
    const { before, theirs, expected, ours, found } = await rewindBoth({
      to: 2,
      prepare: () => {
        rmSync(history(), { recursive: true });
      },
    });
    expect(theirs).toMatchObject({ code: 1 });
    expect(ours).toMatchObject({ code: 1 });
    expect(found).toEqual(expected);
    expect(found).toEqual(before);
  });

  it('of a fork', async () => {
    const { before, theirs, expected, ours, found } = await rewindBoth({ to: 2, session: fork });
    expect(theirs).toMatchObject({ code: 0 });
    expect(ours).toMatchObject({ code: 0 });
    expect(found).toEqual(expected);
    expect(found).not.toEqual(before);
  });

  it('of the fork that a rewind creates, which Claude Code can resume', async () => {
    here.reset(String(LAST));
    const run = await here.ccsess('rewind', id, '--to', '3', '--fork', '--yes', '--outside');
    expect(run).toMatchObject({ code: 0 });
    const own = run.stdout.trim();
    const requests = (await here.lab.asked()).length;
    expect(await here.prompt(script('Another way', here.write('later.md', 'Else\n')), '--resume', own)).toBe(own);
    const text = (await here.lab.asked())[requests]!.messages.map((message) => message.text).join('\n');
    expect(['Create\n', 'Edit\n', 'Delete files\n', 'Another way'].filter((part) => text.includes(part))).toEqual([
      'Create\n',
      'Edit\n',
      'Another way',
    ]);
    here.save('own');
    const { before, theirs, expected, ours, found } = await rewindBoth({ to: 2, after: 'own', session: own });
    expect(theirs).toMatchObject({ code: 0 });
    expect(ours).toMatchObject({ code: 0 });
    expect(found).toEqual(expected);
    expect(found).not.toEqual(before);
  });
});

interface Rewind {
  to: number;
  /** The prompt whose end is the state to start from. */
  after?: number | 'own';
  session?: string;
  /** Changes that state by hand. */
  prepare?: () => void;
}

interface Outcome {
  before: Snapshot;
  theirs: Run;
  expected: Snapshot;
  ours: Run;
  found: Snapshot;
}
