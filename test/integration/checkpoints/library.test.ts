import { symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  applyRewind,
  CcsessError,
  getSession,
  listCheckpoints,
  planRewind,
  undoRewind,
  type LibraryOptions,
  type RewindPlan,
} from '../../../src/index.js';
import { CheckpointedSession, removeFile, SESSION } from '../../support/checkpointed.js';
import { run } from '../../support/context.js';
import { snapshot } from '../../support/trees.js';
import { validator } from '../../unit/schema/schemas.js';

const NOW = Date.parse('2026-11-29T12:03:07.000Z');

/** A session of three prompts, and where the library finds it. */
function edited(): { session: CheckpointedSession; where: LibraryOptions } {
  const session = new CheckpointedSession();
  session.put('b.ts', 'one\ntwo\n', 0o755);
  session.prompt('First thing', { 'a.ts': 'a1\n', 'b.ts': 'one\nTWO\n' });
  session.prompt('Second thing', { 'a.ts': 'a2\n', 'c.txt': 'c1\n' });
  session.prompt('Third thing');
  return { session, where: { configDir: session.configDir, cacheDir: null, now: () => NOW } };
}

async function errorOf(promise: Promise<unknown>): Promise<CcsessError | null> {
  return promise.then(
    () => null,
    (error: unknown) => (error instanceof CcsessError ? error : Promise.reject(error as Error)),
  );
}

describe('the library', () => {
  test('lists checkpoints as the command does', async () => {
    const { session, where } = edited();
    const outcome = await run(['checkpoints', SESSION, '--json'], { ...session.world, now: NOW });
    const listed = await listCheckpoints(SESSION, where);
    expect(listed).toEqual(JSON.parse(outcome.stdout));
    expect(listed.checkpoints.map(({ prompt }) => prompt)).toEqual([1, 2, 3]);
  });

  test('plans without writing, applies, and undoes byte for byte', async () => {
    const { session, where } = edited();
    const before = snapshot(session.home);
    const files = snapshot(session.project);
    const plan = await planRewind(SESSION, 1, where);
    expect(snapshot(session.home)).toEqual(before);
    expect(plan).toMatchObject({ dryRun: true, canRewind: true, skippedLinks: 0, insertions: 1, deletions: 3 });
    const outcome = await run(['rewind', SESSION, '--to', '1', '-n', '--json'], { ...session.world, now: NOW });
    expect(plan).toEqual(JSON.parse(outcome.stdout));
    const done = await applyRewind(JSON.parse(JSON.stringify(plan)) as RewindPlan, where);
    expect(validator('rewind')(done)).toBe('');
    expect(done).toMatchObject({ dryRun: false, filesChanged: plan.filesChanged });
    expect(session.get('b.ts')).toBe('one\ntwo\n');
    expect([session.get('a.ts'), session.get('c.txt')]).toEqual([null, null]);
    expect(await undoRewind(done.undo, { ...where, dryRun: true })).toMatchObject({ dryRun: true, undo: null });
    expect(session.get('a.ts')).toBeNull();
    const undone = await undoRewind(null, where);
    expect(undone).toMatchObject({ dryRun: false, undone: done.undo, skipped: [] });
    expect(snapshot(session.project)).toEqual(files);
  });

  test('writes a state into a new folder, and touches nothing else', async () => {
    const { session, where } = edited();
    const files = snapshot(session.project);
    const toDir = `${session.home}/then`;
    const plan = await planRewind(SESSION, 3, { ...where, toDir });
    expect(plan).toMatchObject({ dryRun: true, toDir, files: [{ path: 'a.ts' }, { path: 'b.ts' }, { path: 'c.txt' }] });
    const outcome = await run(['rewind', SESSION, '--to', '3', '--to-dir', toDir, '-n', '--json'], {
      ...session.world,
      now: NOW,
    });
    expect(plan).toEqual(JSON.parse(outcome.stdout));
    plan.files = plan.files.filter(({ path }) => path !== 'c.txt');
    const done = await applyRewind(plan, where);
    expect(done).toMatchObject({ dryRun: false, toDir, undo: null, filesChanged: [`${toDir}/a.ts`, `${toDir}/b.ts`] });
    const written = Object.entries(snapshot(toDir)).map(([path, state]) => [
      path,
      state.replace(/^file (\d+) \d+ /, 'file $1 '),
    ]);
    expect(Object.fromEntries(written)).toEqual({ 'a.ts': 'file 644 a2\n', 'b.ts': 'file 755 one\nTWO\n' });
    expect(snapshot(session.project)).toEqual(files);
    const refused = { code: 'EXISTS', message: `${toDir} is not empty: name a new folder.` };
    expect(await errorOf(applyRewind(plan, where))).toMatchObject(refused);
    expect(await errorOf(planRewind(SESSION, 3, { ...where, toDir }))).toMatchObject(refused);
    expect(await errorOf(planRewind(SESSION, 3, { ...where, toDir: '' }))).toMatchObject({ code: 'USAGE' });
    expect(await errorOf(applyRewind(plan, { ...where, fork: true }))).toMatchObject({ code: 'USAGE' });
  });

  test('forks the session before the prompt, with files or without', async () => {
    const { session, where } = edited();
    const plan = await planRewind(SESSION, 3, where);
    const done = await applyRewind({ ...plan, files: [] }, { ...where, fork: true });
    expect(done).toMatchObject({ dryRun: false, undo: null, fork: expect.any(String) as string });
    const other = await applyRewind(await planRewind(SESSION, 2, where), { ...where, fork: true });
    expect([session.get('a.ts'), other.undo]).toEqual(['a1\n', expect.any(String)]);
    const prompts = await Promise.all(
      [done, other].map(async ({ fork }) => (await getSession(fork ?? '', where))?.metadata.prompts),
    );
    expect(prompts).toEqual([2, 1]);
  });

  test('does not fork from an abandoned branch, and changes no files then', async () => {
    const { session, where } = edited();
    session.rewindConversation(null);
    session.prompt('Another start');
    const plan = await planRewind(SESSION, session.prompts[1]!, where);
    const files = snapshot(session.project);
    expect(plan.files.length).toBeGreaterThan(0);
    expect(await errorOf(applyRewind(plan, { ...where, fork: true }))).toMatchObject({ code: 'USAGE' });
    expect(snapshot(session.project)).toEqual(files);
  });

  test('restores only the files that are named, or that a narrowed plan keeps', async () => {
    const { session, where } = edited();
    const named = await planRewind(SESSION, 1, { ...where, file: session.path('b.ts') });
    const found = await getSession(SESSION, where);
    // A session knows its own config dir.
    expect(await planRewind(found!, 1, { file: session.path('b.ts') })).toEqual(named);
    expect(named.files.map(({ path }) => path)).toEqual(['b.ts']);
    const plan = await planRewind(SESSION, 1, where);
    plan.files = plan.files.filter(({ path }) => path === 'c.txt');
    expect((await applyRewind(plan, where)).filesChanged).toEqual([session.path('c.txt')]);
    expect([session.get('a.ts'), session.get('b.ts'), session.get('c.txt')]).toEqual(['a2\n', 'one\nTWO\n', null]);
  });

  test.each<[string, (session: CheckpointedSession, plan: RewindPlan) => unknown]>([
    ['a file was written since', (session) => session.put('a.ts', 'by hand\n')],
    [
      'a file became a link since',
      (session) => [removeFile(session.path('a.ts')), symlinkSync('b.ts', session.path('a.ts'))],
    ],
    ['it names a file that is not tracked', (_, plan) => (plan.files[0]!.path = '../other.txt')],
    ['it is one for another folder', (_, plan) => (plan.toDir = '/elsewhere')],
  ])('refuses a plan with nothing written if %s', async (_, change) => {
    const { session, where } = edited();
    const plan = await planRewind(SESSION, 1, where);
    change(session, plan);
    const before = snapshot(session.project);
    expect((await errorOf(applyRewind(plan, where)))?.code).toBe('PLAN_REFUSED');
    expect(snapshot(session.project)).toEqual(before);
  });

  test('rejects what does not exist, and misspelt options', async () => {
    const { where } = edited();
    expect((await errorOf(planRewind(SESSION, 9, where)))?.code).toBe('NOT_FOUND');
    expect((await errorOf(listCheckpoints('nothing', where)))?.code).toBe('NOT_FOUND');
    expect((await errorOf(planRewind(SESSION, 1, { ...where, file: 'x.ts' })))?.code).toBe('NOT_FOUND');
    expect((await errorOf(undoRewind(null, where)))?.code).toBe('NOT_FOUND');
    const misspelt = { ...where, outsides: true };
    expect((await errorOf(planRewind(SESSION, 1, misspelt)))?.code).toBe('USAGE');
  });
});
