import type * as Fs from 'node:fs';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { UNKNOWN_SIZE, type TrashedSession } from '../../../src/retention/trash/manifest.js';
import { damagedFiles, isDamage, keepDamaged, salvage } from '../../../src/retention/trash/packing/salvage.js';
import { isPacked, readTrashed, unpack } from '../../../src/retention/trash/packing/unpack.js';
import { TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import type { TreeNode } from '../../../src/retention/trash/tree.js';
import { UnsafePath } from '../../../src/system/safe-path.js';
import { temporaryFolder } from '../../support/temporary.js';

/** Failures by the last part of a path, and the number of reads before one fails. */
const disk = vi.hoisted(() => ({
  opening: {} as Record<string, string>,
  renaming: {} as Record<string, string>,
  reading: null as [left: number, code: string] | null,
  readStream: null as Error | null,
  writeStream: null as Error | null,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const check = (failures: Record<string, string>, path: unknown): void => {
    const name = String(path).split('/').at(-1) ?? '';
    if (failures[name] !== undefined) refuse(failures[name]);
  };
  const open: typeof fs.openSync = (path, flags, mode) => {
    check(disk.opening, path);
    return fs.openSync(path, flags, mode);
  };
  const rename: typeof fs.renameSync = (from, to) => {
    check(disk.renaming, from);
    fs.renameSync(from, to);
  };
  const read = (...args: Parameters<typeof fs.readSync>): number => {
    if (disk.reading !== null && disk.reading[0]-- <= 0) refuse(disk.reading[1]);
    return fs.readSync(...args);
  };
  const failing = (error: Error): { construct(done: (error: Error) => void): void } => ({
    construct: (done) => done(error),
  });
  const createReadStream = (...args: Parameters<typeof fs.createReadStream>): unknown =>
    disk.readStream === null ? fs.createReadStream(...args) : new Readable(failing(disk.readStream));
  const createWriteStream: typeof fs.createWriteStream = (...args) => {
    const stream = fs.createWriteStream(...args);
    return disk.writeStream === null ? stream : stream.destroy(disk.writeStream);
  };
  const mocked = { ...fs, openSync: open, renameSync: rename, readSync: read, createReadStream, createWriteStream };
  return { ...mocked, default: mocked };
});

beforeEach(
  () => void Object.assign(disk, { opening: {}, renaming: {}, reading: null, readStream: null, writeStream: null }),
);

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const MTIME = 2_000_000;

/** A file of a trashed session with its recorded size, or a folder for null. */
const node = (path: string, bytes: number | null): TreeNode =>
  ({ path, kind: bytes === null ? 'folder' : 'file', bytes: bytes ?? 0, mode: 0o640, mtimeMs: MTIME }) as TreeNode;

/** An entry with a transcript and a side folder; `files` are those in its folder. */
function entryOf(
  files: Record<string, string | Buffer>,
  nodes: { transcript?: TreeNode[]; side?: TreeNode[] },
  { projectDir = '-a' } = {},
): { entry: TrashEntry; configDir: string; text: (name: string) => string } {
  const configDir = temporaryFolder('salvage');
  const roots = [
    { configDir, path: `projects/-a/${ID}.jsonl`, nodes: nodes.transcript ?? [node('', 2)] },
    { configDir, path: `projects/-a/${ID}`, nodes: nodes.side ?? [node('', null)] },
  ];
  const runFolder = join(configDir, '.ccsess/trash/run');
  const session = { id: ID, projectDir, entry: 1, pruneId: 'run', configDir, roots } as unknown as TrashedSession;
  const entry = new TrashEntry(runFolder, session, 'kept');
  for (const [name, content] of Object.entries({ '0': 'a\n', '1/x': '', ...files })) {
    mkdirSync(dirname(join(entry.folder, name)), { recursive: true });
    if (name.endsWith('/')) mkdirSync(join(entry.folder, name));
    else writeFileSync(join(entry.folder, name), content);
  }
  return { entry, configDir, text: (name) => readFileSync(join(entry.folder, name), 'utf8') };
}

const LINES = Array.from({ length: 20 }, (_, n) => `{"n":${n},"text":"${(n * 7919).toString(36)}"}\n`).join('');
const without = (entry: TrashEntry, ...names: string[]): void => {
  for (const name of names) rmSync(join(entry.folder, name), { recursive: true });
};

describe('a damaged compressed file', () => {
  /** The whole lines that can be read, by trying every length. */
  function readable(packed: Buffer): string {
    for (let end = packed.length; end >= 0; end--) {
      try {
        const text = gunzipSync(packed.subarray(0, end), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
        return text.slice(0, text.lastIndexOf('\n') + 1);
      } catch {
        // One byte less may be readable.
      }
    }
    return '';
  }
  const salvaged = (packed: Buffer): string => {
    const folder = temporaryFolder('salvage');
    writeFileSync(join(folder, 'packed.gz'), packed);
    salvage(join(folder, 'packed.gz'), join(folder, 'text'), UNKNOWN_SIZE);
    expect(statSync(join(folder, 'text')).mode & 0o777).toBe(0o600);
    return readFileSync(join(folder, 'text'), 'utf8');
  };
  const packed = gzipSync(LINES);
  const flipped = (bytes: Buffer, at: number): Buffer =>
    Buffer.from(bytes.map((byte, n) => (n === at ? byte ^ 0x55 : byte)));

  test('gives all lines before the damage', () => {
    const cut = [0, 1, 11, 120, packed.length - 1].map((end) => packed.subarray(0, end));
    for (const one of [...cut, packed]) expect(salvaged(one)).toBe(readable(one));
    // Any byte of a short one, since the last byte before the damage may end a line.
    const short = gzipSync(LINES.slice(0, 150));
    for (let at = 0; at < short.length; at++) {
      const damaged = flipped(short, at);
      expect([at, salvaged(damaged)]).toEqual([at, readable(damaged)]);
    }
    expect([salvaged(packed), salvaged(flipped(packed, 0))]).toEqual([LINES, '']);
    expect(salvaged(gzipSync('{"n":1}\n{"n":2'))).toBe('{"n":1}\n');
    expect(salvaged(cut[3] ?? packed).length).toBeGreaterThan(20);
  });

  test('gives the lines before the first byte that the disk cannot read', () => {
    const folder = temporaryFolder('salvage');
    // Stored without compression, so that the first portion of 64 KiB has the first line.
    writeFileSync(join(folder, 'packed.gz'), gzipSync(`first\n${'x'.repeat(70_000)}\n`, { level: 0 }));
    disk.reading = [1, 'EIO'];
    salvage(join(folder, 'packed.gz'), join(folder, 'text'), UNKNOWN_SIZE);
    expect(readFileSync(join(folder, 'text'), 'utf8')).toBe('first\n');
    disk.opening = { 'packed.gz': 'EACCES' };
    salvage(join(folder, 'packed.gz'), join(folder, 'none'), UNKNOWN_SIZE);
    expect(readFileSync(join(folder, 'none'), 'utf8')).toBe('');
    disk.opening = { 'packed.gz': 'EMFILE' };
    expect(() => salvage(join(folder, 'packed.gz'), join(folder, 'failed'), UNKNOWN_SIZE)).toThrow('EMFILE');
    expect(existsSync(join(folder, 'failed'))).toBe(false);
  });

  test('is recognised by the code of the error', () => {
    const errors = ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'ENOSPC'].map((code) => Object.assign(new Error(), { code }));
    expect([...errors, new Error('Z_'), null].map(isDamage)).toEqual([true, true, false, false, false]);
  });
});

describe('a file in the trash', () => {
  const damage = ({ entry, configDir }: ReturnType<typeof entryOf>): string[] =>
    damagedFiles(entry).map(({ path, what }) => `${path} ${what}`.replaceAll(join(configDir, 'projects/-a', ID), 'ID'));
  const transcript = (text: string, bytes: number): string[] =>
    damage(entryOf({ '0': text }, { transcript: [node('', bytes)] }));

  test.each([
    ['has its size', 'a\n', 2],
    ['has more lines', 'a\nlonger\n', 2],
    ['was empty and has lines', 'a\n', 0],
    ['was one newline and has lines', '\na\n', 1],
    ['has a size that is not known', 'abc', UNKNOWN_SIZE],
  ])('is whole if it %s', (_what, text, bytes) => {
    expect(transcript(text, bytes)).toEqual([]);
  });

  test.each([
    ['is shorter', 'a\n', 5],
    ['is one byte shorter', 'ab\n', 4],
    ['has more than whole lines', 'a\nb', 2],
    ['had no whole line and has more', 'a\nb\n', 1],
    ['was empty and has a part of a line', 'a', 0],
  ])('is damaged if it %s', (_what, text, bytes) => {
    expect(transcript(text, bytes)).toEqual([
      `ID.jsonl is damaged in the trash: it has ${text.length} bytes instead of ${bytes}`,
    ]);
  });

  test('is missing, even if its size or all about it is unknown; links and folders do not count', () => {
    const side = [
      node('', null),
      node('x', 0),
      node('gone.jsonl', UNKNOWN_SIZE),
      { ...node('link', 0), kind: 'link' as const },
    ];
    const missing = entryOf({}, { transcript: [node('', 2)], side });
    without(missing.entry, '0');
    expect(damage(missing)).toEqual(['ID.jsonl is missing in the trash', 'ID/gone.jsonl is missing in the trash']);
    const unknown = entryOf({}, { transcript: [], side: [] });
    expect(damage(unknown)).toEqual([]);
    without(unknown.entry, '1');
    expect(damage(unknown)).toEqual(['ID is missing in the trash']);
  });

  test('is damaged if it cannot be read, or is a folder or link now; other errors are thrown', () => {
    const longer = entryOf({ '0': 'a\nb\n' }, {});
    disk.opening = { '0': 'EACCES' };
    expect(damage(longer)).toEqual(['ID.jsonl is damaged in the trash: it has 4 bytes instead of 2']);
    disk.opening = { '0': 'EMFILE' };
    expect(() => damage(longer)).toThrow('EMFILE');
    disk.opening = {};
    without(longer.entry, '0');
    symlinkSync('1/x', join(longer.entry.folder, '0'));
    expect(damage(longer)).toEqual(['ID.jsonl is damaged in the trash: it has 3 bytes instead of 2']);
    without(longer.entry, '0');
    mkdirSync(join(longer.entry.folder, '0'));
    expect(damage(longer)).toMatchObject(
      [/^ID\.jsonl is damaged in the trash: it has \d+ bytes instead of 2$/].map(
        (one) => expect.stringMatching(one) as string,
      ),
    );
  });

  test('was damaged while it was compressed: the copy and its lines are named', () => {
    const side = [node('', null), node('subagents', null), node('subagents/agent-a.jsonl', UNKNOWN_SIZE), node('x', 0)];
    const damaged = entryOf(
      { 'damaged-0-0.gz': 'x', 'damaged-1-2.gz': 'y', 'damaged-7-0.gz': 'z', '0': 'abc' },
      { side },
    );
    const kept = (name: string): string =>
      `bytes of it could be read, and the damaged copy is kept as ID/damaged/${name}.gz`;
    expect(damage(damaged)).toEqual([
      `ID.jsonl is damaged in the trash: 3 of 2 ${kept(`0-0-${ID}.jsonl`)}`,
      `ID/subagents/agent-a.jsonl is damaged in the trash: 0 ${kept('1-2-agent-a.jsonl')}`,
    ]);
  });
});

describe('the damaged copy', () => {
  const place = join('projects/-a', ID, 'damaged', `0-0-${ID}.jsonl.gz`);

  test('is moved to the side folder, or copied to another disk in one step', () => {
    for (const renaming of [{}, { 'damaged-0-0.gz': 'EXDEV' }] as Record<string, string>[]) {
      const { entry, configDir } = entryOf({ 'damaged-0-0.gz': 'damaged' }, {});
      const left = join(configDir, dirname(place), `.0-0-${ID}.jsonl.gz.part`);
      mkdirSync(left, { recursive: true });
      disk.renaming = renaming;
      keepDamaged(entry);
      expect(readdirSync(dirname(left))).toEqual([`0-0-${ID}.jsonl.gz`]);
      expect(readFileSync(join(configDir, place), 'utf8')).toBe('damaged');
    }
  });

  test('of files without a project dir is next to them', () => {
    const { entry, configDir } = entryOf({ 'damaged-0-0.gz': 'damaged' }, {}, { projectDir: '' });
    keepDamaged(entry);
    const own = `projects/-a/${ID}.jsonl/damaged/0-0-${ID}.jsonl.gz`;
    expect(readFileSync(join(configDir, own), 'utf8')).toBe('damaged');
  });

  test('stays in the trash if it cannot be moved, or a link leads elsewhere', () => {
    const { entry, configDir } = entryOf({ 'damaged-0-0.gz': 'damaged' }, {});
    disk.renaming = { 'damaged-0-0.gz': 'EIO' };
    expect(() => keepDamaged(entry)).toThrow('EIO');
    disk.renaming = {};
    rmSync(join(configDir, 'projects'), { recursive: true });
    const outside = temporaryFolder('outside');
    mkdirSync(join(configDir, 'projects/-a'), { recursive: true });
    symlinkSync(outside, join(configDir, 'projects/-a', ID));
    expect(() => keepDamaged(entry)).toThrow(UnsafePath);
    expect([entry.names.includes('damaged-0-0.gz'), readdirSync(outside)]).toEqual([true, []]);
  });
});

describe('a compressed entry', () => {
  const SIDE = [node('', null), node('subagents', null), node('subagents/agent-a.jsonl', LINES.length)];
  const packed = (files: Record<string, string | Buffer> = {}): ReturnType<typeof entryOf> => {
    const all = { 'packed-0-0.gz': gzipSync(LINES), 'packed-1-2.gz': gzipSync(LINES), '1/subagents/': '', ...files };
    const made = entryOf(all, { transcript: [node('', LINES.length)], side: SIDE });
    if (!('0' in files)) without(made.entry, '0');
    return made;
  };

  test('is restored with times, even of its folders, and with folders that are missing', async () => {
    const { entry, text } = packed();
    await unpack(entry);
    for (const name of ['0', '1', '1/subagents', '1/subagents/agent-a.jsonl'])
      expect([name, statSync(join(entry.folder, name))]).toMatchObject([name, { atimeMs: MTIME, mtimeMs: MTIME }]);
    expect([entry.names.sort(), text('0'), text('1/subagents/agent-a.jsonl')]).toEqual([['0', '1'], LINES, LINES]);
    const other = packed();
    without(other.entry, '1');
    await unpack(other.entry);
    expect(other.text('1/subagents/agent-a.jsonl')).toBe(LINES);
  });

  test('that is not compressed is not touched', async () => {
    const { entry } = entryOf({ '1/subagents/agent-a.jsonl': '' }, { side: SIDE });
    utimesSync(join(entry.folder, '1'), 5000, 5000);
    await unpack(entry);
    expect([isPacked(entry), statSync(join(entry.folder, '1')).mtimeMs]).toEqual([false, 5_000_000]);
  });

  test('is restored even if kills left both files, or parts of new ones', async () => {
    const { entry, text } = packed({ '0': 'whole', 'packed-1-2.gz.tmp': 'half', 'damaged-1-2.gz.tmp': 'half' });
    await unpack(entry);
    expect([text('0'), text('1/subagents/agent-a.jsonl')]).toEqual(['whole', LINES]);
    const damaged = packed({ 'packed-0-0.gz': 'no gzip', 'damaged-0-0.gz.tmp': 'half' });
    await unpack(damaged.entry);
    expect([damaged.text('0'), damaged.text('damaged-0-0.gz'), damaged.entry.names.sort()]).toEqual([
      ...['', 'no gzip'],
      ['0', '1', 'damaged-0-0.gz'],
    ]);
    const again = packed({ 'damaged-0-0.gz': gzipSync(LINES), 'packed-0-0.gz': gzipSync(LINES) });
    without(again.entry, 'packed-0-0.gz');
    await unpack(again.entry);
    expect(again.text('0')).toBe(LINES);
  });

  test('leaves no part of a file if it cannot be finished', async () => {
    for (const name of ['packed-0-0.gz', 'damaged-0-0.gz']) {
      const { entry } = packed({ [name]: gzipSync(LINES) });
      if (name.startsWith('damaged')) without(entry, 'packed-0-0.gz');
      disk.renaming = { [`${name}.tmp`]: 'EIO' };
      await expect(unpack(entry)).rejects.toThrow('EIO');
      expect(entry.names.sort()).toEqual(['1', name, 'packed-1-2.gz'].sort());
    }
  });

  test('with a transcript that cannot be opened is refused; other files are salvaged', async () => {
    const { entry } = packed();
    disk.opening = { 'packed-0-0.gz': 'EACCES' };
    const why = `its transcript in the trash cannot be read (EACCES): ${join(entry.folder, 'packed-0-0.gz')}`;
    await expect(unpack(entry)).rejects.toMatchObject({ code: 'IO', message: `${ID} is not restored: ${why}.` });
    disk.opening = { 'packed-0-0.gz': 'EMFILE' };
    await expect(unpack(entry)).rejects.toMatchObject({ code: 'EMFILE' });
    disk.opening = { 'packed-1-2.gz': 'EACCES' };
    await expect(unpack(entry, join(entry.folder, 'none'))).rejects.toMatchObject({
      message: expect.stringContaining(': a file of it in the trash cannot be read (EACCES)') as string,
    });
    expect(entry.names.sort()).toEqual(['1', 'packed-0-0.gz', 'packed-1-2.gz']);
    await unpack(entry);
    expect(entry.names.sort()).toEqual(['0', '1']);
    const agent = packed();
    const [transcript, side] = agent.entry.session.roots;
    Object.assign(side!, { path: 'projects/-a/agent-a.jsonl', nodes: [node('', LINES.length)] });
    without(agent.entry, '1', 'packed-1-2.gz');
    writeFileSync(join(agent.entry.folder, 'packed-1-0.gz'), 'no gzip');
    disk.opening = { 'packed-1-0.gz': 'EACCES' };
    await unpack(agent.entry);
    expect([transcript?.nodes.length, agent.entry.names.sort()]).toEqual([1, ['0', '1', 'damaged-1-0.gz']]);
    const plain = packed({ '0': LINES });
    disk.opening = { 'packed-0-0.gz': 'EACCES' };
    await unpack(plain.entry);
    expect(plain.text('0')).toBe(LINES);
  });

  const failure = (code: string, path: string, syscall: string): Error =>
    Object.assign(new Error(code), { code, path, syscall });

  test.each<[string, string, string, boolean]>([
    ['EIO', 'packed-0-0.gz', 'read', true],
    ['EACCES', 'packed-0-0.gz', 'open', true],
    ['EIO', 'packed-0-0.gz', 'write', false],
    ['EIO', 'packed-0-0.gz.tmp', 'open', false],
    ['ENOSPC', 'packed-0-0.gz', 'read', false],
  ])('counts as damaged only if reading it failed: %s of %s, by %s', async (code, name, syscall, isDamaged) => {
    const { entry } = packed();
    disk.readStream = failure(code, join(entry.folder, name), syscall);
    const done = await unpack(entry).then(
      () => true,
      (error: unknown) => error,
    );
    expect(entry.names.includes('damaged-0-0.gz')).toBe(isDamaged);
    if (!isDamaged) expect(done).toBe(disk.readStream);
  });

  test('stays compressed if the text cannot be written', async () => {
    const { entry } = packed();
    disk.writeStream = failure('ENOSPC', join(entry.folder, 'packed-0-0.gz.tmp'), 'write');
    await expect(unpack(entry)).rejects.toThrow('ENOSPC');
    expect(entry.names.sort()).toEqual(['1', 'packed-0-0.gz', 'packed-1-2.gz']);
  });

  test('is read as it was, and from the file that is not compressed if there are both', async () => {
    const { entry } = packed();
    const [root] = entry.session.roots;
    const read = (): Promise<string> => textOf(readTrashed(entry, root!));
    expect(await read()).toBe(LINES);
    writeFileSync(join(entry.folder, '0'), 'plain');
    expect(await read()).toBe('plain');
    without(entry, '0');
    writeFileSync(join(entry.folder, 'packed-0-0.gz'), 'no gzip');
    await expect(read()).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
  });
});
