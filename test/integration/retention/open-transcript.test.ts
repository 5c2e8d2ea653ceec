import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { fileKey } from '../../../src/system/process/written-files.js';
import { localSystem } from '../../../src/system/system.js';
import { IDLE, run, type Outcome } from '../../support/context.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession } from '../../support/trees.js';
import { temporaryFolder } from '../../support/temporary.js';

/** A folder that looks like another file system. */
const disk = vi.hoisted(() => ({ apart: null as string | null }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const renameSync: typeof fs.renameSync = (from, to) => {
    const isApart = disk.apart !== null && String(from).startsWith(disk.apart) !== String(to).startsWith(disk.apart);
    if (isApart) throw Object.assign(new Error('EXDEV: cross-device link'), { code: 'EXDEV' });
    fs.renameSync(from, to);
  };
  return { ...fs, renameSync, default: { ...fs, renameSync } };
});

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const HOUR_MS = 60 * 60 * 1000;
const folders: string[] = [];

afterEach(() => {
  disk.apart = null;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A session whose transcript some process has open for writing, removed with `flags` this long after its last line. */
async function remove(afterMs: number, ...flags: string[]): Promise<{ outcome: Outcome; isWhole: boolean }> {
  const configDir = emptyConfigDir();
  folders.push(configDir);
  writeSession(configDir, ID);
  const transcript = join(configDir, 'projects', PROJECT, `${ID}.jsonl`);
  const before = snapshot(configDir);
  const stats = statSync(transcript);
  const outcome = await run(['rm', ID, '--yes', ...flags], {
    configDirs: resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' }),
    home: '/nowhere',
    cwd: '/',
    now: stats.mtimeMs + afterMs,
    system: { ...IDLE, transcriptsBeingWritten: () => new Set([fileKey(stats)]) },
  });
  const after = ofSession(snapshot(configDir), ID);
  return { outcome, isWhole: JSON.stringify(after) === JSON.stringify(ofSession(before, ID)) };
}

const LATE = '{"type":"tag","tag":"late"}\n';

/**
 * A session of some age whose transcript a program opens, removed with `flags`, and then written to by the program. The
 * open files are those of this machine.
 */
async function removeOpen(
  ageMs: number,
  ...flags: string[]
): Promise<{ removed: Outcome; isWhole: boolean; inTrash: string[] }> {
  const configDir = emptyConfigDir();
  folders.push(configDir);
  writeSession(configDir, ID);
  const transcript = join(configDir, 'projects', PROJECT, `${ID}.jsonl`);
  appendFileSync(transcript, `{"type":"note","text":"${'x'.repeat(8192)}"}\n`);
  utimesSync(transcript, 1_700_000_000, 1_700_000_000);
  const text = readFileSync(transcript, 'utf8');
  const { transcriptsBeingWritten } = localSystem();
  const world = {
    configDirs: resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' }),
    home: '/nowhere',
    cwd: '/',
    now: 1_700_000_000_000 + ageMs,
    system: { ...IDLE, transcriptsBeingWritten },
  };
  const file = openSync(transcript, 'a');
  const removed = await run(['rm', ID, '--yes', ...flags], world);
  writeSync(file, LATE);
  closeSync(file);
  const trash = flags.at(-1)?.startsWith('/') === true ? (flags.at(-1) ?? '') : join(configDir, '.ccsess/trash');
  const inTrash = readdirSync(trash, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\/(?:packed-0-0\.gz|0)$/.test(name),
  );
  if (removed.exitCode === 0) await run(['restore', ID, '--keep-times'], world);
  return { removed, isWhole: readFileSync(transcript, 'utf8') === text + LATE, inTrash };
}

describe.runIf(process.platform === 'linux')(
  'a line that a program writes later to a transcript that it had open',
  () => {
    test('is not lost by compression: what is open is not compressed', async () => {
      for (const ageMs of [HOUR_MS, 400 * 24 * HOUR_MS]) {
        const { removed, isWhole, inTrash } = await removeOpen(ageMs);
        expect({ ...removed, isWhole, inTrash }).toMatchObject({
          exitCode: 0,
          isWhole: true,
          inTrash: [expect.stringMatching(/\/1\/0$/)],
        });
      }
    });

    test('prevents copying its session to another file system, whatever its age', async () => {
      for (const ageMs of [HOUR_MS, 400 * 24 * HOUR_MS]) {
        const { removed, isWhole } = await removeOpen(ageMs, '--trash-dir', elsewhere());
        expect(removed.stderr).toContain('a process has it open for writing');
        expect({ exitCode: removed.exitCode, isWhole }).toEqual({ exitCode: 5, isWhole: true });
      }
    });

    test('prevents deleting its session permanently within a day of its last line', async () => {
      const { removed, isWhole } = await removeOpen(HOUR_MS, '--permanent');
      expect(removed.stderr).toContain('a process has it open for writing');
      expect({ exitCode: removed.exitCode, isWhole }).toEqual({ exitCode: 5, isWhole: true });
    });
  },
);

function elsewhere(): string {
  disk.apart = temporaryFolder('apart');
  folders.push(disk.apart);
  return disk.apart;
}

describe('sessions that are copied to a trash on another file system', () => {
  const IDS = [1, 2, 3, 4].map((n) => `aaaaaaaa-0000-4000-8000-00000000000${n}`);

  /** Removes four sessions; `onListed` is called each time open files are listed, and returns keys of open ones. */
  async function removeFour(
    onListed: (transcripts: string[]) => Set<string>,
  ): Promise<{ outcome: Outcome; configDir: string; listings: number; changes: string[] }> {
    const configDir = emptyConfigDir();
    folders.push(configDir);
    for (const id of IDS) writeSession(configDir, id);
    const transcripts = IDS.map((id) => join(configDir, 'projects', PROJECT, `${id}.jsonl`));
    const before = snapshot(configDir);
    let listings = 0;
    const transcriptsBeingWritten = (): Set<string> => {
      listings += 1;
      return onListed(transcripts);
    };
    const outcome = await run(['rm', ...IDS, '--yes', '--no-compress', '--trash-dir', elsewhere()], {
      configDirs: resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' }),
      home: '/nowhere',
      cwd: '/',
      now: statSync(transcripts[0] ?? '').mtimeMs + 25 * HOUR_MS,
      system: { ...IDLE, transcriptsBeingWritten },
    });
    const after = snapshot(configDir);
    const state = (id: string): string => {
      const now = JSON.stringify(ofSession(after, id));
      return now === JSON.stringify(ofSession(before, id)) ? 'whole' : now === '{}' ? 'gone' : 'changed';
    };
    return { outcome, configDir, listings, changes: IDS.map(state) };
  }

  test('need one list of open files, made after all of them were renamed', async () => {
    const present: boolean[] = [];
    const found = await removeFour((transcripts) => {
      present.push(...transcripts.map(existsSync));
      return new Set();
    });
    expect(found).toMatchObject({ outcome: { exitCode: 0 }, listings: 1, changes: Array(4).fill('gone') });
    expect(present).toEqual([false, false, false, false]);
  });

  test('are put back one by one: those that are open for writing', async () => {
    const keys: string[] = [];
    const found = await removeFour((transcripts) => {
      const folder = join(transcripts[0] ?? '', '..');
      const staged = readdirSync(folder).find((name) => name.includes(`~${IDS[1]}.jsonl~`)) ?? '';
      keys.push(fileKey(statSync(join(folder, staged))));
      return new Set(keys);
    });
    expect(found).toMatchObject({ outcome: { exitCode: 3 }, changes: ['gone', 'whole', 'gone', 'gone'] });
    expect(found.outcome.stderr).toContain('a process has it open for writing');
  });

  test('are put back if they were continued while others were copied, with the lines that were added', async () => {
    const { outcome, changes, configDir } = await removeFour((transcripts) => {
      writeFileSync(transcripts[0] ?? '', LATE);
      return new Set();
    });
    expect(changes).toEqual(['changed', 'gone', 'gone', 'gone']);
    expect(outcome.exitCode).not.toBe(0);
    const text = readFileSync(join(configDir, 'projects', PROJECT, `${IDS[0]}.jsonl`), 'utf8');
    expect(text.endsWith(`\n${LATE}`)).toBe(true);
    expect(text.length).toBeGreaterThan(LATE.length);
  });
});

describe('a transcript that a process has open for writing', () => {
  test('is not deleted within a day of its last line, since the next one would be lost', async () => {
    const { outcome, isWhole } = await remove(HOUR_MS, '--permanent');
    expect(outcome).toMatchObject({ exitCode: 5 });
    expect(outcome.stderr + outcome.stdout).toContain('a process has it open for writing');
    expect(isWhole).toBe(true);
  });

  test('is not copied to a trash on another file system either', async () => {
    const { outcome, isWhole } = await remove(HOUR_MS, '--trash-dir', elsewhere());
    expect(outcome).toMatchObject({ exitCode: 5 });
    expect(isWhole).toBe(true);
  });

  test('moves to a trash on its own file system, where later lines are still written to it', async () => {
    const { outcome, isWhole } = await remove(HOUR_MS);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(isWhole).toBe(false);
  });

  test('is deleted once nothing was written for a day', async () => {
    const { outcome, isWhole } = await remove(25 * HOUR_MS, '--permanent');
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(isWhole).toBe(false);
  });
});
