import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConfigDir } from '../../../src/claude/model.js';
import { listPrompts, listSessions, searchSessions, stats } from '../../../src/index.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import type { SessionIndex, SessionRow } from '../../../src/session-index/session-index.js';
import type { PathFilter } from '../../../src/session-index/touched/path-filter.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { fixtureHome, fixtureNames } from '../../support/fixtures.js';
import { rounds } from '../../support/rounds.js';
import { slowPaths } from '../../support/slow-paths.js';
import { temporaryFolder } from '../../support/temporary.js';
import {
  addFile,
  answerLine,
  configDirAt,
  line,
  promptLine,
  temporaryHome,
  type Members,
} from '../../support/transcripts.js';

/** Late enough that every folder counts as settled. */
const LATER = Date.now() + 3_600_000;
const [A, B, C] = ['a', 'b', 'c'].map((end) => `00000000-0000-4000-8000-00000000000${end}`) as [string, string, string];
const APP = '/home/dev/app';

/** A call and its result, as two lines. */
function call(name: string, input: Members, { isError = false, ...members }: Members = {}): string {
  const id = `toolu_${++calls}`;
  const content = [{ type: 'tool_use', id, name, input }];
  const result = [
    { type: 'tool_result', tool_use_id: id, content: 'ok', ...(isError === true ? { is_error: true } : {}) },
  ];
  return (
    answerLine(`msg_${id}`, '', { message: { id: `msg_${id}`, role: 'assistant', content, usage: {} }, ...members }) +
    promptLine('', { message: { role: 'user', content: result }, ...members })
  );
}
let calls = 0;

function snapshot(...paths: string[]): string {
  const backup = { backupFileName: 'x@v1', version: 1, backupTime: '2026-11-20T10:00:00.000Z' };
  const trackedFileBackups = Object.fromEntries(paths.map((path) => [path, backup]));
  return line({ type: 'file-history-snapshot', messageId: 'p', snapshot: { messageId: 'p', trackedFileBackups } });
}

/** Creates a home with a session that edits files, one whose subagent reads one, and one whose only call failed. */
function home(): string {
  return temporaryHome({
    [`projects/-home-dev-app/${A}.jsonl`]:
      promptLine('edit') +
      call('Edit', { file_path: `${APP}/src/a.ts` }) +
      call('NotebookEdit', { notebook_path: 'notes/n.ipynb' }) +
      snapshot('src/made-by-bash.ts', '/etc/hosts'),
    [`projects/-home-dev-app/${B}.jsonl`]: promptLine('look into it') + answerLine('msg_b', 'yes'),
    [`projects/-home-dev-app/${B}/subagents/agent-s.jsonl`]:
      promptLine('task', { isSidechain: true }) +
      call('Read', { file_path: `${APP}/src/[id].ts` }, { isSidechain: true }),
    [`projects/-home-dev-app/${C}.jsonl`]:
      promptLine('fail') +
      call('Edit', { file_path: `${APP}/src/a.ts` }, { isError: true }) +
      call('Bash', { command: 'true', file_path: `${APP}/src/a.ts` }),
  }).path;
}

function ccsess(configDir: string, args: string[], world: World = {}): Promise<Outcome> {
  return run([...args, '--config-dir', configDir], { cwd: `${APP}/src`, ...world });
}

async function listed(configDir: string, touched: string[], world: World = {}): Promise<string[]> {
  const args = touched.flatMap((path) => ['--touched', path]);
  const { stdout } = await ccsess(configDir, ['list', '--json', ...args], world);
  return (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id).sort();
}

describe('list --touched', () => {
  test.each<[string, string[]]>([
    ['a.ts', [A]],
    ['./a.ts', [A]],
    [`${APP}/src/a.ts`, [A]],
    ['.', [A, B]],
    ['..', [A, B]],
    [`${APP}/src/`, [A, B]],
    ['../notes/n.ipynb', [A]],
    ['made-by-bash.ts', [A]],
    ['/etc/hosts', [A]],
    ['/', [A, B]],
    ['[id].ts', [B]],
    ['*.ts', [A, B]],
    ['../**/*.ipynb', [A]],
    ['../*.ts', []],
    ['../**', [A, B]],
    ['~/../dev/app/src/{a,b}.ts', [A]],
    ['a', []],
    ['../sr', []],
    ['b.ts', []],
  ])('finds the sessions whose tools read or changed %s', async (path, ids) => {
    expect(await listed(home(), [path], { home: '/home/me' })).toEqual(ids);
  });

  test('accepts several paths, and lists sessions that touched any of them', async () => {
    expect(await listed(home(), ['a.ts', '[id].ts', 'none'])).toEqual([A, B]);
  });

  test('finds files by their real path and by a link to their folder, even when they are gone', async () => {
    const folder = temporaryFolder('project');
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const configDir = temporaryHome({
      [`projects/-p/${A}.jsonl`]: promptLine('x') + call('Write', { file_path: join(folder, 'real/deep/gone.ts') }),
    }).path;
    expect(await listed(configDir, ['link/deep/gone.ts'], { cwd: folder })).toEqual([A]);
  });

  test.each([
    ['a.ts', '/home/me', '~/a.ts', [`${APP}/src/a.ts`]],
    ['src/n.ipynb', APP, '~/src/n.ipynb', ['~/notes/n.ipynb']],
    ['src/**/hosts', '/home/me', '~/src/**/hosts', ['/etc/hosts']],
  ])('suggests the files with the same name for %s in %s', async (touched, cwd, meant, others) => {
    expect(await ccsess(home(), ['list', '--touched', touched], { cwd, home: cwd })).toEqual({
      stdout: '',
      stderr: [
        `No sessions match --touched ${touched.includes('*') ? `'${touched}'` : touched} (searched 3).`,
        `No session touched ${meant}.`,
        'Files of this name that sessions touched:',
        ...others.map((path) => `  ${path}\n`),
      ].join('\n'),
      exitCode: 0,
    });
  });

  test.each([
    [['search', 'x'], 'Nothing found for x (searched 0 of 3 sessions with --touched a.ts).\n'],
    [['stats'], ''],
    [['stats', '--by', 'model'], ''],
  ])('%j suggests them too', async (argv, message) => {
    const { stderr, exitCode } = await ccsess(home(), [...argv, '--touched', 'a.ts'], { cwd: '/tmp' });
    const named = ['No session touched /tmp/a.ts.', 'Files of this name that sessions touched:', `  ${APP}/src/a.ts`];
    expect({ stderr: stderr.replace(/^Look elsewhere.*\n/m, ''), exitCode }).toEqual({
      stderr: `${message}${named.join('\n')}\n`,
      exitCode: 0,
    });
  });

  test('names three files of the same name, the nearest first, and none if other filters are the reason', async () => {
    const paths = ['/x/b/a.ts', '/x/src/a.ts', '/x/a/a.ts', '/x/c/a.ts', '/x/d/a.ts'];
    const configDir = temporaryHome({
      [`projects/-p/${A}.jsonl`]: promptLine('x') + paths.map((path) => call('Read', { file_path: path })).join(''),
    }).path;
    const { stderr } = await ccsess(configDir, ['list', '--touched', 'a.ts']);
    expect(stderr.split('\n').slice(3)).toEqual(['  /x/src/a.ts', '  /x/a/a.ts', '  /x/b/a.ts', '  and 2 more', '']);
    const filtered = await ccsess(configDir, ['list', '--touched', '/x/a/a.ts', '--tag', 't']);
    expect(filtered.stderr).toBe('No sessions match --touched /x/a/a.ts --tag t (searched 1).\n');
  });

  test('reports the searched path if nothing is found, and refuses an empty path', async () => {
    const configDir = home();
    expect(await ccsess(configDir, ['list', '--touched', 'no such.ts'])).toEqual({
      stdout: '',
      stderr:
        "No sessions match --touched 'no such.ts' (searched 3).\nNo session touched /home/dev/app/src/no such.ts.\n",
      exitCode: 0,
    });
    expect(await ccsess(configDir, ['list', '--touched', ''])).toEqual({
      stdout: '',
      stderr: 'ccsess: --touched needs a value.\n',
      exitCode: 2,
    });
    await expect(listSessions({ configDir, cacheDir: null, touched: '' })).rejects.toThrow('touched needs a value.');
  });

  test('narrows search, prompts and stats as well, and the functions of the library', async () => {
    const configDir = home();
    const touched = `${APP}/src/*d].ts`;
    const lines = async (...args: string[]): Promise<string[]> =>
      (await ccsess(configDir, [...args, '--touched', touched])).stdout.split('\n').filter((text) => text !== '');
    expect(await lines('search', '-l', 'it')).toEqual([B]);
    expect((await lines('prompts')).map((text) => text.split('\t').at(-1))).toEqual(['look into it']);
    const byProject = async (path: string): Promise<unknown> =>
      (JSON.parse((await ccsess(configDir, ['stats', '--json', '--touched', path])).stdout) as { totals: unknown })
        .totals;
    expect(await byProject(touched)).toMatchObject({ sessions: 1, prompts: 1 });
    expect(await byProject(APP)).toMatchObject({ sessions: 2, prompts: 2 });
    const { stdout } = await ccsess(configDir, ['log', '--json', '--since', '2026-11-01', '--touched', touched]);
    expect([stdout.includes(A), stdout.includes(B)]).toEqual([false, true]);

    const options = { configDir, cacheDir: null, touched: [touched] };
    expect((await listSessions(options)).map(({ id }) => id)).toEqual([B]);
    expect((await listPrompts(options)).map(({ sessionId }) => sessionId)).toEqual([B]);
    expect((await stats(options)).totals).toMatchObject({ sessions: 1 });
    const found: string[] = [];
    for await (const { sessionId } of searchSessions('it', options)) found.push(sessionId);
    expect(found).toEqual([B]);
  });
});

/** An index with the paths of its sessions. */
function opened(configDir: ConfigDir, cacheDir: string | null, isReadOnly = false): Promise<SessionIndex> {
  const options = { configDirs: [configDir], cacheDir, now: () => LATER, paths: true };
  return openSessionIndex(isReadOnly ? { ...options, readOnly: true } : options);
}

function transcriptsOf({ file }: SessionRow): string[] {
  return [file.path, ...file.agents.map(({ path }) => path)];
}

/** Compares the index with a slow reading: the sessions of every path, of every folder above one, and of a pattern. */
function compare(index: SessionIndex): void {
  const records = index.records(index.rows, { footprint: false });
  const pathsOf = index.rows.map((row, at) => [...slowPaths(transcriptsOf(row), records[at]?.cwd ?? null)]);
  const having = (isMeant: (path: string) => boolean): string[] =>
    index.rows.filter((_, at) => pathsOf[at]?.some(isMeant)).map(({ file }) => file.id);
  const touching = (filter: PathFilter): string[] => Array.from(index.touching(filter), ({ file }) => file.id);
  for (const path of new Set(pathsOf.flatMap((paths) => [...paths, ...paths.map((one) => dirname(one))]))) {
    const below = path === '/' ? path : `${path}/`;
    const expected = having((one) => one === path || one.startsWith(below));
    expect([path, touching({ paths: [path], globs: [] })]).toEqual([path, expected]);
  }
  const isMatch = (path: string): boolean => path.endsWith('s');
  expect(touching({ paths: [], globs: [{ start: '/', isMatch }] })).toEqual(having(isMatch));
}

describe('the sessions that touched a file', () => {
  test.each([
    ...fixtureNames('recorded').map((name) => `recorded/${name}`),
    ...fixtureNames('old').map((name) => `old/${name}`),
    'branches',
  ])('agree with a slow reading of every line in %s, both when read and when stored', async (name) => {
    const configDir = configDirAt(fixtureHome(name));
    const cacheDir = temporaryFolder('cache');
    for (let round = 0; round < 2; round++) compare(await opened(configDir, cacheDir));
  });

  const tool = fc.constantFrom('Read', 'Write', 'Edit', 'MultiEdit', 'NotebookEdit', 'Bash', 'toString');
  const path = fc.constantFrom('a.ts', 'src/a.ts', '../b.ts', '/home/dev/app/src/a.ts', '/tmp/x', '/tmp//y/../z', '');
  const lines = fc.oneof(
    fc.tuple(tool, path, fc.boolean()).map(([name, file, isError]) => {
      const member = name === 'NotebookEdit' ? 'notebook_path' : 'file_path';
      return call(name, { [member]: file }, { isError });
    }),
    fc.tuple(tool, path).map(([name, file]) => call(name, { file_path: file }).split('\n')[0] + '\n'),
    path.map((file) => snapshot(file === '' ? 'c.ts' : file)),
    path.map((file) =>
      line({ type: 'file-history-delta', snapshotMessageId: 'p', trackingPath: file || 'd.ts', backup: {} }),
    ),
    fc.constant('{"type":"file-history-snapshot","snap\n'),
    fc.constant(promptLine('say "tool_use" and "file_path" and "file-history-snapshot"')),
  );
  const target = fc.constantFrom(`${A}.jsonl`, `${B}.jsonl`, `${A}/subagents/agent-x.jsonl`, `${C}.jsonl`);

  test('agree with a slow reading while sessions are created, grow and are deleted', async () => {
    const steps = fc.array(fc.tuple(target, fc.array(lines, { maxLength: 4 }), fc.nat(9)), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (changes) => {
        const configDir = temporaryHome({});
        const cacheDir = temporaryFolder('cache');
        for (const [name, added, chance] of changes) {
          const file = join(configDir.path, 'projects/-home-dev-app', name);
          if (chance === 0) rmSync(file, { force: true });
          else
            addFile(
              configDir.path,
              join('projects/-home-dev-app', name),
              existing(file) + promptLine('go') + added.join(''),
            );
          compare(await opened(configDir, cacheDir, chance === 1));
        }
      }),
      { numRuns: rounds(12) },
    );
  });

  test('are stored: only changed transcripts are read again, and the file is only written if necessary', async () => {
    const configDir = configDirAt(home());
    const cacheDir = temporaryFolder('cache');
    const file = (): string => join(cacheDir, readdirSync(cacheDir).find((name) => name.endsWith('.paths')) ?? 'none');
    await opened(configDir, cacheDir, true);
    expect(readdirSync(cacheDir).filter((name) => name.endsWith('.paths'))).toEqual([]);
    await opened(configDir, cacheDir);
    const { ino, mode } = statSync(file());
    expect((mode & 0o777).toString(8)).toBe('600');
    compare(await opened(configDir, cacheDir));
    expect(statSync(file()).ino).toBe(ino);
    appendFileSync(join(configDir.path, `projects/-home-dev-app/${C}.jsonl`), call('Read', { file_path: '/tmp/new' }));
    const before = readFileSync(file());
    // A run that does not use the file does not remove it.
    await openSessionIndex({ configDirs: [configDir], cacheDir, now: () => LATER });
    expect(readFileSync(file()).equals(before)).toBe(true);
    compare(await opened(configDir, cacheDir));
    expect(readFileSync(file()).equals(before)).toBe(false);
  });

  test('leave out a session that cannot be read, until it can', async () => {
    const configDir = configDirAt(home());
    const cacheDir = temporaryFolder('cache');
    const agent = join(configDir.path, `projects/-home-dev-app/${B}/subagents/agent-s.jsonl`);
    const touching = async (): Promise<string[]> =>
      [...(await opened(configDir, cacheDir)).touching({ paths: [APP], globs: [] })].map(({ file }) => file.id).sort();
    const content = readFileSync(agent);
    rmSync(agent);
    mkdirSync(agent);
    expect(await touching()).toEqual([A]);
    rmSync(agent, { recursive: true });
    addFile(dirname(agent), 'agent-s.jsonl', content);
    chmodSync(agent, 0o600);
    expect(await touching()).toEqual([A, B]);
  });

  test('are only available if the index was opened with paths', async () => {
    const index = await openSessionIndex({ configDirs: [configDirAt(home())], cacheDir: null, now: () => LATER });
    expect(() => index.touching({ paths: ['/'], globs: [] })).toThrow(TypeError);
  });

  test('are no longer read once the caller aborts', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const options = { configDirs: [configDirAt(home())], cacheDir: null, now: () => LATER, paths: true, signal };
    await expect(openSessionIndex(options)).rejects.toThrow('enough');
  });
});

function existing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
