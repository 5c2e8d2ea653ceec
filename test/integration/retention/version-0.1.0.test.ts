import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { run, type Outcome } from '../../support/context.js';
import { fixtureHome } from '../../support/fixtures.js';
import { validator } from '../../unit/schema/schemas.js';

const id = (n: number): string => `${n}0000000-0000-4000-8000-00000000000${n}`;
const PROJECT = 'projects/-home-me-garden';
/** Long after the fixture was made: its locks, made on another machine, count as abandoned. */
const NOW = Date.parse('2026-12-20T00:00:00.000Z');
/** The path that the fixture was made under. */
const MADE_AT = '/home/me/.claude';

/** Hash of each session file before version 0.1.0 moved any. */
const ORIGINAL = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../fixtures/retention-0.1.0/original.sha256.json'), 'utf8'),
) as Record<string, string>;

const ccsess = (home: string, ...argv: string[]): Promise<Outcome> =>
  run(argv, {
    configDirs: resolveConfigDirs({ explicit: [home], env: {}, home: '/home/me', cwd: '/' }),
    home: '/home/me',
    now: NOW,
  });

/** Expects each file of a session at its old path, with its old content. */
function expectWhole(home: string, n: number, moved: (path: string) => string = (path) => path): void {
  const own = Object.entries(ORIGINAL).filter(([path]) => path.includes(id(n)));
  expect(own.length).toBeGreaterThan(0);
  for (const [path, hash] of own) {
    expect(existsSync(join(home, moved(path))), path).toBe(true);
    expect(
      createHash('sha256')
        .update(readFileSync(join(home, moved(path))))
        .digest('hex'),
      path,
    ).toBe(hash);
  }
}

/** Names in `.ccsess`, without the disk reserve that every changing command leaves there. */
function ownFiles(home: string): string[] {
  return readdirSync(join(home, '.ccsess'))
    .filter((name) => name !== 'reserve')
    .sort();
}

test('the trash of version 0.1.0 is listed and restored, compressed files with their times', async () => {
  const home = fixtureHome('retention-0.1.0/whole');
  const { stdout, stderr } = await ccsess(home, 'trash', '--json');
  expect([validator('trash')(JSON.parse(stdout)), stderr]).toEqual(['', '']);
  expect(JSON.parse(stdout)).toMatchObject([
    { id: id(2), configDir: home, title: 'Bed 2', damage: null },
    { id: id(1), configDir: home, title: 'Bed 1', damage: null },
  ]);
  expect(await ccsess(home, 'restore', '@last-prune', '--keep-times')).toEqual({
    stdout: expect.stringContaining(`${id(1)}\n`) as string,
    stderr: '',
    exitCode: 0,
  });
  for (const n of [1, 2]) {
    expectWhole(home, n);
    expect(statSync(join(home, PROJECT, `${id(n)}.jsonl`)).mtime.toISOString()).toBe('2026-08-01T10:00:00.000Z');
  }
  expect(readdirSync(join(home, '.ccsess/trash'))).toEqual([]);
});

test('the trash of version 0.1.0 is emptied', async () => {
  const home = fixtureHome('retention-0.1.0/whole');
  expect((await ccsess(home, 'trash', 'empty', '--yes')).stdout).toMatch(/^Permanently deleted: 2 sessions/);
  expect(readdirSync(join(home, '.ccsess/trash'))).toEqual([]);
});

test('its pinned and restored sessions are protected', async () => {
  const home = fixtureHome('retention-0.1.0/whole');
  expect((await ccsess(home, 'list', '-a', '--pinned')).stdout).toContain(id(4));
  const plan = JSON.parse((await ccsess(home, 'prune', '--older-than', '3d', '-n', '--json')).stdout) as {
    remove: { id: string }[];
    keep: { id: string; reasons: { code: string }[] }[];
  };
  expect(plan.remove.map((one) => one.id)).toEqual([id(5)]);
  const codes = plan.keep.map((one) => [one.id, one.reasons.map(({ code }) => code)]);
  expect(Object.fromEntries(codes)).toEqual({ [id(3)]: ['restored'], [id(4)]: ['pinned'] });
});

test('its saved plan is applied', async () => {
  const home = fixtureHome('retention-0.1.0/whole');
  const saved = readFileSync(join(import.meta.dirname, '../../../fixtures/retention-0.1.0/plan.json'), 'utf8');
  const plan = JSON.parse(saved.replaceAll(MADE_AT, home)) as { remove: { id: string; fingerprint: string }[] };
  // The copied files have other inodes: the fingerprints are computed anew, as version 0.1.0 does.
  for (const removal of plan.remove) removal.fingerprint = fingerprintOf(home, removal.id);
  const file = join(home, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  const { stdout, stderr, exitCode } = await ccsess(home, 'prune', '--apply', file, '--yes', '--json');
  expect([stderr, exitCode]).toEqual(['', 0]);
  const { remove } = JSON.parse(stdout) as { remove: { id: string; status: string }[] };
  expect(remove.map((one) => [one.id, one.status])).toEqual([3, 5].map((n) => [id(n), 'removed']));
});

function fingerprintOf(home: string, session: string): string {
  const side = join(PROJECT, session);
  const roots = [`${side}.jsonl`, side, `file-history/${session}`, `tasks/${session}`, `debug/${session}.txt`];
  const paths = roots.flatMap((root) => {
    const path = join(home, root);
    if (!statSync(path).isDirectory()) return [path];
    const below = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
    return below.map((name) => join(path, name));
  });
  const files = paths.map((path) => ({ path, stats: lstatSync(path) })).filter(({ stats }) => stats.isFile());
  const parts = files.flatMap(({ path, stats }) => [
    relative(home, path),
    'file',
    stats.ino,
    stats.size,
    stats.mtimeMs,
  ]);
  return `sha256:${createHash('sha256').update(parts.join('\0')).digest('hex')}`;
}

test.each<[string, number, string]>([
  ['moving', 6, 'is back at its original path.'],
  ['restoring', 6, 'is restored.'],
])('what a kill of it left %s is recovered', async (name, n, outcome) => {
  const home = fixtureHome(`retention-0.1.0/${name}`);
  expect((await ccsess(home, 'list')).stderr).toContain('ccsess recover');
  const { stdout, exitCode } = await ccsess(home, 'recover');
  expect([stdout, exitCode]).toEqual([expect.stringContaining(outcome), 0]);
  expectWhole(home, n);
  expect(ownFiles(home)).toEqual(name === 'moving' ? ['trash'] : ['restored', 'trash']);
  expect(readdirSync(join(home, '.ccsess/trash'))).toEqual([]);
});

test('a killed move is finished from its journal', async () => {
  const home = fixtureHome('retention-0.1.0/moved');
  expect((await ccsess(home, 'recover')).stderr).toContain('1 session moved, 0 sessions not.');
  const plot = 'projects/-home-me-plot';
  expect(readdirSync(join(home, plot)).sort()).toEqual([id(6), `${id(6)}.jsonl`]);
  expect(readFileSync(join(home, plot, `${id(6)}.jsonl`), 'utf8')).toContain('"relocatedCwd":"/home/me/plot"');
  expect(ownFiles(home)).toEqual([]);
});
