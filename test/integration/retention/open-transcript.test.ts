import { rmSync, statSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { fileKey } from '../../../src/system/process/written-files.js';
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

function elsewhere(): string {
  disk.apart = temporaryFolder('apart');
  folders.push(disk.apart);
  return disk.apart;
}

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

  test('moves to a trash on its own file system, where the next line goes along', async () => {
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
