import { randomBytes } from 'node:crypto';
import fs, {
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { hasPacked, hasUnfinishedPacking, isWorthPacking, pack } from '../../../src/retention/trash/packing/pack.js';
import { isPacked, unpack } from '../../../src/retention/trash/packing/unpack.js';
import { heldBytes } from '../../../src/retention/trash/trash.js';
import { TrashEntry, type EntryNotes, type EntryState } from '../../../src/retention/trash/trash-entry.js';
import { treeOf } from '../../../src/retention/trash/tree.js';
import { fileKey } from '../../../src/system/process/written-files.js';
import { safeName, safeRelativePath, UnsafePath } from '../../../src/system/safe-path.js';
import { temporaryFolder } from '../../support/temporary.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const TEXT = '{"type":"note"}\n'.repeat(512);

/** An entry with a transcript, and its path in the trash. */
function trashed(text: string | Buffer = TEXT): { entry: TrashEntry; path: string } {
  const configDir = temporaryFolder('pack');
  const root = { configDir, path: safeRelativePath(`projects/-a/${ID}.jsonl`), nodes: [] as ReturnType<typeof treeOf> };
  const entry = new TrashEntry(
    join(configDir, 'run'),
    {
      schemaVersion: 1,
      id: sessionIdOf(ID),
      projectDir: safeName('-a'),
      entry: 1,
      pruneId: 'run',
      trashedAt: '2026-11-01T00:00:00.000Z',
      configDir,
      cwd: null,
      title: null,
      kind: null,
      lastActivityAt: null,
      footprintBytes: 0,
      files: 1,
      reasons: [],
      roots: [root],
    },
    'kept',
  );
  const path = entry.storedPath(root);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o640 });
  utimesSync(path, 1000, 2000);
  root.nodes = treeOf(path);
  return { entry, path };
}

describe('a transcript in the trash', () => {
  test('is compressed, and comes back with its bytes, mode and time', async () => {
    const { entry, path } = trashed();
    await pack(entry, new Set());
    expect([entry.names, hasPacked(entry), isPacked(entry)]).toEqual([['packed-0-0.gz'], true, true]);
    const packed = statSync(join(entry.folder, 'packed-0-0.gz'));
    expect([packed.mode & 0o777, packed.size < 1000]).toEqual([0o600, true]);
    await unpack(entry);
    expect([entry.names, readFileSync(path, 'utf8')]).toEqual([['0'], TEXT]);
    expect([statSync(path).mode & 0o777, statSync(path).mtimeMs]).toEqual([0o640, 2_000_000]);
    expect([hasPacked(entry), isPacked(entry)]).toEqual([false, false]);
  });

  test.each<[string, string | Buffer, (path: string) => Set<string> | null]>([
    ['has another time than it was moved with', TEXT, (path) => (utimesSync(path, 1000, 2001), null)],
    ['has another length than it was moved with', TEXT, (path) => (writeFileSync(path, `${TEXT}{}\n`), null)],
    ['has another name elsewhere', TEXT, (path) => (linkSync(path, join(path, '../../other')), null)],
    ['is open for writing', TEXT, (path) => new Set([fileKey(statSync(path))])],
    ['does not get smaller', randomBytes(8192), () => null],
    ['takes less than a block', TEXT.slice(0, 4095), () => null],
  ])('is not compressed if it %s', async (_why, text, change) => {
    const { entry, path } = trashed(text);
    const written = change(path);
    const before = readFileSync(path);
    await pack(entry, written);
    expect([entry.names, readFileSync(path).equals(before)]).toEqual([['0'], true]);
  });

  test('is not compressed if compression leaves its size the same', async () => {
    // Random bytes become longer; each zero at their start makes the result one byte shorter.
    const texts = Array.from({ length: 20 }, () => randomBytes(8192)).flatMap((bytes) =>
      Array.from({ length: 150 }, (_, zeros) => Buffer.from(bytes).fill(0, 0, zeros)),
    );
    const text = texts.find((one) => gzipSync(one, { level: 3 }).length === one.length);
    const { entry } = trashed(text);
    await pack(entry, null);
    expect([text?.length, entry.names]).toEqual([8192, ['0']]);
  });

  test('is unpacked up to its recorded size and a late line, however much a replaced file unpacks to', async () => {
    const { entry, path } = trashed();
    await pack(entry, new Set());
    const packed = join(entry.folder, 'packed-0-0.gz');
    const much = 96 * 1024 * 1024;
    writeFileSync(packed, gzipSync(Buffer.alloc(much, `${'x'.repeat(1023)}\n`), { level: 1 }));
    await unpack(entry);
    const most = TEXT.length + 32 * 1024 * 1024;
    const { size } = statSync(path);
    expect([size <= most, size > most - 2 * 1024 * 1024, size % 1024]).toEqual([true, true, 0]);
    expect(entry.names).toEqual(['0', 'damaged-0-0.gz']);
  });

  test('is compressed if its time differs by a microsecond at most, as that of a copy does', async () => {
    for (const [differenceMs, name] of [
      [0.001, 'packed-0-0.gz'],
      [-0.001, 'packed-0-0.gz'],
      [0.003, '0'],
    ] as const) {
      const { entry } = trashed();
      for (const node of entry.session.roots.flatMap(({ nodes }) => nodes)) node.mtimeMs += differenceMs;
      await pack(entry, null);
      expect([differenceMs, entry.names]).toEqual([differenceMs, [name]]);
    }
  });

  test('is compressed from one block on, unless it has no folder in the trash', async () => {
    const { entry } = trashed('x'.repeat(4096));
    await pack(entry, null);
    expect(entry.names).toEqual(['packed-0-0.gz']);
    const bare = new TrashEntry(entry.runFolder, entry.session, 'kept', undefined, true);
    writeFileSync(bare.folder, 'x'.repeat(4096));
    utimesSync(bare.folder, 1000, 2000);
    await pack(bare, null);
    expect(readFileSync(bare.folder, 'utf8')).toBe('x'.repeat(4096));
  });

  test('is worth compressing from one block on', () => {
    const worth = (bytes: number): boolean => {
      const [root] = trashed('x'.repeat(bytes)).entry.session.roots;
      return root !== undefined && isWorthPacking(root);
    };
    expect([worth(4095), worth(4096)]).toEqual([false, true]);
  });

  test('is compressed even if a killed run left a partial file, or somebody put a link at its path', async () => {
    for (const leave of [
      (temporary: string) => writeFileSync(temporary, 'half'),
      (temporary: string) => symlinkSync('/nowhere/outside', temporary),
    ]) {
      const { entry, path } = trashed();
      leave(join(entry.folder, 'packed-0-0.gz.tmp'));
      await pack(entry, null);
      expect(entry.names).toEqual(['packed-0-0.gz']);
      await unpack(entry);
      expect(readFileSync(path, 'utf8')).toBe(TEXT);
    }
  });
});

test('a compressed file of another size than its transcript is kept as damaged, and its lines come back', async () => {
  const { entry, path } = trashed();
  await pack(entry, null);
  writeFileSync(join(entry.folder, 'packed-0-0.gz'), gzipSync('{"n":1}\n{"n":2'));
  await unpack(entry);
  expect([entry.names.sort(), readFileSync(path, 'utf8')]).toEqual([['0', 'damaged-0-0.gz'], '{"n":1}\n']);
  expect([hasPacked(entry), isPacked(entry)]).toEqual([false, true]);
});

test.each([0, 1, -2, -(2 ** 25), -(2 ** 40), 2 ** 53, 0.5])(
  'all lines of a compressed file come back if its recorded size is wrong: %d',
  async (bytes) => {
    const { entry, path } = trashed();
    await pack(entry, null);
    for (const { nodes } of entry.session.roots) for (const node of nodes) node.bytes = bytes;
    await unpack(entry);
    expect([entry.names.sort(), readFileSync(path, 'utf8')]).toEqual([['0', 'damaged-0-0.gz'], TEXT]);
  },
);

test('a step that fails before its new file could be opened leaves no file behind', async () => {
  const { entry, path } = trashed();
  await pack(entry, null);
  for (const { nodes } of entry.session.roots) for (const node of nodes) node.bytes = 1;
  const { open } = fs;
  const late = vi.spyOn(fs, 'open').mockImplementation(((file: string, ...rest: [string, number, () => void]) => {
    setTimeout(() => open(file, ...rest), file.endsWith('.tmp') ? 100 : 0);
  }) as typeof open);
  await unpack(entry);
  await new Promise((resolve) => setTimeout(resolve, 200));
  late.mockRestore();
  expect([entry.names.sort(), readFileSync(path, 'utf8')]).toEqual([['0', 'damaged-0-0.gz'], TEXT]);
});

/** An entry with files of a side folder, which is the second root. */
function withSideFolder(names: Record<string, string>): { entry: TrashEntry; side: string } {
  const { entry } = trashed();
  const { configDir } = entry.session;
  const side = join(entry.folder, '1');
  for (const [name, text] of Object.entries(names)) {
    mkdirSync(dirname(join(side, name)), { recursive: true });
    writeFileSync(join(side, name), text);
  }
  entry.session.roots.push({ configDir, path: safeRelativePath(`projects/-a/${ID}`), nodes: treeOf(side) });
  return { entry: new TrashEntry(entry.runFolder, entry.session, 'kept'), side };
}

test('transcripts of subagents are compressed with it, other files are not', async () => {
  const { entry } = withSideFolder({ 'subagents/agent-a.jsonl': TEXT, 'tool-results/a.txt': TEXT });
  await pack(entry, null);
  expect(entry.names.sort()).toEqual(['1', 'packed-0-0.gz', 'packed-1-2.gz']);
  expect(readFileSync(join(entry.folder, '1/tool-results/a.txt'), 'utf8')).toBe(TEXT);
});

test('nothing is compressed through a folder that became a link', async () => {
  const { entry, side } = withSideFolder({ 'subagents/agent-a.jsonl': TEXT });
  const outside = temporaryFolder('outside');
  writeFileSync(join(outside, 'agent-a.jsonl'), TEXT);
  rmSync(join(side, 'subagents'), { recursive: true });
  symlinkSync(outside, join(side, 'subagents'));
  await expect(pack(entry, null)).rejects.toThrow(UnsafePath);
  expect(readFileSync(join(outside, 'agent-a.jsonl'), 'utf8')).toBe(TEXT);
});

test('a half-written file in an entry shows that compressing was interrupted', () => {
  const isUnfinished = (...paths: string[]): boolean => {
    const trash = temporaryFolder('unfinished');
    for (const path of paths) {
      mkdirSync(dirname(join(trash, path)), { recursive: true });
      writeFileSync(join(trash, path), '');
    }
    return hasUnfinishedPacking(trash);
  };
  const run = '2026-11-23T06-46-02Z-7f3a';
  expect([
    ...[isUnfinished(`${run}/1/0`), isUnfinished(`${run}/1/packed-0-0.gz`), isUnfinished(`${run}/2`)],
    ...[isUnfinished(`${run}/notes/packed-0-0.gz.tmp`), isUnfinished(`${run}/1.moving/packed-0-0.gz.tmp`)],
    ...[isUnfinished(`${run}/3`, `${run}/1/packed-0-0.gz.tmp`), isUnfinished(`${run}/1/damaged-0-0.gz.tmp`)],
  ]).toEqual([false, false, false, false, false, true, true]);
});

test('times are not restored through a folder of an entry that became a link', async () => {
  const { entry } = trashed();
  const outside = temporaryFolder('outside');
  mkdirSync(join(outside, 'sub'));
  utimesSync(join(outside, 'sub'), 5000, 5000);
  const { configDir } = entry.session;
  const node = { kind: 'folder' as const, bytes: 0, mode: 0o700, mtimeMs: 1000 };
  const paths = [safeRelativePath('link'), safeRelativePath('link/sub')];
  const nodes = [{ ...node, path: '' as const }, ...paths.map((path) => ({ ...node, path }))];
  const side = { configDir, path: safeRelativePath(`projects/-a/${ID}`), nodes };
  entry.session.roots.push(side);
  const both = new TrashEntry(entry.runFolder, entry.session, 'kept');
  mkdirSync(both.storedPath(side));
  symlinkSync(outside, join(both.storedPath(side), 'link'));
  await pack(both, null);
  await expect(unpack(both)).rejects.toThrow(UnsafePath);
  expect(statSync(join(outside, 'sub')).mtimeMs).toBe(5_000_000);
});

test('a whole entry takes the bytes on record, any other those of its files', async () => {
  const { entry } = trashed();
  const recorded = { ...entry.session, footprintBytes: 5 };
  const inState = (...more: [EntryState, EntryNotes?]): TrashEntry =>
    new TrashEntry(entry.runFolder, recorded, ...more);
  expect(heldBytes([inState('kept'), inState('kept')])).toBe(10);
  const damaged = { damage: 'it is damaged', isRebuilt: false, refusal: null };
  expect(heldBytes([inState('kept', damaged)])).toBe(TEXT.length);
  writeFileSync(join(entry.folder, 'more'), 'more');
  expect(heldBytes([inState('kept')])).toBe(TEXT.length + 4);
  rmSync(join(entry.folder, 'more'));
  await pack(entry, null);
  expect(heldBytes([inState('kept')])).toBe(statSync(join(entry.folder, 'packed-0-0.gz')).size);
  entry.setState('emptying');
  expect(heldBytes([inState('emptying')])).toBe(statSync(join(entry.folder, 'packed-0-0.gz')).size);
});
