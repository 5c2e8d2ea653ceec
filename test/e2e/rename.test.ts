import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, ccsess, requireBuild, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';
import { addFile, promptLine } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';
import { KillMoments } from '../support/kill-moments.js';
import { rounds } from '../support/rounds.js';

const reason = whyNoClaude();
const id = (n: number): string => `4e4a3e00-0000-4000-8000-${String(n).padStart(12, '0')}`;

it('a disk that is full at the moment of writing changes nothing', () => {
  requireBuild();
  const home = temporaryFolder('full');
  const text = promptLine('x'.repeat(650));
  const path = addFile(home, `projects/-home-dev-app/${id(1)}.jsonl`, text);
  const { mtimeNs } = statSync(path, { bigint: true });
  // No file may grow beyond 1 KiB: the line fits in part.
  const full = 'ulimit -f 1; exec "$0" "$@"';
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', full, process.execPath, bin, '--config-dir', home, 'rename', id(1), 'y'.repeat(200)],
    { encoding: 'utf8', env: { HOME: home } },
  );
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: `ccsess: session ${id(1)} was not changed: ${path} cannot be written (EFBIG).\n`,
  });
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(Number(statSync(path, { bigint: true }).mtimeNs - mtimeNs)).toBeCloseTo(0, -4);
});

it('a kill at any moment leaves whole lines and loses none', async () => {
  requireBuild();
  const home = temporaryFolder('kill');
  const kills = rounds(60);
  const text = promptLine('Say hello');
  const path = addFile(home, `projects/-home-dev-app/${id(1)}.jsonl`, text);
  const rename = (title: string): ReturnType<typeof spawn> =>
    spawn(process.execPath, [bin, '--config-dir', home, 'rename', id(1), title], {
      env: { HOME: home },
      stdio: 'ignore',
    });
  const started = performance.now();
  await once(rename('whole'), 'exit');
  const moments = new KillMoments(performance.now() - started);
  for (let n = 0; n < kills; n++) {
    const begun = performance.now();
    const child = rename(`title ${n}`);
    const timer = setTimeout(() => child.kill('SIGKILL'), moments.draw());
    const [, signal] = (await once(child, 'exit')) as [unknown, string | null];
    clearTimeout(timer);
    moments.learn(signal !== null, performance.now() - begun);
  }
  const [first, ...titles] = readFileSync(path, 'utf8').split('\n');
  expect(`${first}\n`).toBe(text);
  expect(titles.pop()).toBe('');
  const named = titles.map((line) => JSON.parse(line) as { customTitle?: string; agentName?: string });
  expect(named.map(({ customTitle, agentName }) => customTitle ?? agentName)).toEqual(
    named.flatMap(({ customTitle }) => (customTitle === undefined ? [] : [customTitle, customTitle])),
  );
  // Some were killed, some were not.
  expect(titles.length).toBeGreaterThan(2);
  expect(titles.length).toBeLessThan(2 * kills);
  expect(JSON.parse(readFileSync(path.replace('.jsonl', '/custom-title.json'), 'utf8'))).toMatchObject({
    customTitle: expect.stringMatching(/^(?:whole|title \d+)$/) as string,
  });
});

describe.skipIf(reason !== null)('a session renamed, tagged or archived, for the real Claude Code', () => {
  let lab: ClaudeLab;
  beforeAll(async () => void (lab = await openClaudeLab()));
  afterAll(async () => lab?.close());

  const claude = (...args: string[]): Promise<Run> => lab.run(['-p', ...args]);
  const inLab = (...args: string[]): Promise<Run> =>
    ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work });
  const transcript = async (n: number): Promise<string> => (await inLab('path', id(n))).stdout.trim();
  /** The lines of a title in a transcript, each once, without the session's id. */
  const titleLines = async (n: number): Promise<string[]> => {
    const lines = readFileSync(await transcript(n), 'utf8')
      .split('\n')
      .filter((line) => /^\{"type":"(?:custom-title|agent-name)"/.test(line));
    return [...new Set(lines.map((line) => line.replaceAll(id(n), 'ID')))];
  };
  /** Returns the messages last sent to the model as `role: last line`, without the system's. */
  const shown = async (): Promise<string[]> =>
    ((await lab.asked()).at(-1)?.messages ?? [])
      .filter(({ role }) => role !== 'system')
      .map(({ role, text }) => `${role}: ${text.trim().split('\n').at(-1)}`);

  const begin = async (n: number, ...flags: string[]): Promise<void> => {
    expect(await claude(`Question ${n}`, '--session-id', id(n), ...flags)).toMatchObject({ code: 0, stderr: '' });
  };
  const expectResumed = async (n: number, name: string): Promise<void> => {
    expect(await claude(`More of ${n}`, '--resume', name)).toMatchObject({ code: 0, stdout: 'done\n' });
    expect(await shown()).toEqual([`user: Question ${n}`, 'assistant: done', `user: More of ${n}`]);
  };

  it('is resumed by its new title, in upper or lower case', async () => {
    await begin(1);
    expect(await inLab('rename', id(1), 'Übung "eins" 😀')).toMatchObject({ code: 0, stderr: '' });
    await expectResumed(1, 'übung "EINS" 😀');
  });

  it('is resumed by its id', async () => {
    await begin(2);
    await inLab('rename', id(2), 'Second');
    await inLab('tag', id(2), 'nightly');
    await inLab('archive', id(2));
    await expectResumed(2, id(2));
    expect((await inLab('tag', id(2))).stdout).toBe('nightly\n');
  });

  let serial = 10;
  it.each([
    'Plain',
    '  spaced  out ',
    'a\n\nb\tc',
    'a\u200bb\u2028c\u00adc',
    'esc\u001b[31m',
    '\u202eé "\\',
    `${'x'.repeat(199)}😀`,
  ])('has exactly the lines that --name %j writes', async (title) => {
    const [theirs, ours] = [serial++, serial++];
    await begin(theirs, '--name', title);
    await begin(ours);
    expect(await inLab('rename', id(ours), '--', title)).toMatchObject({ code: 0 });
    expect(await titleLines(ours)).toEqual(await titleLines(theirs));
    const [mine, its] = await Promise.all(
      [ours, theirs].map(
        async (n) => (JSON.parse((await inLab('path', id(n), '--json')).stdout) as { title: string }).title,
      ),
    );
    expect(mine).toBe(its);
  });

  it('is found by its title when much was written after it', async () => {
    await begin(3);
    const filler = `${JSON.stringify({ type: 'x-filler', sessionId: id(3), text: 'x'.repeat(2000) })}\n`;
    // More than the tail Claude Code reads, and before the title more than the head it reads.
    const path = await transcript(3);
    appendFileSync(path, filler.repeat(200));
    await inLab('rename', id(3), 'Far from the end');
    appendFileSync(path, filler.repeat(200));
    await expectResumed(3, 'Far from the end');
  });

  it('has no title after --clear', async () => {
    await begin(4, '--name', 'Given once');
    await inLab('rename', id(4), '--clear');
    expect((await claude('More', '--resume', 'Given once')).code).toBe(1);
    await expectResumed(4, id(4));
    expect((await inLab('rename', id(4), '--clear')).code).toBe(0);
  });

  it('renamed while it runs, keeps title and conversation', async () => {
    const slow = `Question 5\nscript: ${JSON.stringify([{ text: 'done', delayMs: 4000 }])}`;
    const running = await lab.start(['-p', slow, '--session-id', id(5)]);
    await expect
      .poll(async () => (await inLab('rename', id(5), 'While it ran')).code, { timeout: 300_000, interval: 100 })
      .toBe(0);
    expect((await inLab('list', '--live')).stdout).toContain(id(5));
    expect(await running.ended).toMatchObject({ code: 0, stdout: 'done\n' });
    expect(await claude('More of 5', '--resume', 'While it ran')).toMatchObject({ code: 0 });
    expect((await shown()).slice(1)).toEqual(['assistant: done', 'user: More of 5']);
  });

  it('archived, comes back with its next prompt', async () => {
    await begin(6);
    const archived = async (): Promise<boolean> =>
      (JSON.parse((await inLab('path', id(6), '--json')).stdout) as { archived: boolean }).archived;
    await inLab('archive', id(6));
    expect(await archived()).toBe(true);
    await expectResumed(6, id(6));
    expect(await archived()).toBe(false);
  });
});
