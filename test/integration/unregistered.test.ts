import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunningProcess } from '../../src/system/process/process-table.js';
import { ownUid, type System } from '../../src/system/system.js';
import { NOW } from '../support/builders.js';
import { IDLE, run, type Outcome, type World } from '../support/context.js';
import { fullId, writeSession } from '../support/sessions.js';
import { temporaryHome } from '../support/transcripts.js';

const APP = '/home/dev/app';
const [OLD, NEW, OTHER] = [fullId('aaaaaaaa'), fullId('bbbbbbbb'), fullId('cccccccc')] as const;

/** Two sessions of one folder and one of another, all without activity for days. */
function home(): {
  configDir: string;
  run: (argv: readonly string[], world?: World) => Promise<Outcome>;
  there: () => string[];
} {
  const configDir = temporaryHome({});
  onTestFinished(() => rmSync(configDir.path, { recursive: true, force: true }));
  writeSession(configDir.path, { id: 'aaaaaaaa', days: 4, cwd: APP });
  writeSession(configDir.path, { id: 'bbbbbbbb', days: 3, cwd: APP });
  writeSession(configDir.path, { id: 'cccccccc', days: 2, cwd: '/home/dev/other' });
  const projects = join(configDir.path, 'projects');
  return {
    configDir: configDir.path,
    run: (argv, world = {}) => run(argv, { configDirs: [configDir], home: '/home/dev', cwd: '/home/dev', ...world }),
    there: () =>
      readdirSync(projects, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => name.slice(-42, -6))
        .sort(),
  };
}

/** A machine on which Claude Code runs in a folder, without a registry file; `asked` counts looks at its processes. */
function running(args: readonly string[], folder: string | null = APP): { system: System; asked: { count: number } } {
  const asked = { count: 0 };
  const claude: RunningProcess = {
    pid: 4242,
    uid: ownUid(),
    args,
    name: 'claude',
    program: null,
    folder,
    startedMs: NOW - 3_600_000,
  };
  return { asked, system: { ...IDLE, processes: () => (asked.count++, [claude]) } };
}

const NAMING_OLD = ['claude', '-c', 'a prompt', '--resume', OLD];
/** Any arguments, once Node has written its title over them. */
const WIPED = ['claude', '', '', ''];

describe('a session that a claude without a registry file names', () => {
  test('is live to list --live, show and current', async () => {
    const { run: ccsess } = home();
    const { system } = running(NAMING_OLD);
    expect((await ccsess(['list', '--live'], { system })).stdout).toMatch(new RegExp(`^${OLD}\\t.*\\t4242\\t.*\\n$`));
    expect(JSON.parse((await ccsess(['show', OLD, '--json'], { system })).stdout)).toMatchObject({
      session: { live: { pid: 4242, status: 'unknown' } },
    });
    expect(JSON.parse((await ccsess(['show', OTHER, '--json'], { system })).stdout)).toMatchObject({
      session: { live: null },
    });
    expect(await ccsess(['current'], { system, cwd: APP })).toMatchObject({ stdout: `${OLD}\n`, exitCode: 0 });
  });

  test('is not removed by rm, even with --permanent, while rm of another works', async () => {
    const { run: ccsess, there } = home();
    const { system } = running(NAMING_OLD);
    for (const flags of [[], ['--permanent']]) {
      expect(await ccsess(['rm', OLD, '--yes', ...flags], { system })).toMatchObject({
        stdout: '',
        exitCode: 5,
        stderr: expect.stringContaining('live (pid 4242)') as string,
      });
    }
    expect(await ccsess(['rm', OLD, NEW, '--yes'], { system })).toMatchObject({ stdout: `${NEW}\n`, exitCode: 3 });
    expect(there()).toHaveLength(2);
  });

  test('is kept by prune, and the reason is in the plan', async () => {
    const { run: ccsess, there } = home();
    const { system } = running(NAMING_OLD);
    const plan = JSON.parse((await ccsess(['prune', '--older-than', '1d', '--yes', '--json'], { system })).stdout) as {
      keep: { id: string; reasons: object[] }[];
      remove: { id: string; status: string }[];
    };
    expect(plan.keep).toMatchObject([{ id: OLD, reasons: [{ code: 'live', detail: 'pid 4242' }] }]);
    expect(plan.remove.map(({ id, status }) => [id, status])).toEqual([
      [NEW, 'removed'],
      [OTHER, 'removed'],
    ]);
    expect(there()).toHaveLength(1);
  });

  test('is not resumed a second time', async () => {
    const { run: ccsess } = home();
    expect(await ccsess(['resume', OLD, '--print-command'], { system: running(NAMING_OLD).system })).toMatchObject({
      stdout: '',
      exitCode: 5,
      stderr: expect.stringContaining('open in pid 4242') as string,
    });
    expect(await ccsess(['resume', NEW, '--print-command'], { system: running(NAMING_OLD).system })).toMatchObject({
      exitCode: 0,
    });
  });

  test('is not moved', async () => {
    const { configDir, run: ccsess } = home();
    const to = join(configDir, 'moved');
    mkdirSync(to);
    expect(await ccsess(['move', '--session', OLD, to, '--yes'], { system: running(NAMING_OLD).system })).toMatchObject(
      { exitCode: 5, stderr: expect.stringContaining('pid 4242') as string },
    );
  });

  test('may be renamed, and then keeps the time of the change', async () => {
    const { run: ccsess } = home();
    expect(await ccsess(['rename', OLD, 'A name'], { system: running(NAMING_OLD).system })).toMatchObject({
      exitCode: 0,
    });
    const { modifiedAt } = (
      JSON.parse((await ccsess(['show', OLD, '--json'])).stdout) as { session: { modifiedAt: string } }
    ).session;
    expect(Date.parse(modifiedAt)).toBeGreaterThan(NOW - 86_400_000);
  });
});

describe('a claude whose arguments name no session', () => {
  test('holds the newest session of its folder, and no other', async () => {
    const { run: ccsess, there } = home();
    const { system } = running(WIPED);
    expect((await ccsess(['list', '--live'], { system })).stdout.split('\t')[0]).toBe(NEW);
    expect(await ccsess(['rm', NEW, '--yes'], { system })).toMatchObject({ exitCode: 5 });
    expect(await ccsess(['prune', '--older-than', '1d', '--yes'], { system })).toMatchObject({
      stderr: '',
      exitCode: 0,
    });
    expect(there()).toEqual([NEW]);
  });

  test('holds the sessions of its folder that changed since it started', async () => {
    const { configDir, run: ccsess } = home();
    writeSession(configDir, { id: 'dddddddd', days: 0.01, cwd: APP });
    writeSession(configDir, { id: 'eeeeeeee', days: 0.02, cwd: APP });
    const { system } = running(WIPED);
    expect((await ccsess(['list', '--live', '--json'], { system })).stdout.match(/"id":"\w{8}/g)).toEqual([
      '"id":"dddddddd',
      '"id":"eeeeeeee',
    ]);
    expect(await ccsess(['rm', fullId('eeeeeeee'), '--yes'], { system })).toMatchObject({ exitCode: 5 });
  });

  test('in an unknown folder holds nothing', async () => {
    const { run: ccsess } = home();
    expect(await ccsess(['rm', NEW, '--yes'], { system: running(WIPED, null).system })).toMatchObject({
      stdout: `${NEW}\n`,
      exitCode: 0,
    });
  });
});

test('a process that starts after the plan protects its session from removal', async () => {
  const { configDir, run: ccsess } = home();
  const transcript = join(configDir, 'projects', '-home-dev-app', `${OLD}.jsonl`);
  const late = running(NAMING_OLD);
  let looks = 0;
  const processes: System['processes'] = () => {
    expect(existsSync(transcript)).toBe(true);
    return looks++ === 0 ? [] : late.system.processes();
  };
  const refused = await ccsess(['rm', OLD, '--yes'], { system: { ...IDLE, processes } });
  expect(refused).toMatchObject({ stdout: '', exitCode: 5 });
  expect(looks).toBe(2);
});

test('a process that starts while a prune runs is noticed at the last moment', async () => {
  const { configDir, run: ccsess } = home();
  const late = running(NAMING_OLD);
  // The process starts once the session is in the trash, before the last check.
  const isMoved = (): boolean => !existsSync(join(configDir, 'projects', '-home-dev-app', `${OLD}.jsonl`));
  const system = { ...IDLE, processes: () => (isMoved() ? late.system.processes() : []) };
  expect(await ccsess(['rm', OLD, '--yes'], { system })).toMatchObject({
    stdout: '',
    exitCode: 5,
    stderr: expect.stringContaining('live: pid 4242') as string,
  });
  expect(isMoved()).toBe(false);
});

test('a plain list, stats and path do not read the process table', async () => {
  const { run: ccsess } = home();
  const { system, asked } = running(NAMING_OLD);
  for (const argv of [['list'], ['list', '--json'], ['stats', '--json'], ['path', OLD], ['projects']])
    expect((await ccsess(argv, { system })).exitCode).toBe(0);
  expect(asked.count).toBe(0);
  await ccsess(['list', '--live'], { system });
  expect(asked.count).toBe(1);
});
