import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../support/built.js';
import { whyNoClaude } from '../support/claude-lab.js';
import { RewindLab, script } from '../support/rewind-lab.js';
import { RewindScreen } from '../support/rewind-screen.js';
import type { Snapshot } from '../support/trees.js';

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! The rewind screen NOT TESTED with the real Claude Code: ${reason}\n\n`);

describe.skipIf(reason !== null)("a rewind to any prompt leaves the files that Claude Code's own screen leaves", () => {
  let here: RewindLab;
  let id: string;

  beforeAll(async () => {
    here = await RewindLab.open();
    id = await here.makeSession();
  });
  afterAll(async () => here?.lab.close());

  /**
   * Rewinds to each prompt with the screen, with `--rewind-files` and with ccsess, from the same state, and compares
   * the files. `prepare` changes that state by hand.
   */
  const compareAll = async (session: string, state: string, prepare: () => void = () => {}): Promise<Outcome[]> => {
    here.reset(state);
    const states = await here.states(session);
    prepare();
    const before = here.tree();
    const screen = await RewindScreen.open(here, session);
    const outcomes: Outcome[] = [];
    for (const { prompt, text } of states) {
      here.resetFiles(state);
      prepare();
      const shown = await screen.restore(text.split(/\s/)[0] ?? '');
      outcomes.push({ prompt, before, shown, tree: here.tree(), ours: null });
    }
    await screen.close();
    for (const [at, { prompt, messageUuid }] of states.entries()) {
      const outcome = outcomes[at]!;
      here.reset(state);
      prepare();
      await here.claude('--resume', session, '--rewind-files', messageUuid);
      expect([prompt, here.tree()]).toEqual([prompt, outcome.tree]);
      here.reset(state);
      prepare();
      outcome.ours = await here.ccsess('rewind', session, '--to', String(prompt), '--yes', '--outside');
      expect([prompt, here.tree()]).toEqual([prompt, outcome.tree]);
    }
    return outcomes;
  };

  const replace = (path: string, make: (path: string) => void): void => {
    rmSync(here.file(path), { recursive: true, force: true });
    make(here.file(path));
  };
  const numbersOf = (outcomes: readonly Outcome[]): number[] => outcomes.map(({ prompt }) => prompt);
  const codesOf = (outcomes: readonly Outcome[]): unknown[] => outcomes.map(({ ours }) => ours?.code);

  it('after edits, new and deleted files, a rename by Bash, binary files, changed modes, and outside', async () => {
    const outcomes = await compareAll(id, '5');
    expect(numbersOf(outcomes)).toEqual([1, 2, 3, 4, 5]);
    expect(codesOf(outcomes)).toEqual([0, 0, 0, 0, 0]);
    const trees = outcomes.map(({ tree }) => JSON.stringify(tree));
    expect(new Set([JSON.stringify(outcomes[0]!.before), ...trees]).size).toBe(6);
    expect(outcomes[0]!.tree).not.toHaveProperty('outside/made.txt');
    expect(outcomes[2]!.tree).toMatchObject({ 'work/old.txt': 'file 640 first\nchanged\n' });
    expect(outcomes[3]!.tree).toMatchObject({ 'work/sub/deep/data.bin': 'file 644 \u0000\u00ff\n\u0080' });
  });

  it.each<[string, string, (path: string) => void]>([
    ['symlink', 'it is a symlink', (path) => symlinkSync('untracked.txt', path)],
    ['hard link', 'it has more than one hard link', (path) => linkSync(here.file('untracked.txt'), path)],
    ['folder', 'it is not a regular file', (path) => mkdirSync(path)],
  ])('with a %s in place of a tracked file', async (_, note, make) => {
    const outcomes = await compareAll(id, '5', () => replace('text.txt', make));
    expect(codesOf(outcomes)).toEqual([3, 3, 3, 3, 3]);
    for (const { shown, ours, before, tree } of outcomes) {
      expect(shown).toContain('skipped 1 file');
      expect(ours?.stderr).toContain(`Left: text.txt, ${note}.\n`);
      expect(tree['work/text.txt']).toBe(before['work/text.txt']);
    }
  });

  it('with a missing copy', async () => {
    const history = join(here.lab.configDir, 'file-history', id);
    const outcomes = await compareAll(id, '5', () => {
      for (const name of readdirSync(history))
        if (readFileSync(join(history, name), 'utf8').startsWith('one\ntwo')) rmSync(join(history, name));
    });
    expect(codesOf(outcomes)).toEqual([0, 3, 0, 0, 0]);
    expect(outcomes[1]!.shown).toContain("Couldn't restore 1 file");
    expect(outcomes[1]!.ours?.stderr).toContain('Left: text.txt, its copy is missing.\n');
  });

  it('after a compaction', async () => {
    here.reset('5');
    await here.claude('-p', '/compact', '--resume', id);
    const edits = [here.read('text.txt'), here.write('text.txt', 'later\n'), here.write('last.txt', 'last\n')];
    await here.prompt(script('After', ...edits), '--resume', id);
    await here.prompt(script('Again', here.read('last.txt'), here.write('last.txt', 'lasting\n')), '--resume', id);
    here.save('compacted');
    const outcomes = await compareAll(id, 'compacted');
    expect(codesOf(outcomes)).toEqual([0, 0]);
    expect(outcomes[0]!.tree).toMatchObject({ 'work/text.txt': 'file 644 again\n' });
  });

  it('after a /rewind of the conversation and the files', async () => {
    here.reset('5');
    const screen = await RewindScreen.open(here, id);
    await screen.restore('Recreate', /(\d)\. Restore code and conversation$/m);
    // The input contains the text of that prompt again.
    await screen.terminal.press('C-c');
    await screen.send(script('Elsewhere', here.write('text.txt', 'else\n'), { text: 'ready' }), /● ready/);
    await screen.close();
    here.save('rewound');
    const outcomes = await compareAll(id, 'rewound');
    expect(numbersOf(outcomes)).toEqual([1, 2, 3, 4]);
    // Only the abandoned branch records that this file did not exist before; Claude Code skips it silently.
    expect(codesOf(outcomes)).toEqual([3, 3, 3, 0]);
    for (const { ours } of outcomes.slice(0, 3))
      expect(ours?.stderr).toMatch(/^Left: .*, its earlier content is not recorded\.$/m);
    expect(outcomes[3]!.tree).not.toHaveProperty('work/text.txt');
  });

  it('in the session that /branch makes', async () => {
    here.reset('5');
    const screen = await RewindScreen.open(here, id);
    const named = /in the new one \(([0-9a-f-]{36})\)/;
    const branch = named.exec(await screen.send('/branch', named))?.[1] ?? '';
    await screen.send(script('Branched', here.write('branched.txt', 'b\n'), { text: 'ready' }), /● ready/);
    await screen.close();
    here.save('branched');
    const outcomes = await compareAll(branch, 'branched');
    expect(numbersOf(outcomes)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(codesOf(outcomes)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(outcomes[5]!.tree).not.toHaveProperty('work/branched.txt');
  });

  it('in a fork, and in the fork of a rewind', async () => {
    here.reset('5');
    const fork = (await here.ccsess('fork', id)).stdout.trim();
    here.save('forked');
    expect(codesOf(await compareAll(fork, 'forked'))).toEqual([0, 0, 0, 0, 0]);
    here.reset('5');
    const run = await here.ccsess('rewind', id, '--to', '4', '--fork', '--yes', '--outside');
    const own = run.stdout.trim();
    await here.prompt(script('Another', here.write('later.md', 'Else\n')), '--resume', own);
    here.save('own');
    const outcomes = await compareAll(own, 'own');
    expect(numbersOf(outcomes)).toEqual([1, 2, 3, 4]);
    expect(codesOf(outcomes)).toEqual([0, 0, 0, 0]);
  });
});

interface Outcome {
  prompt: number;
  before: Snapshot;
  /** The last screen of Claude Code; null if it does not offer to restore files. */
  shown: string | null;
  /** The files after the rewind. */
  tree: Snapshot;
  ours: Run | null;
}
