import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../src/claude/environment.js';
import { runLocked, type LockedRunOptions } from '../../../src/retention/restore/run-locked.js';
import type { Recovered } from '../../../src/retention/restore/recover.js';
import { readTrash } from '../../../src/retention/trash/trash.js';
import { ownMark } from '../../../src/system/temporaries.js';
import { fileKey } from '../../../src/system/process/written-files.js';
import type { System } from '../../../src/system/system.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { withoutPrivileges } from '../../support/other-user.js';
import { ID, Removable } from '../../support/removable.js';
import { configDirs, disk, id } from '../claude/disk.js';

const OPTIONS: LockedRunOptions = { trashDir: null, lockWaitMs: 0 };
/** A transcript that a killed run had renamed to copy it to another file system. */
const STAGED = `projects/-a/.ccsess-2026-11-23T06-46-02Z-7f3a-1-0~${id(1)}.jsonl~`;
const BACK = `projects/-a/${id(1)}.jsonl`;
/** A temporary file that a killed rename left in a side folder. */
const LITTER = `projects/-a/${id(2)}/.custom-title.json.ffffff${ownMark()}000000.tmp`;

/** Writes the lock of a run that was killed. */
function leaveLock(root: string, more: { trashDirs?: string[]; inPlace?: boolean } = {}): void {
  const holder = { pid: 99, startTime: '1', pidDomain: null, at: new Date(NOW).toISOString(), trashDirs: [] };
  mkdirSync(join(root, '.ccsess'), { recursive: true });
  writeFileSync(join(root, '.ccsess/lock'), JSON.stringify({ ...holder, ...more }));
}

function run(
  root: string,
  options: Partial<LockedRunOptions> = {},
  system: System = IDLE,
): Promise<Pick<Recovered, 'id' | 'outcome'>[]> {
  const dirs = configDirs(root);
  const environment: Environment = { configDirs: dirs, now: () => NOW, system, env: {}, home: '/nowhere', cwd: '/' };
  return runLocked({ ...OPTIONS, ...options }, environment, (recovered) =>
    Promise.resolve(recovered.map((each) => ({ id: each.id, outcome: each.outcome }))),
  );
}

const isLocked = (root: string): boolean => existsSync(join(root, '.ccsess/lock'));
const PUT_BACK = [{ id: id(1), outcome: 'put-back' }];

describe('sessions that a killed run had renamed', () => {
  test.each<[string, (root: string) => Parameters<typeof leaveLock>[1]]>([
    ['to copy them into a trash that is now missing', () => ({ trashDirs: ['/nowhere/trash'] })],
    ['to delete them in place', (root) => ({ trashDirs: [join(root, '.ccsess/trash')], inPlace: true })],
  ])('%s are put back by the next run', async (_what, left) => {
    const root = disk({ [STAGED]: 'one' });
    leaveLock(root, left(root));
    expect(await run(root)).toEqual(PUT_BACK);
    expect([readFileSync(join(root, BACK), 'utf8'), existsSync(join(root, STAGED)), isLocked(root)]).toEqual([
      'one',
      false,
      false,
    ]);
  });

  test('are left to a later run if they cannot be put back, which finds the lock', async () => {
    const root = disk({ outside: '', [LITTER]: '' });
    mkdirSync(join(root, 'projects/-a'), { recursive: true });
    symlinkSync(join(root, 'outside'), join(root, STAGED));
    leaveLock(root, { trashDirs: ['/nowhere/trash'] });
    expect(await run(root)).toEqual([{ id: id(1), outcome: 'failed' }]);
    // Temporary files may belong to it.
    expect([isLocked(root), existsSync(join(root, LITTER))]).toEqual([true, true]);
    rmSync(join(root, STAGED));
    expect(await run(root)).toEqual([]);
    expect([isLocked(root), existsSync(join(root, LITTER))]).toEqual([false, false]);
  });

  test('are looked for at the end of a run that deletes in place, and only of such a run', async () => {
    const root = disk({ [STAGED]: 'one' });
    await run(root);
    expect([isLocked(root), existsSync(join(root, STAGED))]).toEqual([false, true]);
    await run(root, { onlyDeletes: true });
    expect(isLocked(root)).toBe(true);
    expect(await run(root)).toEqual(PUT_BACK);
    expect(isLocked(root)).toBe(false);
  });
});

test('a run on Windows, through a link, or with a trash that cannot be read starts nothing', async () => {
  const root = disk({});
  await expect(run(root, {}, { ...IDLE, platform: 'win32' })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('is not supported on Windows') as string,
  });
  const trashDir = join(root, 'closed');
  mkdirSync(trashDir, { mode: 0 });
  await withoutPrivileges(root, () =>
    expect(run(root, { trashDir })).rejects.toMatchObject({
      code: 'IO',
      message: `the trash cannot be read: ${trashDir} (EACCES).`,
    }),
  );
  expect(existsSync(join(root, '.ccsess'))).toBe(false);
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), join(root, '.ccsess'));
  await expect(run(root)).rejects.toMatchObject({ code: 'IO' });
  expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
});

test('lines of replaced transcripts are carried over without waiting for the program that writes them', async () => {
  const root = disk({ [BACK]: '{"n":1}\n', '.ccsess/replaced/0123456789abcdef.jsonl': '{"n":1}\n{"late":1}\n' });
  const record = {
    ...{ version: 1, path: ['-a', `${id(1)}.jsonl`], copied: { lines: 1, bytes: 8, size: 8 } },
    ...{ results: [], at: new Date(NOW) },
  };
  const kept = join(root, '.ccsess/replaced/0123456789abcdef');
  writeFileSync(`${kept}.json`, JSON.stringify(record));
  let listings = 0;
  const transcriptsBeingWritten = (): Set<string> => {
    listings += 1;
    return new Set([fileKey(statSync(`${kept}.jsonl`))]);
  };
  await run(root, {}, { ...IDLE, transcriptsBeingWritten });
  expect([readFileSync(join(root, BACK), 'utf8'), listings]).toEqual(['{"n":1}\n{"late":1}\n', 1]);
});

describe('sessions in the trash that an interrupted run was compressing', () => {
  /** A session in the trash of whose two transcripts one is compressed, and the names in its entry. */
  async function half(): Promise<{ home: Removable; names: () => string[]; folder: string }> {
    const home = new Removable();
    const [one, other] = [`projects/-home-dev-app/${ID}/subagents/agent-b.jsonl`, '{"type":"note"}\n'.repeat(512)];
    home.put(one, other);
    await home.run(['rm', ID, '--yes', '--no-compress']);
    const [entry] = readTrash(home.configDirs, null);
    if (entry === undefined) throw new Error('nothing is in the trash');
    return { home, names: () => readdirSync(entry.folder).sort(), folder: entry.folder };
  }

  test('are compressed by the next run if it was killed, or left a half-written file', async () => {
    const { home, names, folder } = await half();
    const plain = names();
    // Nothing says that the run was compressing.
    leaveLock(home.configDir, { trashDirs: [join(home.configDir, '.ccsess/trash')] });
    await run(home.configDir);
    expect(names()).toEqual(plain);
    writeFileSync(join(folder, 'packed-9-9.gz'), '');
    await run(home.configDir);
    expect(names()).toEqual([...plain, 'packed-9-9.gz']);
    writeFileSync(join(folder, 'packed-0-0.gz.tmp'), 'half');
    await run(home.configDir);
    expect(names()).toEqual(expect.arrayContaining(['packed-0-0.gz']));
    expect(names()).not.toContain('0');
    expect(names()).not.toContain('packed-0-0.gz.tmp');
  });

  test('are compressed after a kill between two files', async () => {
    const { home, names, folder } = await half();
    writeFileSync(join(folder, 'packed-9-9.gz'), '');
    leaveLock(home.configDir, { trashDirs: [join(home.configDir, '.ccsess/trash')] });
    await run(home.configDir);
    expect(names()).toEqual(expect.arrayContaining(['packed-0-0.gz', 'packed-9-9.gz']));
  });
});

test('folders of runs without a session are removed, and the lock stays if the trash cannot be read', async () => {
  const root = disk({});
  mkdirSync(join(root, '.ccsess/trash/2026-11-23T06-46-02Z-7f3a'), { recursive: true });
  await run(root);
  expect(readdirSync(join(root, '.ccsess/trash'))).toEqual([]);
});

test('the lock stays for the next run while a session is half moved', async () => {
  const home = new Removable();
  await home.run(['rm', ID, '--yes', '--no-compress']);
  readTrash(home.configDirs, null)[0]?.setState('moving');
  mkdirSync(home.transcript, { recursive: true });
  expect(await run(home.configDir)).toEqual([{ id: ID, outcome: 'failed' }]);
  expect(isLocked(home.configDir)).toBe(true);
  rmSync(home.transcript, { recursive: true });
  expect(await run(home.configDir)).toEqual([{ id: ID, outcome: 'put-back' }]);
  expect([isLocked(home.configDir), home.text]).toEqual([false, home.before]);
});
