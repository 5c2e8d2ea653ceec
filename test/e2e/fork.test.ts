import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, ccsess, requireBuild, root, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type Asked, type ClaudeLab } from '../support/claude-lab.js';
import { answerLine, line, promptLine } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';
import { KillMoments } from '../support/kill-moments.js';
import { rounds } from '../support/rounds.js';

interface Result {
  session_id: string;
  result: string;
  is_error: boolean;
}
interface Listed {
  id: string;
  title: string;
  transcript: string;
  prompts: number;
  turns: number;
  tokens: { total: number };
  cwd: string;
  forkedFrom: { id: string } | null;
  problems: unknown[];
}

const bash = (command: string): object => ({ name: 'Bash', input: { command, description: 'A command' } });
const script = (text: string, ...steps: object[]): string => `${text}\nscript: ${JSON.stringify(steps)}`;

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! Forks NOT TESTED against the real Claude Code: ${reason}\n\n`);

describe.skipIf(reason !== null)('the real Claude Code continues a fork', () => {
  let lab: ClaudeLab;
  let parent: string;
  beforeAll(async () => {
    lab = await openClaudeLab();
    const step = {
      text: 'Three at once',
      tools: [bash('sleep 0.5; echo slow'), bash('echo quick'), bash('seq 1 9000')],
    };
    parent = (await claude(script('The first prompt', step, { text: 'first answer' }), '--name', 'Parent')).session_id;
    await claude('The second prompt', '--resume', parent);
  });
  afterAll(async () => lab?.close());

  const claude = async (text: string, ...flags: string[]): Promise<Result> => {
    const run = await lab.run(['-p', text, '--output-format', 'json', '--allowedTools', 'Bash', ...flags]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return JSON.parse(run.stdout) as Result;
  };
  const inLab = (args: readonly string[]): Promise<Run> =>
    ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work });
  const fork = async (...args: string[]): Promise<string> => {
    const run = await inLab(['fork', ...args]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return run.stdout.trim();
  };
  const list = async (id: string): Promise<Listed> =>
    (JSON.parse((await inLab(['list', '--json'])).stdout) as Listed[]).find((session) => session.id === id)!;
  /** Returns the messages that the API receives when a session is continued. */
  const sent = async (text: string, ...flags: string[]): Promise<Asked['messages']> => {
    const before = (await lab.asked()).length;
    await claude(text, ...flags);
    return (await lab.asked()).slice(before)[0]!.messages;
  };

  it('by id and by name, with what it would send for its own fork of the parent', async () => {
    const bytes = readFileSync((await list(parent)).transcript);
    const [first, second] = [await fork(parent), await fork('Parent')];
    expect(readFileSync((await list(parent)).transcript)).toEqual(bytes);
    const own = await sent('And on', '--resume', parent, '--fork-session', '--name', 'Its own fork');
    expect(own.flatMap(({ results }) => results)).toHaveLength(3);
    expect(await sent('And on', '--resume', first)).toEqual(own);
    expect(await sent('And on', '--resume', 'Parent (fork 2)')).toEqual(own);
    expect([await list(first), await list(second)]).toMatchObject([
      { title: 'Parent (fork)', prompts: 3 },
      { title: 'Parent (fork 2)', prompts: 3, forkedFrom: { id: parent } },
    ]);
  });

  it('by name with its title lines alone, and with its sidecar alone', async () => {
    const ids = [
      await fork(parent, '--title', 'By its lines'),
      await fork(parent, '--title', 'By its sidecar'),
    ] as const;
    const [lines, sidecar] = [(await list(ids[0])).transcript, (await list(ids[1])).transcript];
    rmSync(lines.replace('.jsonl', ''), { recursive: true });
    writeFileSync(sidecar, readFileSync(sidecar, 'utf8').split('\n').slice(2).join('\n'));
    expect((await claude('Hello', '--resume', 'By its lines')).session_id).toBe(ids[0]);
    expect((await claude('Hello', '--resume', 'By its sidecar')).session_id).toBe(ids[1]);
  });

  it('counts what it inherits: prompts, turns and tokens are those of its parent', async () => {
    const { prompts, turns, tokens } = await list(parent);
    expect(await list(await fork(parent))).toMatchObject({ prompts, turns, tokens, problems: [] });
  });

  it.each([
    ['1', ['The first prompt', 'first answer', 'Another way']],
    ['2', ['The first prompt', 'first answer', 'The second prompt', 'Another way']],
  ])('from prompt %s on', async (at, expected) => {
    const text = (await sent('Another way', '--resume', await fork(parent, '--at', at)))
      .map((message) => message.text)
      .join('\n');
    expect(
      ['The first prompt', 'first answer', 'The second prompt', 'Another way'].filter((part) => text.includes(part)),
    ).toEqual(expected);
  });

  it('cut anywhere among parallel calls: each call has its result', async () => {
    const shown = JSON.parse((await inLab(['show', parent, '--json'])).stdout) as {
      messages: { uuid: string; prompt: number }[];
    };
    for (const { uuid } of shown.messages.filter(({ prompt }) => prompt === 1)) {
      const messages = await sent('Cut here', '--resume', await fork(parent, '--at', uuid));
      expect(messages.flatMap(({ results }) => results).sort()).toEqual(messages.flatMap(({ calls }) => calls).sort());
    }
  });

  it('without its parent: saved tool output is stored with the fork', async () => {
    const own = await fork(parent);
    const text = readFileSync((await list(own)).transcript, 'utf8');
    const path = /"persistedOutputPath":"([^"]+)"/.exec(text)![1]!;
    expect(path).toContain(`/${own}/tool-results/`);
    expect(readFileSync(path, 'utf8')).toContain('\n9000');
    expect(text.match(new RegExp(`/${parent}/tool-results/`))).toBeNull();
  });

  it('in another folder by name and with -c, and not in a folder of the same key', async () => {
    const [folder, alike] = ['other place', 'other-place'].map((name) => join(realpathSync(lab.home), name)) as [
      string,
      string,
    ];
    for (const path of [folder, alike]) mkdirSync(path);
    const id = await fork(parent, '--cwd', folder, '--title', 'Elsewhere');
    expect(await list(id)).toMatchObject({ cwd: folder, title: 'Elsewhere' });
    const there = async (cwd: string, ...flags: string[]): Promise<Run> =>
      lab.run(['-p', 'Hello', '--output-format', 'json', ...flags], { cwd });
    const idOf = ({ stdout }: Run): string => (JSON.parse(stdout) as Result).session_id;
    expect(idOf(await there(folder, '-c'))).toBe(id);
    expect(idOf(await there(alike, '-c'))).not.toBe(id);
    expect(idOf(await there(folder, '--resume', 'Elsewhere'))).toBe(id);
    expect(await there(alike, '--resume', 'Elsewhere')).toMatchObject({ code: 1 });
    expect(idOf(await there(lab.work, '--resume', id))).toBe(id);
  });

  it('of every recorded session, compacted, interrupted, rewound or branched', async () => {
    const projects = join(lab.configDir, 'projects');
    for (const name of ['ui2', 'print'])
      cpSync(join(root, 'fixtures/recorded', name, 'projects'), projects, { recursive: true });
    for (const id of [
      '4dca0935-7fbc-4aeb-b7fd-2e4251682096',
      '0000000d-0000-4000-8000-000000000001',
      '00000001-0000-4000-8000-000000000001',
    ]) {
      const own = await sent('And on', '--resume', id, '--fork-session', '--name', `Own ${id}`);
      expect(await sent('And on', '--resume', await fork(id))).toEqual(own);
    }
  });

  it('opens it at once with --resume', async () => {
    const run = await lab.run(
      [bin, 'fork', parent, '--resume', '--title', 'Straight', '--', '-p', 'Go', '--output-format', 'json'],
      { program: process.execPath },
    );
    const { session_id: id } = JSON.parse(run.stdout) as Result;
    expect(run).toMatchObject({ code: 0, stderr: `${id}\n` });
    expect(await list(id)).toMatchObject({ title: 'Straight', prompts: 3 });
  });
});

describe('an interrupted fork', () => {
  const parent = '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33';
  const project = 'projects/-home-dev-app';
  let home: string;
  let bytes: Buffer;
  beforeAll(() => {
    requireBuild();
    home = temporaryFolder('fork');
    const turns = Array.from(
      { length: 400 },
      (_, n) =>
        promptLine(`prompt ${n} ${'x'.repeat(2000)}`, { sessionId: parent }) +
        answerLine(`msg_${n}`, 'y'.repeat(4000), { sessionId: parent }),
    );
    const side = join(home, project, parent);
    for (const folder of ['tool-results', 'subagents']) mkdirSync(join(side, folder), { recursive: true });
    for (let n = 0; n < 20; n++) {
      writeFileSync(join(side, 'tool-results', `b${n}.txt`), 'z'.repeat(100_000));
      writeFileSync(
        join(side, 'subagents', `agent-a${n}.jsonl`),
        promptLine('sub', { isSidechain: true, sessionId: parent }),
      );
    }
    writeFileSync(
      join(home, project, `${parent}.jsonl`),
      turns.join('') + line({ type: 'custom-title', customTitle: 'Big', sessionId: parent }),
    );
    bytes = readFileSync(join(home, project, `${parent}.jsonl`));
  });

  const env = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: home, CLAUDE_CONFIG_DIR: home });
  const sessions = (): string[] =>
    readdirSync(join(home, project)).filter((name) => name.endsWith('.jsonl') && name !== `${parent}.jsonl`);

  it('kill -9 leaves a whole fork or none, and the parent unchanged', async () => {
    const args = [bin, '--no-cache', 'fork', parent];
    const started = performance.now();
    await new Promise((done) => spawn(process.execPath, args, { env: env() }).once('close', done));
    const moments = new KillMoments(performance.now() - started);
    const kills = rounds(60);
    expect(sessions()).toHaveLength(1);
    const side = (id: string): string[] =>
      readdirSync(join(home, project, id), { recursive: true })
        .map(String)
        .sort();
    const complete = side(sessions()[0]!.replace('.jsonl', ''));
    let killed = 0;
    for (let round = 0; round < kills; round++) {
      const begun = performance.now();
      const child = spawn(process.execPath, args, { env: env(), stdio: 'ignore' });
      const timer = setTimeout(() => child.kill('SIGKILL'), moments.draw());
      const [, signal] = (await once(child, 'close')) as [unknown, string | null];
      clearTimeout(timer);
      if (signal === 'SIGKILL') killed++;
      moments.learn(signal === 'SIGKILL', performance.now() - begun);
      for (const name of sessions()) {
        const id = name.replace('.jsonl', '');
        const lines = readFileSync(join(home, project, name), 'utf8').split('\n');
        expect(lines.length).toBe(400 * 2 + 2 + 1);
        expect(side(id)).toEqual(complete);
        rmSync(join(home, project, name));
        rmSync(join(home, project, id), { recursive: true });
      }
    }
    expect(killed).toBeGreaterThan(kills / 4);
    expect(readFileSync(join(home, project, `${parent}.jsonl`))).toEqual(bytes);
    const listed = JSON.parse(
      (await ccsess(['list', '--json'], { home, env: { CLAUDE_CONFIG_DIR: home } })).stdout,
    ) as Listed[];
    expect(listed.map(({ id }) => id)).toEqual([parent]);
  });

  it('a full disk leaves no files', async () => {
    // Files of killed runs, which the next fork removes.
    const files = (): unknown[] =>
      readdirSync(home, { recursive: true }).filter((name) => !/\.tmp(?:\/|$)/.test(String(name)));
    const before = files();
    const command = `trap '' XFSZ; ulimit -f 500; exec "$0" "$@"`;
    const run = await new Promise<{ code: number | null; stderr: string }>((done) => {
      const child = spawn('bash', ['-c', command, process.execPath, bin, '--no-cache', 'fork', parent], { env: env() });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
      child.once('close', (code) => done({ code, stderr }));
    });
    expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ccsess: .*EFBIG.*\n$/) as string });
    expect(files()).toEqual(before);
  });
});
