import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectKey } from '../../src/claude/project-key.js';
import { run, type Outcome } from '../support/context.js';
import { temporaryFolder } from '../support/temporary.js';
import { addFile, answerLine, promptLine } from '../support/transcripts.js';

const [ONE, TWO, THREE] = [
  'aaaaaaaa-0000-4000-8000-000000000001',
  'bbbbbbbb-0000-4000-8000-000000000002',
  'cccccccc-0000-4000-8000-000000000003',
] as const;

/** A home with sessions in `code/api`, `work/api` and `code/web`, all of which exist, and in the home folder itself. */
function home(): string {
  const path = temporaryFolder('projects');
  const session = (id: string, cwd: string): void => {
    mkdirSync(cwd, { recursive: true });
    const content = promptLine('Hello', { cwd, sessionId: id }) + answerLine(`m-${id}`, 'Hi', { cwd });
    addFile(path, `.claude/projects/${projectKey(cwd)}/${id}.jsonl`, content);
  };
  session(ONE, join(path, 'code/api'));
  session(TWO, join(path, 'work/api'));
  session(THREE, join(path, 'code/web'));
  session('dddddddd-0000-4000-8000-000000000004', path);
  return path;
}

function folder(path: string, name: string): string {
  mkdirSync(join(path, name), { recursive: true });
  return join(path, name);
}

const ids = ({ stdout }: Outcome): string[] => stdout.split('\n').flatMap((text) => text.split('\t')[0] || []);

describe('a folder without sessions', () => {
  test('means the nearest folder above with sessions, which is reported', async () => {
    const path = home();
    const cwd = folder(path, 'code/api/src/lib');
    for (const project of ['.', '../lib', '~/code/api/src/lib']) {
      const listed = await run(['list', '-p', project], { home: path, cwd });
      expect(ids(listed)).toEqual([ONE]);
      expect(listed.stderr).toBe('ccsess: no sessions in ~/code/api/src/lib: showing those of ~/code/api.\n');
    }
    const stats = await run(['stats', '--by', 'kind', '-p', '.', '--json'], { home: path, cwd });
    expect(JSON.parse(stats.stdout)).toMatchObject({ totals: { sessions: 1 } });
    expect(stats.stderr).toContain('showing those of ~/code/api');
  });

  test('never means a folder above the root of its repository, or the home folder', async () => {
    const path = home();
    const cwd = folder(path, 'code/api/vendor/lib');
    folder(path, 'code/api/vendor/lib/.git');
    const nested = await run(['list', '-p', '.'], { home: path, cwd });
    expect(nested).toMatchObject({ stdout: '', exitCode: 0 });
    expect(nested.stderr).toBe('No sessions match -p . (searched 4).\n');
    const top = await run(['list', '-p', '.'], { home: path, cwd: folder(path, 'elsewhere/deep') });
    expect(top).toEqual({ stdout: '', stderr: 'No sessions match -p . (searched 4).\n', exitCode: 0 });
  });

  test('stays as it is if other filters match nothing', async () => {
    const path = home();
    const listed = await run(['list', '-p', '.', '--tag', 'x'], { home: path, cwd: join(path, 'code/api') });
    expect(listed.stderr).toBe('No sessions match -p . --tag x (searched 4).\n');
  });

  test('is replaced by the folder above in the command that show --last suggests', async () => {
    const path = home();
    const cwd = folder(path, 'code/api/src');
    const { stderr, exitCode } = await run(['show', '--last'], { home: path, cwd });
    expect(stderr).toBe(`ccsess: no interactive session of this folder.\n  ccsess list -p ${path}/code/api\n`);
    expect(exitCode).toBe(4);
  });
});

describe('a name of a folder', () => {
  test('means the only folder whose path ends with it', async () => {
    const path = home();
    for (const [name, id, shown] of [
      ['web', THREE, '~/code/web'],
      ['code/api', ONE, '~/code/api'],
    ] as const) {
      const listed = await run(['list', '-p', name], { home: path, cwd: folder(path, 'elsewhere') });
      expect(ids(listed)).toEqual([id]);
      expect(listed.stderr).toBe(`ccsess: no sessions in ${name}: showing those of ${shown}.\n`);
    }
  });

  test('is not guessed if several folders match, or none', async () => {
    const path = home();
    const world = { home: path, cwd: folder(path, 'elsewhere') };
    const several = await run(['list', '-p', 'api'], world);
    expect(several.stdout).toBe('');
    expect(several.stderr).toContain('-p api: 2 folders of that name have sessions: -p ');
    expect(several.stderr).toContain('code/api');
    for (const missing of ['ap', '/no/such/folder', './web']) {
      const { stderr } = await run(['list', '-p', missing], world);
      expect(stderr).toContain(`ccsess: -p ${missing}: no such folder, and no sessions ran in it.\n`);
    }
  });
});

describe('prune, resume and fork', () => {
  const usage = (stderr: unknown): Outcome => ({ stdout: '', stderr, exitCode: 2 }) as Outcome;

  test('never use another folder than the one named, and print the argument to type', async () => {
    const path = home();
    const cwd = folder(path, 'code/api/src');
    const flag = 'ccsess: no sessions in ~/code/api/src: type -p ~/code/api.\n';
    const prune = ['prune', '--older-than', '1d', '--yes', '-p'];
    expect(await run([...prune, '.'], { home: path, cwd })).toEqual(usage(flag));
    expect(await run(['resume', ONE, '-p', '.', '--print-command'], { home: path, cwd })).toEqual(usage(flag));
    expect(await run(['fork', ONE, '-p', '.'], { home: path, cwd })).toEqual(usage(flag));
    const named = await run([...prune, 'web'], { home: path, cwd });
    expect(named).toMatchObject({ stdout: '', exitCode: 2 });
    expect(named.stderr).toBe('ccsess: no sessions in web: type -p ~/code/web.\n');
    const missing = usage('ccsess: -p /no/such/folder: no such folder, and no sessions ran in it.\n');
    expect(await run([...prune, '/no/such/folder'], { home: path, cwd })).toEqual(missing);
  });

  test('accept an existing folder without sessions', async () => {
    const path = home();
    const cwd = folder(path, 'elsewhere');
    expect((await run(['prune', '--older-than', '1d', '--yes', '-p', '.'], { home: path, cwd })).exitCode).toBe(0);
  });
});
