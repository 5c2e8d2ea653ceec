import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createSession,
  getSession,
  listProjects,
  listPrompts,
  listSessions,
  listTouchedFiles,
  listTrash,
  orphanedHistory,
  removeSession,
  restore,
  searchSessions,
  stats,
  workLog,
  type LibraryOptions,
  type Problem,
} from '../../src/index.js';
import { fixtureHome } from '../support/fixtures.js';
import { withoutPrivileges } from '../support/other-user.js';
import { temporaryFolder } from '../support/temporary.js';
import { promptLine } from '../support/transcripts.js';
import { emptyConfigDir, PROJECT, snapshot, writeSession } from '../support/trees.js';
import { put } from '../unit/claude/disk.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';

/** Options for a config dir that note what is handed to `onProblem`. */
function noting(configDir: string): { where: LibraryOptions; noted: Problem[] } {
  const noted: Problem[] = [];
  return { where: { configDir, cacheDir: null, onProblem: (problem) => noted.push(problem) }, noted };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('a limit of 0 means all, as in the commands', async () => {
  const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
  const [sessions, projects, prompts] = [
    await listSessions(where),
    await listProjects(where),
    await listPrompts(where),
  ];
  expect(sessions.length).toBeGreaterThan(1);
  expect((await listSessions({ ...where, limit: 0 })).map(({ id }) => id)).toEqual(sessions.map(({ id }) => id));
  expect((await listSessions({ ...where, limit: 0, offset: 1 })).map(({ id }) => id)).toEqual(
    sessions.slice(1).map(({ id }) => id),
  );
  expect(await listProjects({ ...where, limit: 0 })).toEqual(projects);
  expect(await listPrompts({ ...where, limit: 0 })).toEqual(prompts);
  const since = new Date(0);
  expect(await workLog({ ...where, since, limit: 0 })).toEqual(await workLog({ ...where, since }));
  const matches = await all(searchSessions('a', where));
  expect(matches.length).toBeGreaterThan(1);
  expect(await all(searchSessions('a', { ...where, maxCount: 0 }))).toEqual(matches);
});

test('reports folders that cannot be read to onProblem, each once', async () => {
  const home = emptyConfigDir();
  writeSession(home, ID);
  symlinkSync('-loop', join(home, 'projects/-loop'));
  const file = join(home, 'projects/-loop');
  const calls: [string, (where: LibraryOptions) => Promise<unknown>][] = [
    ['listSessions', (where) => listSessions(where)],
    ['getSession', (where) => getSession(ID, where)],
    ['listProjects', (where) => listProjects(where)],
    ['listPrompts', (where) => listPrompts(where)],
    ['stats', (where) => stats(where)],
    ['workLog', (where) => workLog(where)],
    ['searchSessions', (where) => all(searchSessions('x', where))],
    ['createSession', (where) => createSession({ ...where, cwd: home })],
  ];
  for (const [name, act] of calls) {
    const { where, noted } = noting(home);
    await act(where);
    expect([name, noted.map((problem) => problem.file)]).toEqual([name, [file]]);
  }
});

test('reports file history that cannot be listed', async () => {
  const home = emptyConfigDir();
  writeSession(home, ID);
  rmSync(join(home, 'file-history'), { recursive: true, force: true });
  writeFileSync(join(home, 'file-history'), 'a file');
  const { where, noted } = noting(home);
  expect(await orphanedHistory(where)).toEqual([]);
  expect(noted).toMatchObject([{ code: 'unreadable', file: join(home, 'file-history') }]);
});

test('lists the touched files of a session of another config dir', async () => {
  const configDir = temporaryFolder('touched');
  const session = await createSession({ configDir, cacheDir: null, cwd: configDir });
  expect(await listTouchedFiles(session)).toEqual([]);
});

test('restores the readable sessions of the trash, and reports the others', async () => {
  const home = emptyConfigDir();
  writeSession(home, ID);
  const agent = `projects/${PROJECT}/${ID}/subagents/agent-a1.jsonl`;
  put(home, { [agent]: promptLine('word '.repeat(2000), { sessionId: ID, isSidechain: true, agentId: 'a1' }) });
  const { where, noted } = noting(home);
  await withoutPrivileges(home, async () => {
    await removeSession(ID, where);
    const trash = join(home, '.ccsess/trash');
    const run = join(trash, readdirSync(trash)[0] ?? '');
    const packed = readdirSync(join(run, '1')).find((name) => name.startsWith('packed-1-')) ?? '';
    chmodSync(join(run, '1', packed), 0);
    expect((await restore(ID, where)).map(({ id }) => id)).toEqual([ID]);
    expect(noted).toMatchObject([{ code: 'damaged-file', file: join(home, agent) }]);
    const kept = join(home, `projects/${PROJECT}/${ID}/damaged`);
    expect(noted[0]?.message).toContain(kept);
    expect(readdirSync(kept)).toHaveLength(1);
    expect(await listTrash(where)).toEqual([]);
  });
});

test.runIf(existsSync('/dev/shm'))(
  'keeps a session in a trash elsewhere while a file of it cannot be copied',
  async () => {
    const home = emptyConfigDir();
    writeSession(home, ID);
    const agent = `projects/${PROJECT}/${ID}/subagents/agent-a1.jsonl`;
    put(home, { [agent]: promptLine('word '.repeat(2000), { sessionId: ID, isSidechain: true, agentId: 'a1' }) });
    // A copy has times to the microsecond, and a file with another time is not compressed.
    utimesSync(join(home, agent), 1_700_000_000, 1_700_000_000);
    const before = snapshot(join(home, 'projects'));
    const trashDir = mkdtempSync('/dev/shm/ccsess-trash-');
    chmodSync(trashDir, 0o777);
    const where = { ...noting(home).where, trashDir };
    try {
      await withoutPrivileges(home, async () => {
        await removeSession(ID, where);
        const run = join(trashDir, readdirSync(trashDir)[0] ?? '');
        const packed = join(run, '1', readdirSync(join(run, '1')).find((name) => name.startsWith('packed-1-')) ?? '');
        chmodSync(packed, 0);
        await expect(restore(ID, where)).rejects.toMatchObject({
          code: 'IO',
          message: `${ID} is not restored: a file of it in the trash cannot be read (EACCES): ${packed}.`,
        });
        expect(await listTrash(where)).toMatchObject([{ id: ID, damage: null }]);
        chmodSync(packed, 0o600);
        await restore(ID, { ...where, keepTimes: true });
        expect(snapshot(join(home, 'projects'))).toEqual(before);
      });
    } finally {
      rmSync(trashDir, { recursive: true, force: true });
    }
  },
);

test('keeps a session in the trash while its transcript cannot be opened there', async () => {
  const home = emptyConfigDir();
  writeSession(home, ID);
  const transcript = `projects/${PROJECT}/${ID}.jsonl`;
  put(home, { [transcript]: promptLine('word '.repeat(2000), { sessionId: ID }) });
  const before = readFileSync(join(home, transcript), 'utf8');
  const { where } = noting(home);
  await withoutPrivileges(home, async () => {
    await removeSession(ID, where);
    const trash = join(home, '.ccsess/trash');
    const packed = join(trash, readdirSync(trash)[0] ?? '', '1/packed-0-0.gz');
    chmodSync(packed, 0);
    await expect(restore(ID, where)).rejects.toMatchObject({
      code: 'IO',
      message: `${ID} is not restored: its transcript in the trash cannot be read (EACCES): ${packed}.`,
    });
    expect(await listTrash(where)).toMatchObject([{ id: ID }]);
    chmodSync(packed, 0o600);
    await restore(ID, where);
    expect(readFileSync(join(home, transcript), 'utf8')).toBe(before);
  });
});

test('lists the trash when an entry of it cannot be listed', async () => {
  const home = emptyConfigDir();
  writeSession(home, ID);
  const { where, noted } = noting(home);
  await withoutPrivileges(home, async () => {
    await removeSession(ID, where);
    const trash = join(home, '.ccsess/trash');
    const run = join(trash, readdirSync(trash)[0] ?? '');
    mkdirSync(join(run, '2'));
    for (const entry of ['1', '2']) chmodSync(join(run, entry), 0);
    expect(await listTrash(where)).toMatchObject([{ id: ID, heldBytes: 0 }]);
    expect(noted).toMatchObject([{ code: 'unreadable', file: join(run, '2') }]);
  });
});
