import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { localSystem } from '../../src/system/system.js';
import type { Environment } from '../../src/claude/environment.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import { recoverMoves } from '../../src/sessions/move/move.js';
import { bin, requireBuild, root, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';
import { movingHome, sessionId, spilled, type MovingHome } from '../support/moving.js';
import { addFile, line } from '../support/transcripts.js';
import { KillMoments } from '../support/kill-moments.js';
import { rounds } from '../support/rounds.js';

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! NOT TESTED against the real Claude Code: ${reason}\n\n`);

const PRELOAD = ['--import', join(root, 'test/e2e/crash-at.mjs')];
const KILLS = rounds(60);

/**
 * A home with everything that a move can move: side folders, legacy agent files, tool results, memory, sessions of a
 * subfolder.
 */
function fullHome(sessions: number): MovingHome {
  const at = movingHome();
  for (const name of ['one', 'one/sub', 'two', 'two/sub']) at.make(name);
  for (let n = 1; n <= sessions; n++) {
    const folder = n === sessions ? 'one/sub' : 'one';
    const result = at.at(folder, `${sessionId(n)}/tool-results/b1.txt`);
    addFile('/', result, 'aaa');
    addFile(
      '/',
      at.at(folder, `agent-old${n}.jsonl`),
      line({ type: 'user', isSidechain: true, sessionId: sessionId(n) }),
    );
    at.session(n, folder, [spilled(result)]);
  }
  addFile('/', at.at('one', 'memory/MEMORY.md'), 'remember');
  return at;
}

/** Runs a move from one folder of the home to the other; `killAfterMs` ends it as a crash would. */
function moving(
  at: MovingHome,
  [from, to]: readonly [string, string],
  {
    env = {},
    killAfterMs = null,
    preload = [],
  }: { env?: Record<string, string>; killAfterMs?: number | null; preload?: string[] } = {},
): Promise<Run> {
  const args = [...preload, bin, 'move', at.folder(from), at.folder(to), '--yes', '--no-cache'];
  const child = spawn(process.execPath, args, {
    cwd: at.home,
    env: { PATH: process.env['PATH'] ?? '', HOME: at.home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run: Run = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (run.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (run.stderr += text));
  if (killAfterMs !== null) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((done) => void child.once('close', (code, signal) => done({ ...run, code, signal })));
}

const environmentOf = ({ home }: MovingHome): Environment => ({
  configDirs: resolveConfigDirs({ explicit: [], env: {}, home, cwd: home }),
  now: () => Date.now(),
  system: localSystem(),
  env: {},
  home,
  cwd: home,
});

/** Recovers interrupted moves, then expects each session whole, and only in the project dir of its recorded cwd. */
async function expectWhole(at: MovingHome, sessions: number, why: string): Promise<number> {
  await recoverMoves(environmentOf(at));
  const index = await openSessionIndex({ ...environmentOf(at), cacheDir: null });
  const records = index.records(index.rows, { footprint: false });
  expect(records.map(({ id }) => id).sort(), why).toEqual(Array.from({ length: sessions }, (_, n) => sessionId(n + 1)));
  expect(
    index.rows.every(({ resumable, damaged }) => resumable && !damaged),
    why,
  ).toBe(true);
  for (const { id, cwd, transcript } of records) {
    const folder = (cwd ?? '').slice(at.home.length + 1);
    const result = at.at(folder, `${id}/tool-results/b1.txt`);
    expect(transcript, why).toBe(at.at(folder, `${id}.jsonl`));
    expect(existsSync(result) && existsSync(at.at(folder, `agent-old${Number(id.slice(-2))}.jsonl`)), why).toBe(true);
    expect(readFileSync(transcript, 'utf8'), why).toContain(`"persistedOutputPath":"${result}"`);
  }
  const names = readdirSync(join(at.home, '.claude'), { recursive: true, encoding: 'utf8' });
  expect(
    names.filter((name) => /\.jsonl\..*\.tmp$|\/move\.journal$/.test(name)),
    why,
  ).toEqual([]);
  expect(
    names.filter((name) => name.endsWith('MEMORY.md')),
    why,
  ).toHaveLength(1);
  return records.filter(({ cwd }) => cwd?.startsWith(at.folder('two'))).length;
}

describe('an interrupted move', () => {
  beforeAll(requireBuild);

  it('by a crash at any change leaves each session whole in one folder, and the next run moves the rest', async () => {
    const sessions = 3;
    const at = fullHome(sessions);
    const [before, times] = [at.tree(), at.times()];
    const seen = new Set<number>();
    for (let n = 1; ; n++) {
      const { signal, code, stderr } = await moving(at, ['one', 'two'], {
        env: { CRASH_AT: String(n) },
        preload: PRELOAD,
      });
      if (signal === null) {
        expect([code, stderr, n > 40]).toEqual([0, '', true]);
        break;
      }
      const moved = await expectWhole(at, sessions, `killed before change ${n}`);
      seen.add(moved);
      if (n % 10 === 0) expect((await moving(at, ['one', 'two'])).code).toBe(moved === sessions ? 4 : 0);
      if (n % 10 === 0 || moved > 0) expect((await moving(at, ['two', 'one'])).code).toBe(0);
      expect(at.tree({ relocations: false })).toEqual(before);
      expect(at.times()).toEqual(times);
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3]);
  });

  it('by a full disk at any write leaves no incomplete file, and the next run with space moves the rest', async () => {
    const sessions = 2;
    const at = fullHome(sessions);
    const [before, times] = [at.tree(), at.times()];
    for (let n = 1; ; n++) {
      const { code } = await moving(at, ['one', 'two'], { env: { FULL_AT: String(n) }, preload: PRELOAD });
      if (code === 0) {
        expect(n).toBeGreaterThan(5);
        break;
      }
      expect([1, 3]).toContain(code);
      const moved = await expectWhole(at, sessions, `full at write ${n}`);
      if (moved > 0) expect((await moving(at, ['two', 'one'])).code).toBe(0);
      expect(at.tree({ relocations: false })).toEqual(before);
      expect(at.times()).toEqual(times);
      expect(readdirSync(join(at.home, '.claude/.ccsess')).filter((name) => name !== 'reserve')).toEqual([]);
    }
  });

  it(`by kill -9 at ${KILLS} random moments, while moving back and forth`, async () => {
    const sessions = 6;
    const at = fullHome(sessions);
    const [before, times] = [at.tree(), at.times()];
    const started = Date.now();
    expect((await moving(at, ['one', 'two'])).code).toBe(0);
    // Reading takes most of a run and changes nothing, so most kills come late.
    const moments = new KillMoments(Date.now() - started, 0.4);
    let killed = 0;
    for (let n = 0; n < KILLS; n++) {
      const [begun, killAfterMs] = [Date.now(), moments.draw()];
      const { signal } = await moving(at, n % 2 === 0 ? ['two', 'one'] : ['one', 'two'], { killAfterMs });
      killed += signal === null ? 0 : 1;
      moments.learn(signal !== null, Date.now() - begun);
      await expectWhole(at, sessions, `kill ${n} after ${killAfterMs} ms`);
    }
    expect(killed).toBeGreaterThan(KILLS / 10);
    await moving(at, ['two', 'one']);
    expect(at.tree({ relocations: false })).toEqual(before);
    expect(at.times()).toEqual(times);
  });
});

describe.skipIf(reason !== null)('the real Claude Code after a move', () => {
  let lab: ClaudeLab;
  beforeAll(async () => {
    requireBuild();
    lab = await openClaudeLab();
  });
  afterAll(async () => lab?.close());

  const claude = async (cwd: string, ...args: string[]): Promise<{ session_id: string; result: string }> => {
    const run = await lab.run([...args, '--output-format', 'json', '--allowedTools', 'Bash'], { cwd });
    expect(run).toMatchObject({ code: 0 });
    return JSON.parse(run.stdout) as { session_id: string; result: string };
  };
  const ccsess = (cwd: string, ...args: string[]): Promise<Run> =>
    lab.run([bin, ...args], { cwd, program: process.execPath });
  const lastAsked = async (): Promise<string> =>
    (await lab.asked())
      .at(-1)
      ?.messages.map(({ text }) => text)
      .join('\n') ?? '';

  it('continues with the full history by id, by name and with -c, after a move and after moving back', async () => {
    const [old, target] = [join(lab.work, 'old'), join(lab.work, 'new')];
    mkdirSync(join(old, 'sub'), { recursive: true });
    const named = await claude(old, '-p', 'The first question', '--name', 'Named one');
    const below = await claude(join(old, 'sub'), '-p', 'A question below');
    const newest = await claude(old, '-p', 'The newest question');
    renameSync(old, target);
    expect(await ccsess(target, 'move', old, target, '--yes')).toMatchObject({ code: 0, stderr: '' });

    expect((await claude(target, '-p', 'Continue with the newest', '-c')).session_id).toBe(newest.session_id);
    expect(await lastAsked()).toMatch(/The newest question[^]*Continue with the newest/);
    expect((await claude(target, '-p', 'Continue by id', '--resume', named.session_id)).session_id).toBe(
      named.session_id,
    );
    expect(await lastAsked()).toMatch(/The first question[^]*Continue by id/);
    expect((await claude(target, '-p', 'Continue by name', '--resume', 'Named one')).session_id).toBe(named.session_id);
    expect(await lastAsked()).toMatch(/The first question[^]*Continue by id[^]*Continue by name/);
    expect((await claude(join(target, 'sub'), '-p', 'Continue below', '-c')).session_id).toBe(below.session_id);
    expect(await lastAsked()).toMatch(/A question below[^]*Continue below/);

    renameSync(target, old);
    expect(await ccsess(old, 'move', target, old, '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect((await claude(old, '-p', 'Home again', '-c')).session_id).toBe(named.session_id);
    expect(await lastAsked()).toMatch(/The first question[^]*Continue by name[^]*Home again/);
    expect(JSON.parse((await ccsess(old, 'list', '--json')).stdout)).toMatchObject([
      { cwd: old },
      { cwd: join(old, 'sub') },
      { cwd: old },
    ]);
  });

  it('finds every session after a crash, before and after recovery', async () => {
    const [old, target] = [join(lab.work, 'crash-old'), join(lab.work, 'crash-new')];
    for (const path of [old, target]) mkdirSync(path);
    const ids: string[] = [];
    for (const n of [1, 2, 3]) ids.push((await claude(old, '-p', `Question ${n}`)).session_id);
    const run = await lab.run([...PRELOAD, bin, 'move', old, target, '--yes'], {
      cwd: target,
      program: process.execPath,
      env: { CRASH_TEXT: '"relocated"', CRASH_AT: '2' },
    });
    expect(run.signal).toBe('SIGKILL');
    const places = readdirSync(join(lab.configDir, 'projects'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('crash-'),
    );
    expect(
      ['old', 'new'].map(
        (name) => places.filter((path) => path.includes(`crash-${name}/`) && path.endsWith('.jsonl')).length,
      ),
    ).toEqual([1, 2]);
    for (const [at, id] of ids.entries()) {
      await claude(lab.work, '-p', 'Still there?', '--resume', id);
      expect(await lastAsked()).toMatch(new RegExp(`Question ${at + 1}[^]*Still there\\?`));
    }
    expect((await ccsess(target, 'move', old, target, '--yes')).code).toBe(0);
    for (const [at, id] of ids.entries()) {
      await claude(target, '-p', 'And now?', '--resume', id);
      expect(await lastAsked()).toMatch(new RegExp(`Question ${at + 1}[^]*Still there\\?[^]*And now\\?`));
    }
  });

  it('keeps apart two folders that share a project dir', async () => {
    const [dash, dot, target] = ['a-b', 'a.b', 'a_b'].map((name) => join(lab.work, name)) as [string, string, string];
    for (const path of [dash, dot, target]) mkdirSync(path);
    const moved = await claude(dash, '-p', 'Asked in a-b');
    const stays = await claude(dot, '-p', 'Asked in a.b');
    expect(await ccsess(target, 'move', dash, target, '--yes')).toMatchObject({ code: 0 });
    expect((await claude(target, '-p', 'Continue', '-c')).session_id).toBe(moved.session_id);
    expect((await claude(dot, '-p', 'Continue', '-c')).session_id).toBe(stays.session_id);
    expect((await claude(dash, '-p', 'Continue', '-c')).session_id).not.toBe(moved.session_id);
  });

  it('reads a large tool result from its new path, even in a fork that stayed', async () => {
    const [old, target] = [join(lab.work, 'big-old'), join(lab.work, 'big-new')];
    for (const path of [old, target]) mkdirSync(path);
    const script = JSON.stringify([
      { tools: [{ name: 'Bash', input: { command: 'head -c 40000 /dev/zero | tr "\\0" a', description: 'A lot' } }] },
    ]);
    const parent = await claude(old, '-p', `Make much\nscript: ${script}`);
    const fork = await claude(old, '-p', 'Another way', '--resume', parent.session_id, '--fork-session');
    expect(await ccsess(old, 'move', '--session', parent.session_id, target, '--yes')).toMatchObject({ code: 0 });
    for (const { session_id: id } of [parent, fork]) {
      const found = (await ccsess(target, 'path', id)).stdout.trim();
      const [told = ''] = /(?<="persistedOutputPath":")[^"]*/.exec(readFileSync(found, 'utf8')) ?? [];
      expect(told).toContain('-big-new/');
      expect(readFileSync(told, 'utf8')).toHaveLength(40_000);
    }
    expect((await claude(target, '-p', 'Continue', '-c')).session_id).toBe(parent.session_id);
    expect((await claude(old, '-p', 'Continue', '-c')).session_id).toBe(fork.session_id);
  });

  it('refuses to move while one is open, and moves once it was killed', async () => {
    const [old, target] = [join(lab.work, 'live-old'), join(lab.work, 'live-new')];
    for (const path of [old, target]) mkdirSync(path);
    const id = '5e551044-0000-4000-8000-000000005a11';
    const running = await lab.start(
      ['-p', `Take your time\nscript: ${JSON.stringify([{ text: 'late', delayMs: 120_000 }])}`, '--session-id', id],
      { cwd: old },
    );
    const attempt = (): Promise<Run> => ccsess(old, 'move', '--session', id, target, '--yes');
    await expect.poll(async () => (await attempt()).code, { timeout: 300_000, interval: 250 }).toBe(5);
    expect((await attempt()).stderr).toContain(`pid ${running.pid}`);
    process.kill(running.pid, 'SIGKILL');
    await running.ended;
    expect(await attempt()).toMatchObject({ code: 0 });
    expect((await claude(target, '-p', 'Continue', '--resume', id)).session_id).toBe(id);
    expect(await lastAsked()).toMatch(/Take your time[^]*Continue/);
  });
});
