import { spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { projectKey } from '../../src/claude/project-key.js';
import { ccsess, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';
import { answerLine, promptLine } from '../support/transcripts.js';
import { makeHome } from './sample-home.js';

const DAY = 24 * 60 * 60 * 1000;
const ID = '11111111-0000-4000-8000-000000000001';
const OLDER = '22222222-0000-4000-8000-000000000002';

/** Starts a program in a folder that looks like `claude` in the list of processes. */
async function startStandIn(program: string, args: readonly string[], cwd: string): Promise<ChildProcess> {
  const child = spawn(program, args, { argv0: 'claude', cwd, stdio: 'ignore', detached: true });
  onTestFinished(() => void end(child));
  await expect
    .poll(() => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8'), { timeout: 300_000 })
    .toMatch(/^claude\0/);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => void child.once('exit', done));
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await ended;
}

describe.skipIf(process.platform !== 'linux')('a process like claude without a registry file', () => {
  /** A home with two sessions of one folder, days old. */
  function home(): { home: string; app: string; transcript: (id: string) => string } {
    const path = realpathSync(makeHome());
    const app = join(path, 'app');
    mkdirSync(app);
    const transcript = (id: string): string => join(path, '.claude/projects', projectKey(app), `${id}.jsonl`);
    for (const [id, days] of [
      [ID, 2],
      [OLDER, 3],
    ] as const) {
      const at = new Date(Date.now() - days * DAY);
      const members = { sessionId: id, cwd: app, timestamp: at.toISOString() };
      mkdirSync(join(transcript(id), '..'), { recursive: true });
      writeFileSync(transcript(id), promptLine(`First of ${id}`, members) + answerLine(`msg_${id}`, 'Yes', members), {
        mode: 0o600,
      });
      utimesSync(transcript(id), at, at);
    }
    return { home: path, app, transcript };
  }
  const live = async (at: string): Promise<string[]> =>
    (JSON.parse((await ccsess(['list', '--live', '--json'], { home: at })).stdout) as { id: string }[]).map(
      ({ id }) => id,
    );

  it('protects the session in its arguments; lines written after a removal are joined once it has ended', async () => {
    const at = home();
    const standIn = await startStandIn('bash', ['-c', 'while :; do sleep 1; done', '--resume', OLDER], at.app);
    expect(await live(at.home)).toEqual([OLDER]);
    expect(await ccsess(['rm', OLDER, '--yes'], at)).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining(`live (pid ${standIn.pid})`) as string,
    });
    expect(await ccsess(['prune', '--older-than', '1d', '--yes', '--quiet'], at)).toMatchObject({ code: 0 });
    expect([existsSync(at.transcript(OLDER)), existsSync(at.transcript(ID))]).toEqual([true, false]);
    expect(await ccsess(['resume', OLDER, '--print-command'], at)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`open in pid ${standIn.pid}`) as string,
    });
    await end(standIn);
    expect(await live(at.home)).toEqual([]);
    expect(await ccsess(['rm', OLDER, '--yes'], at)).toMatchObject({ code: 0, stdout: `${OLDER}\n` });
    const members = { sessionId: OLDER, cwd: at.app, timestamp: new Date().toISOString() };
    const late =
      promptLine('Late', { ...members, parentUuid: 'deadbeef-0000-4000-8000-000000000000' }) +
      answerLine('msg_late', 'Late too', members);
    writeFileSync(at.transcript(OLDER), late, { mode: 0o600 });
    expect(await ccsess(['restore', OLDER], at)).toMatchObject({ code: 0, stdout: `${OLDER}\n`, stderr: '' });
    const { messages } = JSON.parse((await ccsess(['show', OLDER, '--json', '--messages', 'all'], at)).stdout) as {
      messages: { text: string }[];
    };
    expect(messages.map(({ text }) => text)).toEqual([`First of ${OLDER}`, 'Yes', 'Late', 'Late too']);
  });

  it('protects the newest session of its folder and those changed since its start, with arguments lost', async () => {
    const at = home();
    const standIn = await startStandIn(
      process.execPath,
      ['-e', 'process.title = "claude"; setInterval(() => {}, 1000)', '--', '--resume', OLDER],
      at.app,
    );
    await expect
      .poll(() => readFileSync(`/proc/${standIn.pid}/cmdline`, 'utf8'), { timeout: 300_000 })
      .toMatch(/^claude\0+$/);
    expect(await live(at.home)).toEqual([ID]);
    appendFileSync(
      at.transcript(OLDER),
      promptLine('Now', { sessionId: OLDER, cwd: at.app, timestamp: new Date().toISOString() }),
    );
    utimesSync(at.transcript(OLDER), new Date(0), new Date(0));
    expect((await live(at.home)).sort()).toEqual([ID, OLDER]);
    for (const id of [ID, OLDER]) expect(await ccsess(['rm', id, '--yes'], at)).toMatchObject({ code: 5, stdout: '' });
  });
});

const reason = whyNoClaude();

describe.skipIf(reason !== null)('the real Claude Code without its registry file', () => {
  let lab: ClaudeLab;
  beforeAll(async () => void (lab = await openClaudeLab()));
  afterAll(async () => lab?.close());

  const inLab = (args: readonly string[], options: { alone?: boolean } = {}): Promise<Run> =>
    ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work, ...options });
  const registryFiles = (): string[] => {
    const folder = join(lab.configDir, 'sessions');
    return existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith('.json'))
          .map((name) => join(folder, name))
      : [];
  };
  const transcript = (id: string): string => join(lab.configDir, 'projects', projectKey(lab.work), `${id}.jsonl`);

  /** Deletes the only registry file, as a Claude Code in a container does, and returns the id of its session. */
  async function loseRegistryFile(): Promise<{ id: string; pid: number }> {
    await expect.poll(registryFiles, { timeout: 300_000, interval: 100 }).toHaveLength(1);
    const [file = ''] = registryFiles();
    await expect
      .poll(() => readFileSync(file, 'utf8'), { timeout: 300_000, interval: 100 })
      .toMatch(/"sessionId":"[^"]+"[^]*\}$/);
    const { sessionId: id, pid } = JSON.parse(readFileSync(file, 'utf8')) as { sessionId: string; pid: number };
    rmSync(file);
    return { id, pid };
  }

  it.each([
    ['without arguments', []],
    ['with --resume', ['--resume', ID]],
  ])('a UI started %s protects its session, and lines written after a removal are joined', async (_how, args) => {
    if (args.length > 0) expect(await lab.run(['-p', 'Zeroth prompt', '--session-id', ID])).toMatchObject({ code: 0 });
    const ui = await lab.interactive(args);
    await ui.shows(/❯/);
    const { id, pid } = await loseRegistryFile();
    const say = async (text: string): Promise<void> => {
      await ui.type(text);
      await ui.shows(new RegExp(`❯\\s${text}`));
      await ui.press('Enter');
      await expect
        .poll(
          () =>
            (existsSync(transcript(id)) ? readFileSync(transcript(id), 'utf8') : '')
              .split('"type":"assistant"')
              .at(-2) ?? '',
          { timeout: 300_000 },
        )
        .toContain(text);
    };
    await say('First prompt');
    rmSync(join(lab.configDir, 'sessions', `${pid}.json`), { force: true });

    expect(JSON.parse((await inLab(['list', '--live', '--json'])).stdout)).toMatchObject([
      { id, live: { pid, status: 'unknown' } },
    ]);
    expect(await inLab(['rm', id, '--yes'])).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining(`live (pid ${pid})`) as string,
    });
    const plan = JSON.parse(
      (await inLab(['prune', '--max-total', '1B', '--min-idle', '1min', '-n', '--json'])).stdout,
    ) as { keep: { id: string; reasons: { code: string }[] }[] };
    expect(plan.keep.find((kept) => kept.id === id)?.reasons[0]?.code).toBe('live');

    expect(await inLab(['rm', id, '--yes'], { alone: true })).toMatchObject({ code: 0, stdout: `${id}\n` });
    await say('Second prompt');
    expect(readFileSync(transcript(id), 'utf8')).not.toContain('First prompt');
    expect(await inLab(['restore', id])).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining(`it is live (pid ${pid})`) as string,
    });
    await ui.press('C-c', 'C-c');
    await ui.shows(/EXIT=0/);
    await ui.close();

    expect(await inLab(['restore', id])).toMatchObject({ code: 0, stdout: `${id}\n`, stderr: '' });
    expect(await lab.run(['-p', 'Third prompt', '--resume', id])).toMatchObject({ code: 0 });
    const sent =
      (await lab.asked())
        .at(-1)
        ?.messages.map(({ text }) => text)
        .join('\n') ?? '';
    const prompts = [...(args.length > 0 ? ['Zeroth prompt'] : []), 'First prompt', 'Second prompt', 'Third prompt'];
    expect(prompts.map((text) => [text, sent.split(text).length - 1])).toEqual(prompts.map((text) => [text, 1]));
  });
});
