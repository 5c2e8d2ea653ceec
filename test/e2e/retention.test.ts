import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, ccsess, requireBuild, type Run } from '../support/built.js';
import { kill, openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';
import { ofSession, PROJECT, snapshot, writeSession, type Snapshot } from '../support/trees.js';
import { makeHome } from './sample-home.js';

const OLD = '2026-01-01T10:00:00.000Z';
const idOf = (n: number): string => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
const transcriptOf = (configDir: string, id: string): string => join(configDir, 'projects', PROJECT, `${id}.jsonl`);

/** A home with old sessions. */
function oldSessions(count: number): { home: string; configDir: string; ids: string[] } {
  const home = makeHome();
  const configDir = join(home, '.claude');
  const ids = Array.from({ length: count }, (_, n) => idOf(n));
  for (const id of ids) writeSession(configDir, id, OLD);
  return { home, configDir, ids };
}

/** Starts ccsess and kills it some time after it took its lock, unless it has already ended. */
async function killAfter(args: readonly string[], home: string, ms: number): Promise<boolean> {
  requireBuild();
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, TZ: 'UTC' },
    stdio: 'ignore',
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.once('close', (_code, signal) => done(signal)));
  const lock = join(home, '.claude/.ccsess/lock');
  const pause = (time: number): Promise<void> => new Promise((done) => void setTimeout(done, time));
  while (!existsSync(lock) && child.exitCode === null) await pause(1);
  await pause(ms);
  child.kill('SIGKILL');
  return (await ended) === 'SIGKILL';
}

it('a dry run writes nothing at all, not even to the cache', async () => {
  const {
    home,
    ids: [one = '', two = ''],
  } = oldSessions(2);
  await ccsess(['rm', two, '--yes'], { home });
  rmSync(join(home, '.cache'), { recursive: true });
  const before = snapshot(home);
  const commands = [
    'prune --older-than 30d',
    `rm ${one}`,
    `restore ${two}`,
    'trash empty',
    'recover',
    `pin ${one}`,
    `unpin ${one}`,
    `protect ${one}`,
  ];
  for (const words of commands) {
    for (const json of [[], ['--json']])
      expect(await ccsess([...words.split(' '), '-n', ...json], { home }), words).toMatchObject({ code: 0 });
    expect(snapshot(home), words).toEqual(before);
  }
});

describe('killing the process', () => {
  it('at random points of prune, restore and trash empty loses no session and duplicates none', async () => {
    const { home, configDir, ids } = oldSessions(40);
    // Recovery renews the times of sessions that a killed restore had brought back.
    const look = (): Snapshot =>
      Object.fromEntries(
        Object.entries(snapshot(configDir)).map(([path, what]) => [path, what.replace(/^(file \d+) \d+/, '$1')]),
      );
    const before = look();
    const isWhole = (now: Snapshot, id: string): boolean => {
      const found = ofSession(now, id);
      if (Object.keys(found).length === 0) return false;
      expect(found).toEqual(ofSession(before, id));
      return true;
    };
    const trashed = async (): Promise<string[]> =>
      (await ccsess(['trash'], { home })).stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.slice(0, 36));
    const recover = async (): Promise<void> => {
      expect(await ccsess(['recover'], { home })).toMatchObject({ code: 0, stderr: '' });
      const now = look();
      expect([...ids.filter((id) => isWhole(now, id)), ...(await trashed())].sort()).toEqual(ids);
    };
    let kills = 0;
    for (let round = 0; round < 6; round++) {
      kills += Number(
        await killAfter(
          [
            'prune',
            '--older-than',
            '30d',
            '--include-restored',
            '--yes',
            ...(round % 2 === 0 ? [] : ['--no-compress']),
          ],
          home,
          round * 12,
        ),
      );
      await recover();
      kills += Number(await killAfter(['restore', '@last-prune', '--keep-times'], home, round * 7));
      await recover();
      expect((await ccsess(['restore', '@last-prune', '--keep-times'], { home })).code).toBe(0);
    }
    expect(kills).toBeGreaterThan(3);
    expect((await ccsess(['prune', '--older-than', '30d', '--include-restored', '--yes'], { home })).code).toBe(0);
    await killAfter(['trash', 'empty', '--yes'], home, 3);
    expect((await ccsess(['recover'], { home })).code).toBe(0);
    expect((await ccsess(['restore', '@last-prune', '--keep-times'], { home })).code).toBe(0);
    const now = look();
    for (const id of ids) isWhole(now, id);
  });
});

describe('two runs at once', () => {
  it('one runs, and the other is refused or waits for it', async () => {
    const { home, configDir } = oldSessions(60);
    const prune = ['prune', '--older-than', '30d', '--yes', '--quiet'];
    const runs = await Promise.all([
      ccsess(prune, { home }),
      ccsess([...prune, '--lock-wait', '1min'], { home }),
      ccsess([...prune, '--lock-wait', '1min'], { home }),
    ]);
    expect([0, 5]).toContain(runs[0]?.code);
    expect(runs.slice(1).map(({ code }) => code)).toEqual([0, 0]);
    expect(readdirSync(join(configDir, 'projects', PROJECT))).toEqual([]);
    expect((await ccsess(['trash'], { home })).stdout.trimEnd().split('\n')).toHaveLength(60);
  });
});

describe('a process that writes while prune runs', () => {
  it('loses no line, and no session loses content', async () => {
    const { home, configDir, ids } = oldSessions(60);
    const firstLines = new Map(
      ids.map((id) => [id, readFileSync(transcriptOf(configDir, id), 'utf8').split('\n')[0] ?? '']),
    );
    const log = join(home, 'written.log');
    // The writer opens the file by name for each line, as Claude Code does, and creates it if it is gone. Some sessions
    // are deleted by another program.
    const writer = spawn(
      process.execPath,
      [
        '-e',
        `
      const fs = require('fs');
      const project = ${JSON.stringify(join(configDir, 'projects', PROJECT))};
      const ids = ${JSON.stringify(ids)};
      const written = (id) => fs.appendFileSync(${JSON.stringify(log)}, id + ' w' + n + '\\n');
      let n = 0;
      const step = () => {
        n += 1;
        const id = ids[(n * 7) % 40];
        const message = { role: 'user', content: 'Written ' + n };
        const entry = { type: 'user', uuid: 'w' + n, sessionId: id, cwd: '/home/dev/app', message };
        const line = JSON.stringify({ ...entry, timestamp: new Date().toISOString() }) + '\\n';
        if (n % 3 === 0) {
          fs.appendFileSync(project + '/' + id + '.jsonl', line, { mode: 0o600 });
          written(id);
        }
        if (n % 11 === 0) {
          const made = 'ffffffff-0000-4000-8000-' + String(n).padStart(12, '0');
          fs.writeFileSync(project + '/' + made + '.jsonl', line);
          written(made);
        }
        if (n % 13 === 0) fs.rmSync(project + '/' + id + '/custom-title.json', { force: true });
        setTimeout(step, 2);
      };
      step();`,
      ],
      { stdio: 'ignore' },
    );
    try {
      for (let round = 0; round < 4; round++) {
        const run = await ccsess(['prune', '--older-than', '30d', '--min-idle', '1min', '--yes', '--quiet'], { home });
        expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
      }
    } finally {
      writer.kill('SIGKILL');
    }
    const elsewhere = join(home, 'elsewhere');
    expect([0, 3]).toContain(
      (await ccsess(['restore', '@last-prune', '--to', elsewhere, '--keep-times'], { home })).code,
    );
    const moved = (await ccsess(['trash', '--json'], { home })).stdout;
    // Twenty sessions are never written to, so that some are moved, however fast the writer is.
    expect(ids.some((id) => moved.includes(id) || existsSync(transcriptOf(elsewhere, id)))).toBe(true);
    const textOf = (id: string): string =>
      [configDir, elsewhere]
        .map((dir) => transcriptOf(dir, id))
        .filter((path) => existsSync(path))
        .map((path) => readFileSync(path, 'utf8'))
        .join('');
    for (const entry of readFileSync(log, 'utf8').trimEnd().split('\n')) {
      const [id = '', uuid = ''] = entry.split(' ');
      expect(textOf(id), entry).toContain(`"uuid":"${uuid}"`);
    }
    for (const [id, line] of firstLines) expect(textOf(id).includes(line) || moved.includes(id), id).toBe(true);
  });
});

const reason = whyNoClaude();

describe.skipIf(reason !== null)('sessions of the real Claude Code', () => {
  let lab: ClaudeLab;
  beforeAll(async () => void (lab = await openClaudeLab()));
  afterAll(async () => lab?.close());

  const slowly = (text: string, delayMs: number): string =>
    `${text}\nscript: ${JSON.stringify([{ text: 'late', delayMs }])}`;
  const inLab = (args: readonly string[], { alone = false } = {}): Promise<Run> =>
    ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work, alone });
  const transcript = async (id: string): Promise<string> => (await inLab(['path', id])).stdout.trim();
  const live = async (id: string): Promise<unknown> =>
    (JSON.parse((await inLab(['list', '--json', '--live'])).stdout) as { id: string }[]).find(
      (session) => session.id === id,
    );
  const keyedBy = (id: string): string[] =>
    readdirSync(lab.configDir, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.includes(id) && !path.startsWith('.ccsess'),
    );

  it('a live session is kept, however old its files are; a killed one is removed, restored and resumed', async () => {
    const id = '5e551044-0000-4000-8000-00000000a201';
    // Otherwise Claude Code's own cleanup, a few seconds after its start, would delete the transcript, which is given
    // an old time below.
    writeFileSync(join(lab.configDir, '.last-cleanup'), new Date().toISOString());
    const running = await lab.start(['-p', slowly('Take your time', 120_000), '--session-id', id]);
    try {
      await expect.poll(() => live(id), { timeout: 300_000, interval: 250 }).toBeDefined();
      const path = await transcript(id);
      utimesSync(path, new Date(OLD), new Date(OLD));
      const refused = await inLab(['rm', id, '--yes']);
      expect(refused).toMatchObject({
        code: 5,
        stdout: '',
        stderr: expect.stringContaining(`live (pid ${running.pid})`) as string,
      });
      const plan = JSON.parse((await inLab(['prune', '--max-total', '1B', '-n', '--json'])).stdout) as {
        remove: unknown[];
        keep: { id: string; reasons: { code: string }[] }[];
      };
      expect(plan.remove).toEqual([]);
      expect(plan.keep.find((kept) => kept.id === id)?.reasons.map(({ code }) => code)).toContain('live');
      expect(existsSync(path)).toBe(true);
    } finally {
      kill(running.pid);
    }
    await running.ended;
    expect(readdirSync(join(lab.configDir, 'sessions'))).toContain(`${running.pid}.json`);
    expect(await inLab(['rm', id, '--yes'])).toMatchObject({ code: 0, stdout: `${id}\n`, stderr: '' });
    expect(keyedBy(id)).toEqual([]);
    expect(await inLab(['restore', id])).toMatchObject({ code: 0, stdout: `${id}\n` });
    const resumed = await lab.run(['-p', 'Continue', '--resume', id, '--output-format', 'json']);
    expect(resumed).toMatchObject({ code: 0 });
    const asked =
      (await lab.asked())
        .at(-1)
        ?.messages.map(({ text }) => text)
        .join('\n') ?? '';
    expect(asked).toContain('Take your time');
    expect(asked).toContain('Continue');
  });

  it('a session whose transcript was moved while Claude Code wrote to it is restored completely', async () => {
    const id = '5e551044-0000-4000-8000-00000000a202';
    const running = await lab.start(['-p', slowly('Before the move', 12_000), '--session-id', id]);
    await expect.poll(() => live(id), { timeout: 300_000, interval: 250 }).toBeDefined();
    await expect
      .poll(async () => readFileSync(await transcript(id), 'utf8').includes('Before the move'), { timeout: 300_000 })
      .toBe(true);
    // Simulates a run in another container, which sees neither the process nor its registry file, and which was killed
    // before its second check.
    const registry = join(lab.configDir, 'sessions', `${running.pid}.json`);
    renameSync(registry, `${registry}.hidden`);
    expect(await inLab(['rm', id, '--yes', '--no-compress'], { alone: true })).toMatchObject({ code: 0 });
    renameSync(`${registry}.hidden`, registry);
    const [{ key }] = JSON.parse((await inLab(['trash', '--json'])).stdout) as [{ key: string }];
    // The session is only a transcript, so its entry is a file.
    const entry = join(lab.configDir, '.ccsess/trash', `${key}-0`);
    renameSync(entry, `${entry}.moving`);
    writeFileSync(
      join(lab.configDir, '.ccsess/lock'),
      JSON.stringify({ pid: 0, startTime: '1', pidDomain: null, at: OLD, trashDirs: [] }),
    );
    await running.ended;
    expect(readFileSync(await transcript(id), 'utf8')).not.toContain('"type":"user"');
    expect(await inLab(['recover'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is back at its original path') as string,
    });
    expect(await lab.run(['-p', 'After it', '--resume', id, '--output-format', 'json'])).toMatchObject({ code: 0 });
    const asked =
      (await lab.asked())
        .at(-1)
        ?.messages.map(({ text }) => text)
        .join('\n') ?? '';
    for (const text of ['Before the move', 'late', 'After it']) expect(asked).toContain(text);
  });
});
