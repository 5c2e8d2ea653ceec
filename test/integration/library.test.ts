import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  applyPrune,
  CcsessError,
  createSession,
  forecast,
  getOrCreateSession,
  getSession,
  listSessions,
  moveProject,
  planPrune,
  removeSession,
  restore,
  stats,
  type LibraryOptions,
  type SortKey,
} from '../../src/index.js';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { projectKey } from '../../src/claude/project-key.js';
import { run } from '../support/context.js';
import { fixtureHome } from '../support/fixtures.js';
import { validator } from '../unit/schema/schemas.js';
import { temporaryFolder } from '../support/temporary.js';

const ID = '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33';

/** An empty config dir and a folder to work in. */
function place(): { where: LibraryOptions; work: string } {
  const folder = temporaryFolder('library');
  mkdirSync(join(folder, 'config'));
  return { where: { configDir: join(folder, 'config'), cacheDir: null }, work: folder };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof CcsessError ? error.code : String(error)),
  );
}

describe('the library', () => {
  test('creates a session that exists immediately, with its id and path', async () => {
    const { where, work } = place();
    const session = await createSession({ ...where, title: 'Rate limiter', tag: 'nightly', cwd: work });
    expect(session).toMatchObject({
      exists: true,
      metadata: {
        id: session.id,
        transcript: session.path,
        title: 'Rate limiter',
        tag: 'nightly',
        cwd: work,
        prompts: 0,
        turns: 0,
        live: null,
      },
    });
    expect(await all(session.messages())).toMatchObject([{ role: 'system', kind: 'system' }]);
    expect((await all(session.transcript.entries())).map(({ type }) => type)).toEqual([
      'custom-title',
      'agent-name',
      'system',
      'tag',
    ]);
    expect(validator('session')(session.metadata)).toBe('');
    rmSync(session.path);
    expect([session.exists, session.metadata.title]).toEqual([false, 'Rate limiter']);
    expect(await codeOf(session.refresh())).toBe('NOT_FOUND');
    expect(await codeOf(all(session.messages({ tail: 1 })))).toBe('NOT_FOUND');
    expect(await codeOf(all(session.transcript.entries()))).toBe('NOT_FOUND');
  });

  test('gets or creates a session by its id', async () => {
    const { where, work } = place();
    const [one, two] = await Promise.all([
      getOrCreateSession(ID, { ...where, cwd: work }),
      getOrCreateSession(ID, { ...where, cwd: work }),
    ]);
    expect([one.path, one.id]).toEqual([two.path, ID]);
    expect(await codeOf(createSession({ ...where, id: ID, cwd: work }))).toBe('EXISTS');
    expect(await codeOf(getOrCreateSession(ID, { ...where, cwd: tmpdir() }))).toBe('EXISTS');
    expect(await codeOf(getOrCreateSession('not-a-uuid', where))).toBe('USAGE');
  });

  test('recognizes a sandbox when it gets a session', async () => {
    const { where, work } = place();
    const options = { ...where, cwd: work, sandboxes: join(work, 'boxes') };
    const one = await getOrCreateSession(ID, options);
    expect((await getOrCreateSession(ID, options)).path).toBe(one.path);
    expect(await codeOf(getOrCreateSession(ID, { ...options, sandboxes: join(work, 'other') }))).toBe('EXISTS');
  });

  test('refuses invalid option values', async () => {
    const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
    const session = (await getSession('00000006', where))!;
    for (const count of [-1, 1.5, NaN]) {
      expect(await codeOf(listSessions({ ...where, limit: count }))).toBe('USAGE');
      expect(await codeOf(all(session.messages({ head: count })))).toBe('USAGE');
      expect(await codeOf(all(session.messages({ tail: count })))).toBe('USAGE');
    }
    expect(await listSessions({ ...where, limit: Infinity })).toHaveLength((await listSessions(where)).length);
    expect(await codeOf(listSessions({ ...where, sort: 'newest' as SortKey }))).toBe('USAGE');
    expect(await codeOf(all(session.messages({ which: 'every' as 'all' })))).toBe('USAGE');
    expect(await codeOf(listSessions({ ...where, configDir: '' }))).toBe('USAGE');
    const signal = { aborted: false, reason: null, throwIfAborted: () => {} };
    expect(await codeOf(listSessions({ ...where, signal }))).toBe('USAGE');
  });

  test.each(['project', 'touched', 'kind', 'title', 'tag', 'branch', 'model', 'text'])(
    'refuses a filter %s that is not a text, which would let all sessions through',
    async (name) => {
      const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
      for (const value of [5, null, {}, [5]]) {
        expect(await codeOf(listSessions({ ...where, [name]: value }))).toBe('USAGE');
        if (name === 'project')
          expect(await codeOf(planPrune({ ...where, olderThan: '1d', [name]: value as never }))).toBe('USAGE');
      }
    },
  );

  test('lists by the names and grammars of the flags', async () => {
    const where = {
      configDir: fixtureHome('recorded/print'),
      cacheDir: null,
      now: () => Date.parse('2026-11-23T07:00:00Z'),
    };
    const every = await listSessions(where);
    expect(every.map(({ metadata }) => metadata.lastActivityAt)).toEqual(
      every
        .map(({ metadata }) => metadata.lastActivityAt)
        .toSorted()
        .toReversed(),
    );
    expect((await listSessions({ ...where, limit: 2 })).map(({ id }) => id)).toEqual(
      every.slice(0, 2).map(({ id }) => id),
    );
    expect(
      (await listSessions({ ...where, title: 'NEW-TITLE', reverse: true })).map(({ metadata }) => metadata.title),
    ).toEqual(['new-title', 'new-title']);
    expect(await listSessions({ ...where, since: '1min' })).toEqual([]);
    expect(await listSessions({ ...where, project: '/nowhere' })).toEqual([]);
    expect(await codeOf(listSessions({ ...where, since: '1m' }))).toBe('USAGE');
  });

  test('finds one by id, start of an id or title; null if there is none, an error for several', async () => {
    const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
    expect((await getSession('00000006', where))?.metadata.title).toBe('my named');
    expect((await getSession('MY NAMED', where))?.id).toMatch(/^00000006/);
    expect(await getSession('zzzz', where)).toBeNull();
    expect(await codeOf(getSession('new-title', where))).toBe('AMBIGUOUS');
  });

  test('streams a conversation, whole or in part', async () => {
    const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
    const session = (await getSession('00000006', where))!;
    const messages = await all(session.messages());
    expect(messages.filter(({ kind }) => kind === 'prompt')).toHaveLength(session.metadata.prompts);
    expect(await all(session.messages({ tail: 2 }))).toMatchObject(messages.slice(-2).map(({ uuid }) => ({ uuid })));
    expect(await all(session.messages({ head: 1, which: 'all' }))).toHaveLength(1);
  });

  test('changes a session and shows the result', async () => {
    const { where, work } = place();
    const session = await createSession({ ...where, title: 'One', cwd: work });
    await session.rename('Two');
    await session.tag('nightly');
    await session.archive();
    expect(session.metadata).toMatchObject({ title: 'Two', tag: 'nightly', archived: true });
    await session.archive(false);
    await session.rename(null);
    await session.tag(null);
    expect(session.metadata).toMatchObject({ title: null, tag: null, archived: false });
    expect(await codeOf(session.rename(' '))).toBe('USAGE');
  });

  test('forks, leaving the parent as it was', async () => {
    const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
    const parent = (await getSession('00000006', where))!;
    const before = readFileSync(parent.path, 'utf8');
    const fork = await parent.fork({ title: 'Another way', at: '1' });
    expect(fork.metadata).toMatchObject({ title: 'Another way', prompts: 1, forkedFrom: { id: parent.id } });
    expect(readFileSync(parent.path, 'utf8')).toBe(before);
    expect(await codeOf(parent.fork({ at: '99' }))).toBe('NOT_FOUND');
  });

  test('counts inherited work once: the own sums of parent and fork add up to their union', async () => {
    const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
    const parent = (await getSession('00000006', where))!;
    const { tokens, costUsd } = parent.metadata;
    const fork = await parent.fork();
    await parent.refresh();
    expect(tokens.total).toBeGreaterThan(0);
    expect(fork.metadata).toMatchObject({ tokens, costUsd, own: { tokens: { total: 0 }, costUsd: 0 } });
    expect(parent.metadata).toMatchObject({ tokens, costUsd, own: { tokens, costUsd } });
    expect(
      (await listSessions({ ...where, sort: 'cost', limit: 2 })).map(({ metadata }) => metadata.costUsd),
    ).toSatisfy(([first, second]: number[]) => first! >= second!);
  });

  test('moves a session and follows it', async () => {
    const { where, work } = place();
    const session = await createSession({ ...where, title: 'One', cwd: work });
    const there = realpathSync(mkdtempSync(join(work, 'there-')));
    const before = session.path;
    await session.move(there);
    expect([session.metadata.cwd, session.exists, session.path === before]).toEqual([there, true, false]);
    expect((await moveProject(there, work, where)).moves).toMatchObject([
      { id: session.id, toCwd: work, status: 'moved' },
    ]);
    expect(session.exists).toBe(false);
    expect(await codeOf(moveProject(there, work, where))).toBe('NOT_FOUND');
  });

  test('plans a prune without writing, and applies exactly the plan it is given', async () => {
    const where = {
      configDir: fixtureHome('recorded/print'),
      cacheDir: null,
      now: () => Date.parse('2027-03-01T00:00:00Z'),
    };
    const every = await listSessions(where);
    const plan = await planPrune({ ...where, olderThan: '30d', keepLast: 1 });
    expect(validator('plan')(plan)).toBe('');
    expect(plan).toMatchObject({
      dryRun: true,
      totals: { scanned: every.length, remove: every.length - 1, keep: 1, removed: 0 },
    });
    expect(await listSessions(where)).toHaveLength(every.length);
    plan.remove = plan.remove.slice(0, 2);
    const done = await applyPrune(plan, where);
    expect(done).toMatchObject({
      dryRun: false,
      totals: { removed: 2, failed: 0 },
      remove: [{ status: 'removed' }, { status: 'removed' }],
    });
    expect(await listSessions(where)).toHaveLength(every.length - 2);
    expect((await restore('@last-prune', where)).map(({ id }) => id).toSorted()).toEqual(
      plan.remove.map(({ id }) => id).toSorted(),
    );
    expect(await codeOf(planPrune(where))).toBe('USAGE');
    expect(await codeOf(planPrune({ ...where, olderThan: '30' }))).toBe('USAGE');
    expect(await codeOf(applyPrune({ ...plan, configDirs: ['/elsewhere'] }, where))).toBe('PLAN_REFUSED');
  });

  test('removes and restores a session, unless it is pinned', async () => {
    const { where, work } = place();
    const session = await createSession({ ...where, title: 'One', cwd: work });
    const before = readFileSync(session.path, 'utf8');
    expect((await removeSession(session, where)).totals).toMatchObject({ removed: 1 });
    expect([session.exists, await getSession(session.id, where)]).toEqual([false, null]);
    const [back] = await restore(session.id, where);
    expect([back?.path, readFileSync(session.path, 'utf8')]).toEqual([session.path, before]);
    await session.pin();
    expect(session.metadata.pinned).toBe(true);
    expect(await codeOf(removeSession(session.id, where))).toBe('LIVE');
    await session.pin(false);
    expect((await removeSession('one', where)).totals.removed).toBe(1);
    expect(await codeOf(removeSession('one', where))).toBe('NOT_FOUND');
    expect(await codeOf(restore('zzzz', where))).toBe('NOT_FOUND');
  });

  test("forecasts Claude Code's cleanup", async () => {
    const where = {
      configDir: fixtureHome('recorded/print'),
      cacheDir: null,
      now: () => Date.parse('2026-12-20T00:00:00Z'),
    };
    expect((await forecast({ ...where, within: '7d' })).sessions.filter(({ whole }) => whole)).toHaveLength(
      (await listSessions(where)).length,
    );
    expect((await forecast({ ...where, within: '1d' })).sessions).toEqual([]);
    expect(await codeOf(forecast({ ...where, within: '2020-01-01' }))).toBe('USAGE');
  });

  test('reports a session that could not be moved', async () => {
    const { where, work } = place();
    const there = realpathSync(mkdtempSync(join(work, 'there-')));
    const projects = join(work, 'config/projects');
    // As soon as the move has begun, a file takes the name of the new project dir.
    const now = (): number => {
      if (existsSync(join(work, 'config/.ccsess/move.journal'))) writeFileSync(join(projects, projectKey(there)), '');
      return Date.now();
    };
    const session = await createSession({ ...where, cwd: work, now });
    const before = session.path;
    await expect(session.move(there)).rejects.toThrow(
      /^session .{36} was not moved: cannot create .*: file already exists \(EEXIST\)\.$/,
    );
    expect([session.path, session.exists]).toEqual([before, true]);
  });

  test('rejects with the code IO where the file system refuses', async () => {
    const { where, work } = place();
    const there = realpathSync(mkdtempSync(join(work, 'there-')));
    const session = await createSession({ ...where, cwd: work });
    writeFileSync(join(work, 'config/projects', projectKey(there)), '');
    expect(await codeOf(session.fork({ cwd: there }))).toBe('IO');
    rmSync(join(work, 'config/projects', projectKey(there)));
    writeFileSync(join(work, 'config/.ccsess'), '');
    expect(await codeOf(session.move(there))).toBe('IO');
    expect(await codeOf(moveProject(work, there, where))).toBe('IO');
    rmSync(session.path);
    mkdirSync(session.path);
    expect(await codeOf(all(session.messages()))).toBe('IO');
    expect(await codeOf(all(session.transcript.entries()))).toBe('IO');
  });

  test('creates nothing when it is aborted before the start', async () => {
    const { where, work } = place();
    expect(await codeOf(createSession({ ...where, cwd: work, signal: AbortSignal.abort(new Error('enough')) }))).toBe(
      'Error: enough',
    );
    expect(await listSessions(where)).toEqual([]);
  });

  test('ends when it is aborted', async () => {
    const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
    expect(await codeOf(listSessions({ ...where, signal: AbortSignal.abort(new Error('enough')) }))).toBe(
      'Error: enough',
    );
    const stop = new AbortController();
    const session = (await getSession('00000006', { ...where, signal: stop.signal }))!;
    const messages = session.messages();
    await messages.next();
    stop.abort(new Error('enough'));
    expect(await codeOf(messages.next())).toBe('Error: enough');
  });
});

describe('usage from the library', () => {
  const where = { configDir: fixtureHome('recorded/ui2'), cacheDir: null };

  test('equals the output of stats --json', async () => {
    const options = { by: ['model', 'session'], since: '2026-11-01', until: '2027-01-01', timeZone: 'UTC' } as const;
    const report = await stats({ ...where, ...options });
    expect(validator('stats')(JSON.parse(JSON.stringify(report)))).toBe('');
    const flags = ['--by', 'model', '--by', 'session', '--since', '2026-11-01', '--until', '2027-01-01', '--tz', 'UTC'];
    const configDirs = resolveConfigDirs({ explicit: [where.configDir], env: {}, home: '/nowhere', cwd: '/' });
    const { stdout } = await run(['stats', ...flags, '--json'], { configDirs });
    expect(report).toEqual(JSON.parse(stdout));
    expect(report.rows.length).toBeGreaterThan(1);
  });

  test('groups by day by default, and covers one project', async () => {
    expect(await stats({ ...where, timeZone: 'UTC' })).toMatchObject({ by: 'day', rows: [{ key: '2026-11-23' }] });
    expect(await stats({ ...where, project: '/nowhere/at/all' })).toMatchObject({ rows: [], totals: { sessions: 0 } });
  });

  test('refuses invalid values, naming the option', async () => {
    await expect(stats({ ...where, by: 'hour' as never })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/^by hour: /) as string,
    });
    await expect(stats({ ...where, by: [] })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(stats({ ...where, since: 'soon' })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/^since soon: /) as string,
    });
    await expect(stats({ ...where, prices: '/nowhere.json' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
