import { cpSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ccsess, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';
import { snapshot, type Snapshot } from '../support/trees.js';

const tool = (name: string, input: object): object => ({ tools: [{ name, input }] });
const bash = (command: string): object => tool('Bash', { command, description: 'A command' });
const script = (text: string, ...steps: object[]): string => `${text}\nscript: ${JSON.stringify(steps)}`;

/** Without it `claude -p` makes no checkpoints, and `--rewind-files` restores none. */
const checkpointing = { CLAUDE_CODE_ENABLE_SDK_FILE_CHECKPOINTING: '1' };

/** Times are kept, since they say whether a file was written after the session. */
const COPY = { recursive: true, preserveTimestamps: true };

/** Number of prompts in the session. */
const LAST = 5;

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! Rewinds NOT TESTED against the real Claude Code: ${reason}\n\n`);

describe.skipIf(reason !== null)('a rewind leaves the files that the real Claude Code leaves', () => {
  let lab: ClaudeLab;
  let id: string;
  let fork: string;
  let saved: string;
  /** A folder that is not the session's. */
  let outside: string;

  beforeAll(async () => {
    lab = await openClaudeLab();
    saved = join(dirname(lab.work), 'saved');
    outside = join(dirname(lab.work), 'outside');
    mkdirSync(outside);
    const file = (path: string): string => join(lab.work, path);
    const write = (path: string, content: string): object => tool('Write', { file_path: file(path), content });
    const read = (path: string): object => tool('Read', { file_path: file(path) });
    const edit = (path: string, old: string, now: string): object =>
      tool('Edit', { file_path: file(path), old_string: old, new_string: now });
    writeFileSync(file('old.txt'), 'first\nsecond\n', { mode: 0o640 });
    writeFileSync(file('untracked.txt'), 'as it was\n');
    const prompts = [
      script('Make', write('text.txt', 'one\ntwo\n'), write('run.sh', '#!/bin/sh\n'), bash('chmod 755 run.sh')),
      script(
        'Edit',
        read('text.txt'),
        edit('text.txt', 'two', 'three'),
        read('old.txt'),
        edit('old.txt', 'second', 'changed'),
        write('sub/deep/data.bin', 'a\u0000\u0001\u001b[31m\u00ff\r\n'),
        tool('Write', { file_path: join(outside, 'made.txt'), content: 'outside\n' }),
      ),
      script(
        'Delete and change by Bash',
        bash('rm text.txt; chmod 600 old.txt; echo x >> untracked.txt'),
        bash(String.raw`printf '\000\377\n\200' > sub/deep/data.bin`),
      ),
      script(
        'Make again',
        write('text.txt', 'again\n'),
        write('later.md', '# Later\n'),
        bash('mv old.txt renamed.txt'),
      ),
      script('Remove', read('later.md'), edit('later.md', 'Later', 'Last'), bash('rm -r sub; chmod 700 run.sh')),
    ];
    for (const [at, prompt] of prompts.entries()) {
      id = await claude(prompt, ...(at === 0 ? [] : ['--resume', id]));
      if (at === prompts.length - 1) fork = (await inLab('fork', id)).stdout.trim();
      save(at + 1);
    }
  });
  afterAll(async () => lab?.close());

  const claude = async (text: string, ...flags: string[]): Promise<string> => {
    const tools = ['--allowedTools', 'Bash,Edit,Write,Read', '--add-dir', outside];
    const run = await lab.run(['-p', text, '--output-format', 'json', ...flags, ...tools], {
      env: checkpointing,
    });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return (JSON.parse(run.stdout) as { session_id: string }).session_id;
  };
  const inLab = (...args: string[]): Promise<Run> =>
    ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work });
  const uuids = new Map<string, Map<number, string>>();
  /** The uuid of a prompt of a session. */
  const uuidOf = async (session: string, prompt: number): Promise<string> => {
    if (!uuids.has(session)) {
      const { messages } = JSON.parse((await inLab('show', session, '--json')).stdout) as {
        messages: { kind: string; uuid: string; prompt: number }[];
      };
      const prompts = messages.filter(({ kind }) => kind === 'prompt');
      uuids.set(session, new Map(prompts.map((message) => [message.prompt, message.uuid])));
    }
    return uuids.get(session)!.get(prompt)!;
  };
  const save = (after: number | 'own'): void => {
    for (const folder of [lab.work, lab.configDir, outside])
      cpSync(folder, join(saved, String(after), basename(folder)), COPY);
  };
  /** Brings all files back to what they were after a prompt, in the same place: the paths in a session are absolute. */
  const reset = (after: number | 'own'): void => {
    for (const folder of [lab.work, lab.configDir, outside]) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(saved, String(after), basename(folder)), folder, COPY);
    }
  };
  /** Everything that a rewind can touch, without times: neither program keeps those. */
  const tree = (): Snapshot =>
    Object.fromEntries(
      [lab.work, outside].flatMap((folder) =>
        Object.entries(snapshot(folder)).map(([path, state]) => [
          join(basename(folder), path),
          state.replace(/^file (\d+) \d+ /, 'file $1 '),
        ]),
      ),
    );
  /** Rewinds with Claude Code, and with ccsess from the same state. */
  const rewindBoth = async ({ to, after = LAST, session = id, prepare = () => {} }: Rewind): Promise<Outcome> => {
    const restore = (): void => {
      reset(after);
      prepare();
    };
    restore();
    const before = tree();
    const uuid = await uuidOf(session, to);
    const theirs = await lab.run(['--resume', session, '--rewind-files', uuid], { env: checkpointing });
    const expected = tree();
    restore();
    const ours = await inLab('rewind', session, '--to', String(to), '--yes', '--outside');
    return { before, theirs, expected, ours, found: tree() };
  };

  it('for a session whose prompts did what they say, by Bash too', () => {
    expect(tree()).toMatchObject({
      'work/run.sh': 'file 700 #!/bin/sh\n',
      'work/renamed.txt': 'file 600 first\nchanged\n',
    });
    expect(readFileSync(join(saved, '3/work/sub/deep/data.bin'), 'latin1')).toBe('\u0000\u00ff\n\u0080');
  });

  it.each([
    [LAST, 1],
    [LAST, 2],
    [LAST, 3],
    [LAST, 4],
    [LAST, 5],
    [3, 2],
  ])('after prompt %i to prompt %i, and an undo brings back what was there', async (after, to) => {
    const { before, theirs, expected, ours, found } = await rewindBoth({ to, after });
    expect(theirs).toMatchObject({ code: 0 });
    expect(ours).toMatchObject({ code: 0 });
    expect(found).toEqual(expected);
    expect(found).not.toEqual(before);
    expect(await inLab('rewind', '--undo', '--yes', '--outside')).toMatchObject({ code: 0 });
    expect(tree()).toEqual(before);
  });

  it.each<[string, string, (path: string) => void]>([
    ['symlink', 'it is a symlink', (path) => symlinkSync(join(lab.work, 'untracked.txt'), path)],
    ['hard link', 'it has more than one hard link', (path) => linkSync(join(lab.work, 'untracked.txt'), path)],
    ['folder', 'it is not a regular file', (path) => mkdirSync(path)],
  ])('with a %s in the place of a tracked file', async (_, note, make) => {
    const { before, theirs, expected, ours, found } = await rewindBoth({
      to: 2,
      prepare: () => {
        const path = join(lab.work, 'text.txt');
        rmSync(path);
        make(path);
      },
    });
    expect(theirs).toMatchObject({ code: 0 });
    expect(ours).toMatchObject({ code: 3, stderr: expect.stringContaining(`Left: text.txt, ${note}.\n`) as string });
    expect(found).toEqual(expected);
    expect(found).not.toEqual(before);
  });

  it('with a folder that became a link to another one', async () => {
    const { before, theirs, expected, ours, found } = await rewindBoth({
      to: 3,
      prepare: () => {
        mkdirSync(join(lab.work, 'other/deep'), { recursive: true });
        symlinkSync('other', join(lab.work, 'sub'));
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

  const history = (): string => join(lab.configDir, 'file-history', id);
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

  it('of the fork that a rewind makes, which Claude Code resumes', async () => {
    reset(LAST);
    const run = await inLab('rewind', id, '--to', '3', '--fork', '--yes', '--outside');
    expect(run).toMatchObject({ code: 0 });
    const own = run.stdout.trim();
    const requests = (await lab.asked()).length;
    const write = tool('Write', { file_path: join(lab.work, 'later.md'), content: 'Else\n' });
    expect(await claude(script('Another way', write), '--resume', own)).toBe(own);
    const text = (await lab.asked())[requests]!.messages.map((message) => message.text).join('\n');
    expect(['Make\n', 'Edit\n', 'Delete and', 'Another way'].filter((part) => text.includes(part))).toEqual([
      'Make\n',
      'Edit\n',
      'Another way',
    ]);
    save('own');
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
