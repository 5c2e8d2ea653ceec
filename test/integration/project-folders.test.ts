import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { projectKey } from '../../src/claude/project-key.js';
import { listSessions, moveProject } from '../../src/index.js';
import { run, type World } from '../support/context.js';
import { addFile, answerLine, line, promptLine } from '../support/transcripts.js';

const [ONE, TWO, THREE] = [
  'aaaaaaaa-0000-4000-8000-000000000001',
  'bbbbbbbb-0000-4000-8000-000000000002',
  'cccccccc-0000-4000-8000-000000000003',
] as const;

/** A home with the folder `app`; sessions are added to its config dir. */
class Machine {
  readonly home = realpathSync(mkdtempSync(join(tmpdir(), 'ccsess-belonging-')));
  readonly app = join(this.home, 'app');
  readonly configDir = join(this.home, '.claude');

  constructor() {
    onTestFinished(() => rmSync(this.home, { recursive: true, force: true }));
    mkdirSync(this.app);
  }

  /** A session of one prompt and answer in a folder, with more lines before it. */
  session(id: string, cwd: string, before = ''): void {
    const content = before + promptLine('Hello', { cwd, sessionId: id }) + answerLine(`m-${id}`, 'Hi', { cwd });
    this.transcript(projectKey(cwd), id, content);
  }

  transcript(projectDir: string, id: string, content: string): void {
    addFile(this.configDir, `projects/${projectDir}/${id}.jsonl`, content);
  }

  async json<T>(args: readonly string[], cwd = this.app): Promise<T> {
    return JSON.parse((await this.run([...args, '--json'], { cwd })).stdout) as T;
  }

  run(args: readonly string[], world: World = {}): ReturnType<typeof run> {
    // Two days after the files were written, so that prune selects them.
    return run(args, { home: this.home, now: Date.now() + 48 * 60 * 60 * 1000, ...world });
  }

  async listed(args: readonly string[], cwd = this.app): Promise<string[]> {
    return (await this.json<{ id: string }[]>(['list', ...args], cwd)).map(({ id }) => id).sort();
  }
}

function worktreeState(originalCwd: string, worktreePath: string): string {
  return line({ type: 'worktree-state', worktreeSession: { originalCwd, worktreePath, worktreeName: 'feat' } });
}

/** Sessions of a repository and of two removed worktrees, one of them outside Claude Code's folder for worktrees. */
function removedWorktrees(): Machine {
  const machine = new Machine();
  const { app, home } = machine;
  machine.session(ONE, app);
  machine.session(TWO, join(app, '.claude/worktrees/feat'));
  machine.session(THREE, join(home, 'elsewhere/feat'), worktreeState(app, join(home, 'elsewhere/feat')));
  return machine;
}

describe('sessions of removed worktrees', () => {
  test('are listed in their repository, on a terminal too', async () => {
    const machine = removedWorktrees();
    expect(await machine.listed(['-p', '.'])).toEqual([ONE, TWO, THREE]);
    const { stdout } = await machine.run(['list', '-p', machine.app], { terminal: 100 });
    expect(stdout.match(/^ +[abc]{8} /gm)).toHaveLength(3);
    expect(await machine.listed(['-p', '.'], machine.home)).toEqual([]);
  });

  test('are part of the project in projects, stats and groups', async () => {
    const machine = removedWorktrees();
    const { app } = machine;
    expect(await machine.json(['projects'])).toMatchObject([{ cwd: app, cwdExists: true, sessions: 3 }]);
    const stats = await machine.json<{ rows: object[] }>(['stats', '--by', 'project']);
    expect(stats.rows).toMatchObject([{ key: app, sessions: 3 }]);
    expect(await machine.json(['stats', '--by', 'kind', '-p', '.'])).toMatchObject({ rows: [{ sessions: 3 }] });
    const { stdout } = await machine.run(['list', '--group-by', 'project'], { terminal: 100 });
    expect(stdout.match(/^~.*$/gm)).toEqual(['~/app']);
  });

  test('are not merged if the worktree still exists, or if neither folder exists', async () => {
    const machine = removedWorktrees();
    mkdirSync(join(machine.home, 'elsewhere/feat'), { recursive: true });
    const cwds = async (): Promise<string[]> =>
      (await machine.json<{ cwd: string }[]>(['projects', '--sort', 'path'])).map(({ cwd }) => cwd);
    expect(await cwds()).toEqual([machine.app, join(machine.home, 'elsewhere/feat')]);
    rmSync(machine.app, { recursive: true });
    expect(await cwds()).toHaveLength(3);
  });

  test('are resumed in it, and found by a title that another project has too', async () => {
    const machine = removedWorktrees();
    const title = line({ type: 'custom-title', customTitle: 'Twin' });
    machine.session(THREE, join(machine.home, 'elsewhere'), title);
    machine.session(TWO, join(machine.app, '.claude/worktrees/feat'), title);
    const resumed = await machine.run(['resume', 'twin', '--print-command'], { cwd: machine.app });
    expect(resumed.stdout).toBe(`cd ${machine.app} && claude --resume=${TWO}\n`);
    expect(resumed.stderr).toBe('ccsess: ~/app/.claude/worktrees/feat is gone: starting in ~/app.\n');
  });

  test('are pruned with --worktrees only', async () => {
    const machine = removedWorktrees();
    const chosen = async (flags: readonly string[]): Promise<string[]> => {
      const args = ['prune', '--older-than', '1min', '--min-idle', '1min', '-p', '.', '-n', ...flags];
      return (await machine.json<{ remove: { id: string }[] }>(args)).remove.map(({ id }) => id).sort();
    };
    expect(await chosen([])).toEqual([ONE]);
    expect(await chosen(['--worktrees'])).toEqual([ONE, TWO, THREE]);
  });

  test('belong to the last worktree that their transcript names, or to none', async () => {
    const machine = new Machine();
    const { app, home } = machine;
    const [first, last] = [join(home, 'first'), join(home, 'last')];
    machine.session(ONE, last, worktreeState(first, last) + worktreeState(app, last));
    machine.session(TWO, last, worktreeState(app, last) + line({ type: 'worktree-state', worktreeSession: null }));
    machine.session(THREE, first, worktreeState(app, last) + line({ type: 'worktree-state', worktreeSession: 7 }));
    expect(await machine.listed(['-p', app])).toEqual([ONE]);
  });

  test('have the path of their repository in JSON', async () => {
    const machine = removedWorktrees();
    const records = await machine.json<{ id: string; repository: string | null }[]>(['list']);
    const repositories = new Map(records.map(({ id, repository }) => [id, repository]));
    expect([ONE, TWO, THREE].map((id) => repositories.get(id))).toEqual([null, machine.app, machine.app]);
    const options = { configDir: machine.configDir, cacheDir: null };
    expect(await listSessions({ ...options, project: machine.app })).toHaveLength(3);
  });

  test('are found with git and from another worktree of the repository', async () => {
    const machine = removedWorktrees();
    const git = (...args: string[]): unknown => execFileSync('git', ['-C', machine.app, ...args], { stdio: 'ignore' });
    git('init', '-q');
    git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x');
    git('worktree', 'add', '-q', join(machine.home, 'other'));
    expect(await machine.listed(['-p', '.'], join(machine.home, 'other'))).toEqual([ONE, TWO, THREE]);
  });
});

describe('sessions that record no folder', () => {
  const title = line({ type: 'custom-title', customTitle: 'Nameless' });

  test('belong to the folder of the others in their project dir', async () => {
    const machine = new Machine();
    const { app } = machine;
    machine.session(ONE, app);
    machine.transcript(projectKey(app), TWO, title);
    machine.transcript(projectKey(app), THREE, '');
    expect(await machine.json(['projects'])).toMatchObject([{ cwd: app, sessions: 3 }]);
    expect(await machine.listed(['-p', '.'])).toEqual([ONE, TWO, THREE]);
    expect(await machine.json(['show', TWO])).toMatchObject({ session: { cwd: app, cwds: [], cwdExists: true } });
    expect((await machine.run(['path', TWO, '--cwd'])).stdout).toBe(`${app}\n`);
    const stats = await machine.json<{ rows: object[] }>(['stats', '--by', 'project']);
    expect(stats.rows).toMatchObject([{ key: app, sessions: 3 }]);
    const args = ['prune', '--empty', '-p', '.', '-n'];
    const plan = await machine.json<{ remove: { id: string }[] }>(args);
    expect(plan.remove.map(({ id }) => id).sort()).toEqual([TWO, THREE]);
  });

  test('count in usage under that folder', async () => {
    const machine = new Machine();
    const { app } = machine;
    machine.session(ONE, app);
    const bare = { cwd: undefined, sessionId: TWO };
    machine.transcript(projectKey(app), TWO, promptLine('Hello', bare) + answerLine('m9', 'Hi', bare));
    const stats = await machine.json<{ rows: object[] }>(['stats', '--by', 'project']);
    expect(stats.rows).toMatchObject([{ key: app, sessions: 2, prompts: 2 }]);
    expect(await machine.json(['stats', '--by', 'kind', '-p', app])).toMatchObject({ rows: [{ sessions: 2 }] });
  });

  test('belong to no folder where two have the same project dir, and to both for -p', async () => {
    const machine = new Machine();
    const [dash, slash] = [join(machine.home, 'a-b'), join(machine.home, 'a/b')];
    machine.session(ONE, dash);
    machine.session(TWO, slash);
    machine.transcript(projectKey(dash), THREE, title);
    expect(await machine.json(['show', THREE])).toMatchObject({ session: { cwd: null } });
    expect(await machine.listed(['-p', dash])).toEqual([ONE, THREE]);
    expect(await machine.listed(['-p', slash])).toEqual([TWO, THREE]);
    const plan = await machine.json<{ keep: unknown[]; remove: { id: string }[] }>([
      'prune',
      '--prompts-at-most',
      '1',
      '--min-idle',
      '1min',
      '-p',
      dash,
      '-n',
    ]);
    expect(plan.remove.map(({ id }) => id)).toEqual([ONE]);
  });

  test('belong to the folder from which a session of another one was moved', async () => {
    const machine = new Machine();
    const { app } = machine;
    const moved = line({ type: 'relocated', sessionId: ONE, relocatedCwd: '/elsewhere' });
    machine.session(ONE, app, moved);
    machine.session(TWO, app);
    machine.transcript(projectKey(app), THREE, title);
    expect(await machine.listed(['-p', '.'])).toEqual([TWO, THREE]);
  });

  test('are found by the project dir of the folder if no other session in it records one', async () => {
    const machine = new Machine();
    machine.transcript(projectKey(machine.app), THREE, title);
    expect(await machine.listed(['-p', '.'])).toEqual([THREE]);
    const { stdout } = await machine.run(['projects']);
    expect(stdout.split('\t')[0]).toBe(projectKey(machine.app));
  });

  test('move with the folder', async () => {
    const machine = new Machine();
    machine.session(ONE, machine.app);
    machine.transcript(projectKey(machine.app), TWO, title);
    const to = join(machine.home, 'new');
    mkdirSync(to);
    const { moves } = await moveProject(machine.app, to, { configDir: machine.configDir, cacheDir: null });
    expect(moves.map(({ id, status }) => [id, status]).sort()).toEqual([
      [ONE, 'moved'],
      [TWO, 'moved'],
    ]);
    expect(await machine.listed(['-p', to])).toEqual([ONE, TWO]);
  });
});

describe('sessions of two config dirs', () => {
  /** Creates sessions with the same folder and title in two config dirs; `both` has the flags for both dirs. */
  function twoConfigDirs(): { machine: Machine; both: string[]; other: string } {
    const machine = new Machine();
    const title = line({ type: 'custom-title', customTitle: 'Twin' });
    machine.session(ONE, machine.app, title);
    const other = join(machine.home, 'work/.claude');
    const content = title + promptLine('Hello', { cwd: machine.app }) + answerLine('m2', 'Hi', { cwd: machine.app });
    addFile(other, `projects/${projectKey(machine.app)}/${TWO}.jsonl`, content);
    return { machine, other, both: ['--config-dir', machine.configDir, '--config-dir', other] };
  }

  test('have the config dir in lines for a pipe, unlike those of a single config dir', async () => {
    const { machine, both, other } = twoConfigDirs();
    const lines = async (command: string, flags: readonly string[]): Promise<string[][]> =>
      (await machine.run([command, ...flags])).stdout
        .replace(/\n$/, '')
        .split('\n')
        .map((text) => text.split('\t'));
    const list = await lines('list', both);
    expect(list.map((fields) => [fields[0], fields[8]]).sort()).toEqual([
      [ONE, machine.configDir],
      [TWO, other],
    ]);
    expect((await lines('list', []))[0]).toHaveLength(8);
    expect((await lines('projects', both)).map((fields) => fields[5]).sort()).toEqual(
      [machine.configDir, other].sort(),
    );
    expect((await lines('projects', []))[0]).toHaveLength(5);
    expect((await lines('forecast', ['--within', '60d', ...both])).map((fields) => fields[7]).sort()).toEqual(
      [machine.configDir, other].sort(),
    );
    expect((await lines('forecast', ['--within', '60d']))[0]).toHaveLength(7);
    await machine.run(['rm', ONE, TWO, '--yes', ...both]);
    const trashed = await lines('trash', both);
    expect(trashed.map((fields) => [fields[0], fields[7]]).sort()).toEqual([
      [ONE, machine.configDir],
      [TWO, other],
    ]);
    expect((await lines('trash', []))[0]).toHaveLength(7);
  });

  test.each([
    [['list']],
    [['projects']],
    [['forecast', '--within', '60d']],
    [['prune', '--older-than', '1d', '-n']],
    [['rm', ONE, TWO, '-n']],
  ])('are labelled with their config dir on a terminal in %j', async (args) => {
    const { machine, both } = twoConfigDirs();
    for (const [terminal, name] of [
      [100, '[work/.claude]'],
      [72, 'ork/.claude]'],
    ] as const) {
      const { stdout } = await machine.run([...args, ...both], { terminal });
      expect(stdout).toContain('[~/.claude]');
      expect(stdout).toContain(name);
      expect(
        (
          await machine.run(
            args.filter((arg) => arg !== TWO),
            { terminal },
          )
        ).stdout,
      ).not.toContain('.claude]');
    }
  });

  test('are labelled with their config dir in groups, on narrow screens and in the trash', async () => {
    const { machine, both } = twoConfigDirs();
    const grouped = await machine.run(['list', '--group-by', 'project', ...both], { terminal: 100 });
    expect(grouped.stdout.match(/^~.*$/gm)?.length).toBe(2);
    expect((await machine.run(['list', ...both], { terminal: 60 })).stdout).toContain('[work/.claude]');
    await machine.run(['rm', ONE, TWO, '--yes', ...both]);
    expect((await machine.run(['trash', ...both], { terminal: 80 })).stdout).toContain('[work/.claude]');
  });

  test('with the same title are labelled with their config dir in the error and in the choice', async () => {
    const { machine, both } = twoConfigDirs();
    const refused = await machine.run(['path', 'twin', ...both]);
    expect(refused).toMatchObject({ stdout: '', exitCode: 4 });
    expect(refused.stderr).toMatch(/ ~\/app \[work\/\.claude\] /);
    const chosen = await machine.run(['path', 'twin', ...both], { answers: [0] });
    expect(chosen.stderr).toContain('[work/.claude]');
  });

  test('with the same id are named by the absolute paths of their transcripts', async () => {
    const { machine, both, other } = twoConfigDirs();
    addFile(other, `projects/${projectKey(machine.app)}/${ONE}.jsonl`, promptLine('Again', { cwd: machine.app }));
    const { stderr } = await machine.run(['path', ONE, ...both]);
    expect(stderr).toContain(`~/work/.claude/projects/${projectKey(machine.app)}/${ONE}.jsonl`);
    const named = `${other}/projects/${projectKey(machine.app)}/${ONE}.jsonl`;
    expect((await machine.run(['path', named, ...both])).stdout).toBe(`${named}\n`);
  });
});
