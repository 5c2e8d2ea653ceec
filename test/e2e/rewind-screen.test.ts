import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ccsess, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab, type Terminal } from '../support/claude-lab.js';
import { snapshot, type Snapshot } from '../support/trees.js';

const tool = (name: string, input: object): object => ({ tools: [{ name, input }] });
const script = (...steps: object[]): string => `script: ${JSON.stringify(steps)}`;

/** Without it `claude -p` makes no checkpoints; the screen needs nothing. */
const checkpointing = { CLAUDE_CODE_ENABLE_SDK_FILE_CHECKPOINTING: '1' };
const TOOLS = ['--allowedTools', 'Bash,Edit,Write,Read'];
const COPY = { recursive: true, preserveTimestamps: true };
/** Time that Claude Code's screen takes to react to a key, in milliseconds; it swallows keys that come too early. */
const KEY_MS = 500;

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! The rewind screen NOT TESTED with the real Claude Code: ${reason}\n\n`);

describe.skipIf(reason !== null)("a rewind leaves the files that Claude Code's own screen leaves", () => {
  let lab: ClaudeLab;
  let saved: string;
  let id: string;

  beforeAll(async () => {
    lab = await openClaudeLab();
    saved = join(dirname(lab.work), 'saved');
    writeFileSync(file('old.txt'), 'old\n', { mode: 0o640 });
    id = await claude(`First\n${script(write('a.txt', 'one\n'), read('old.txt'), write('old.txt', 'new\n'))}`);
    const mode = tool('Bash', { command: 'chmod 755 a.txt', description: 'A command' });
    await claude(`Second\n${script(read('a.txt'), write('a.txt', 'two\n'), mode, write('b.txt', 'b\n'))}`, id);
    save('two prompts');
  });
  beforeEach(() => reset('two prompts'));
  afterAll(async () => lab?.close());

  const file = (path: string): string => join(lab.work, path);
  const write = (path: string, content: string): object => tool('Write', { file_path: file(path), content });
  const read = (path: string): object => tool('Read', { file_path: file(path) });
  const claude = async (text: string, session?: string): Promise<string> => {
    const resume = session === undefined ? [] : ['--resume', session];
    const run = await lab.run(['-p', text, '--output-format', 'json', ...resume, ...TOOLS], { env: checkpointing });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return (JSON.parse(run.stdout) as { session_id: string }).session_id;
  };
  const inLab = (...args: string[]): Promise<Run> =>
    ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work });
  const save = (state: string): void => {
    for (const folder of [lab.work, lab.configDir]) cpSync(folder, join(saved, state, basename(folder)), COPY);
  };
  const reset = (state: string): void => {
    for (const folder of [lab.work, lab.configDir]) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(saved, state, basename(folder)), folder, COPY);
    }
  };
  const tree = (): Snapshot =>
    Object.fromEntries(
      Object.entries(snapshot(lab.work)).map(([path, state]) => [path, state.replace(/^file (\d+) \d+ /, 'file $1 ')]),
    );

  const open = async (session: string): Promise<Terminal> => {
    const terminal = await lab.interactive(['--resume', session, ...TOOLS]);
    await terminal.shows(/❯/);
    return terminal;
  };
  const send = async (terminal: Terminal, text: string, answer: RegExp): Promise<string> => {
    await setTimeout(KEY_MS);
    await terminal.type(text);
    await setTimeout(KEY_MS);
    await terminal.press('Enter');
    return terminal.shows(answer);
  };
  /** Restores the files of the row of `/rewind` that begins with a word; returns the screen after it. */
  const restoreCode = async (session: string, word: string): Promise<string> => {
    const terminal = await open(session);
    const rows = /Restore the code and\/or conversation/;
    let screen = await send(terminal, '/rewind', rows);
    while (!screen.includes(`❯ ${word}`)) {
      await terminal.press('Up');
      await setTimeout(KEY_MS);
      screen = await terminal.shows(rows);
    }
    await terminal.press('Enter');
    await terminal.shows(/3\. Restore code$/m);
    await setTimeout(KEY_MS);
    await terminal.press('3');
    // The prompt is there again once the files are, or what could not be restored.
    const after = await terminal.shows(/^(?![\s\S]*Never mind)[\s\S]*(?:❯|Esc to cancel)/);
    await setTimeout(KEY_MS);
    await terminal.close();
    return after;
  };
  /** Rewinds with the screen, and with ccsess from the same state. */
  const compare = async (
    session: string,
    word: string,
    to: string,
    prepare: () => void = () => {},
  ): Promise<Outcome> => {
    save(session);
    const restored = (): Snapshot => {
      reset(session);
      prepare();
      return tree();
    };
    const before = restored();
    const screen = await restoreCode(session, word);
    const expected = tree();
    expect(restored()).toEqual(before);
    const ours = await inLab('rewind', session, '--to', to, '--yes');
    expect(tree()).toEqual(expected);
    expect(expected).not.toEqual(before);
    return { screen, ours };
  };

  it('in the session that /branch makes, before the branch', async () => {
    const terminal = await open(id);
    const screen = await send(terminal, '/branch', /in the new one \(([0-9a-f-]{36})\)/);
    const branch = /in the new one \(([0-9a-f-]{36})\)/.exec(screen)?.[1] ?? '';
    await send(terminal, script(write('c.txt', 'c\n'), { text: 'ready' }), /● ready/);
    await setTimeout(KEY_MS);
    await terminal.close();
    expect((await compare(branch, 'Second', '2')).ours).toMatchObject({ code: 0 });
    expect(tree()).toEqual({ 'a.txt': 'file 644 one\n', 'old.txt': 'file 640 new\n' });
  });

  it('after a compaction, with a link, a changed mode and a missing copy', async () => {
    await lab.run(['-p', '/compact', '--resume', id], { env: checkpointing });
    const edits = [read('a.txt'), write('a.txt', 'three\n'), read('b.txt'), write('b.txt', 'bb\n')];
    await claude(`Third\n${script(...edits, read('old.txt'), write('old.txt', 'newer\n'))}`, id);
    const history = join(lab.configDir, 'file-history', id);
    const { screen, ours } = await compare(id, 'Third', '1', () => {
      rmSync(file('a.txt'));
      symlinkSync('old.txt', file('a.txt'));
      chmodSync(file('old.txt'), 0o777);
      for (const name of readdirSync(history))
        if (readFileSync(join(history, name), 'utf8') === 'b\n') rmSync(join(history, name));
    });
    expect(screen).toContain("Couldn't restore 1 file");
    expect(screen).toContain('skipped 1 file');
    expect(ours).toMatchObject({ code: 3 });
    expect(ours.stderr).toContain('Left: a.txt, it is a symlink.\n');
    expect(ours.stderr).toContain('Left: b.txt, its copy is missing.\n');
    expect(tree()).toMatchObject({ 'old.txt': 'file 640 new\n' });
  });
});

interface Outcome {
  /** The last screen of Claude Code. */
  screen: string;
  ours: Run;
}
