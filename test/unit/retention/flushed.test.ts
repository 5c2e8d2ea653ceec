import type * as Fs from 'node:fs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { replaceLock } from '../../../src/retention/lock-write.js';
import { keepReserve } from '../../../src/retention/reserve.js';
import { joinTranscripts } from '../../../src/retention/restore/join-transcripts.js';
import { appendRange } from '../../../src/retention/restore/late-lines.js';
import { moveFromTrash } from '../../../src/retention/restore/move-from-trash.js';
import { putBack } from '../../../src/retention/restore/put-back.js';
import { copyTree } from '../../../src/retention/trash/copy-tree.js';
import { pack } from '../../../src/retention/trash/packing/pack.js';
import { unpack } from '../../../src/retention/trash/packing/unpack.js';
import { readTrash } from '../../../src/retention/trash/trash.js';
import { writeManifest, type TrashedSession } from '../../../src/retention/trash/manifest.js';
import { TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import { ID, Removable } from '../../support/removable.js';
import { temporaryFolder } from '../../support/temporary.js';

/** The steps since the test began: flushes, and changes of names. Config dirs may be on another disk than `trash`. */
const disk = vi.hoisted(() => ({ steps: [] as string[], isApart: false, isFull: false, roomBytes: Infinity }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const nameOf = (path: Fs.PathLike): string => String(path).split('/').at(-1) ?? '';
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const fsyncSync: typeof fs.fsyncSync = (fd) => {
    disk.steps.push(`flush ${nameOf(fs.readlinkSync(`/proc/self/fd/${fd}`))}`);
    fs.fsyncSync(fd);
  };
  const requireTogether = (...paths: Fs.PathLike[]): void => {
    if (disk.isApart && new Set(paths.map((path) => String(path).includes('/trash/'))).size > 1) refuse('EXDEV');
  };
  const renameSync: typeof fs.renameSync = (from, to) => {
    requireTogether(from, to);
    disk.steps.push(`rename ${nameOf(from)} ${nameOf(to)}`);
    fs.renameSync(from, to);
  };
  const linkSync: typeof fs.linkSync = (from, to) => {
    requireTogether(from, to);
    fs.linkSync(from, to);
  };
  const unlinkSync: typeof fs.unlinkSync = (path) => {
    disk.steps.push(`unlink ${nameOf(path)}`);
    fs.unlinkSync(path);
  };
  const rmSync: typeof fs.rmSync = (path, options) => {
    if (fs.existsSync(path)) disk.steps.push(`remove ${nameOf(path)}`);
    fs.rmSync(path, options);
  };
  const writeSync = (fd: number, bytes: Uint8Array, offset = 0): number => {
    if ((disk.isFull && fs.fstatSync(fd).size === 0) || disk.roomBytes === 0) refuse('ENOSPC');
    const written = fs.writeSync(fd, bytes, offset, Math.min(bytes.length - offset, disk.roomBytes));
    disk.roomBytes -= written;
    return written;
  };
  const mocked = { ...fs, fsyncSync, renameSync, linkSync, unlinkSync, rmSync, writeSync };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(disk, { steps: [], isApart: false, isFull: false, roomBytes: Infinity }));

/** The steps of a change, with nothing of what was done before it. */
function stepsOf(change: () => void): string[] {
  disk.steps.splice(0);
  change();
  return disk.steps.splice(0);
}

/** Writes files, by their names, into a new folder. */
function folderOf(files: Record<string, string>): string {
  const folder = temporaryFolder('flushed');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('before a file is deleted, its bytes are on the disk elsewhere', () => {
  test('when a folder is copied: each file and folder, children first', () => {
    const folder = folderOf({ 'from/a': 'a', 'from/sub/b': 'b' });
    expect(stepsOf(() => copyTree(join(folder, 'from'), join(folder, 'to')))).toEqual(
      ['a', 'b', 'sub', 'to'].map((name) => `flush ${name}`),
    );
  });

  test('when a transcript is joined with its remainder', () => {
    const folder = folderOf({ first: '{"a":1}\n', 'one.jsonl': '{"b":1}\n' });
    const [first, original, temporary] = ['first', 'one.jsonl', 'temporary'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const act = (): void => joinTranscripts(first, original, { temporary, beforeReplacing: () => {} });
    expect(stepsOf(act)).toEqual([
      'flush temporary',
      'rename temporary one.jsonl',
      `flush ${basename(folder)}`,
      'unlink first',
    ]);
  });

  test('when a remainder is appended', () => {
    const folder = folderOf({ '0.ccsess-rest-1': 'b\n', 'one.jsonl': 'a\n' });
    expect(stepsOf(() => putBack(join(folder, '0'), join(folder, 'one.jsonl')))).toEqual([
      'flush one.jsonl',
      'unlink 0.ccsess-rest-1',
    ]);
  });

  test('when late lines are appended', () => {
    const folder = folderOf({ old: 'a\nb\n', new: 'a\n' });
    const append = (): void => appendRange(join(folder, 'old'), { start: 2, end: 4 }, join(folder, 'new'));
    expect(stepsOf(append)).toEqual(['flush new']);
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('a\nb\n');
  });

  test('when a transcript in the trash is compressed and uncompressed', async () => {
    const { entry } = await removed({ isLarge: true });
    disk.steps.splice(0);
    await pack(entry, null);
    expect(disk.steps.splice(0, 3)).toEqual([
      'flush packed-0-0.gz.tmp',
      'rename packed-0-0.gz.tmp packed-0-0.gz',
      'unlink 0',
    ]);
    disk.steps.splice(0);
    await unpack(entry);
    expect(disk.steps.slice(0, 3)).toEqual([
      'flush packed-0-0.gz.tmp',
      'rename packed-0-0.gz.tmp 0',
      'unlink packed-0-0.gz',
    ]);
  });

  test('when a session is restored to another disk', async () => {
    const { entry, home } = await removed({});
    entry.setState('restoring');
    disk.isApart = true;
    const steps = stepsOf(() => moveFromTrash(entry, { keepReplaced: () => () => {}, isFirst: true }));
    const copy = basename(entry.copyPath(entry.session.roots[0]!));
    expect(steps.slice(0, 3)).toEqual([
      `flush ${copy}`,
      `flush ${basename(dirname(home.transcript))}`,
      'rename 0 0.copied',
    ]);
    expect(home.text).toBe(home.before);
  });
});

describe('a record is on the disk before what it is about changes', () => {
  test('of a run: the manifest and its name; its copy may be lost', () => {
    const folder = folderOf({});
    expect(stepsOf(() => writeManifest(folder, [{ entry: 1 } as TrashedSession]))).toEqual([
      'flush manifest.jsonl',
      `flush ${basename(folder)}`,
    ]);
  });

  test('of a run: a line that the full disk cut short is taken back', () => {
    const folder = folderOf({});
    writeManifest(folder, [{ entry: 1 } as TrashedSession]);
    disk.roomBytes = 5;
    expect(() => writeManifest(folder, [{ entry: 2 } as TrashedSession])).toThrow('ENOSPC');
    expect(readFileSync(join(folder, 'manifest.jsonl'), 'utf8')).toBe('{"entry":1}\n');
    disk.roomBytes = 12;
    // The copy may lack a line, but not have a part of one.
    writeManifest(folder, [{ entry: 3 } as TrashedSession]);
    expect(readFileSync(join(folder, 'manifest.copy.jsonl'), 'utf8')).toBe('{"entry":1}\n');
  });

  test('of the config dir that a session without a folder in the trash is restored into', () => {
    const session = { entry: 1, roots: [] as unknown } as TrashedSession;
    const entry = new TrashEntry(folderOf({}), session, 'kept', undefined, true);
    expect(stepsOf(() => entry.setDestination('/other'))).toEqual(['flush 1-0.destination']);
    expect(readFileSync(entry.destination, 'utf8')).toBe('/other');
  });

  test('of the holder: the lock, even if it is written into the file of a stale one', () => {
    const folder = folderOf({ lock: 'x'.repeat(100) });
    disk.isFull = true;
    expect(stepsOf(() => replaceLock(join(folder, 'lock'), { text: 'new\n', link: null })).at(-1)).toBe('flush lock');
    expect(readFileSync(join(folder, 'lock'), 'utf8').trimEnd()).toBe('new');
  });

  test('of nothing yet: the reserve, so that its blocks are allocated', () => {
    const folder = folderOf({});
    expect(stepsOf(() => keepReserve(folder))).toEqual(['flush reserve']);
    expect(stepsOf(() => keepReserve(folder))).toEqual([]);
  });
});

/** A session in the trash. */
async function removed({ isLarge = false }): Promise<{ home: Removable; entry: TrashEntry }> {
  const home = new Removable();
  if (isLarge) home.write(home.before, `${JSON.stringify({ type: 'x', text: 'x'.repeat(5000) })}\n`);
  await home.run(['rm', ID, '--yes', '--no-compress']);
  const [entry] = readTrash(home.configDirs, null);
  if (entry === undefined) throw new Error('nothing is in the trash');
  return { home, entry };
}
