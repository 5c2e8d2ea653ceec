import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unrelatedPath } from '../../../src/retention/restore/remainder.js';
import type { TrashedSession } from '../../../src/retention/trash/manifest.js';
import { TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import { treeOf } from '../../../src/retention/trash/tree.js';
import { temporaryFolder } from '../../support/temporary.js';
import { id } from '../claude/disk.js';

const OWN = id(1);
const LAST = '2026-11-20T10:00:00.000Z';
const LATER = '2026-11-20T10:00:00.001Z';
const line = (entry: object): string => `${JSON.stringify(entry)}\n`;
const chain = (more: object): string => line({ type: 'user', sessionId: OWN, timestamp: LAST, ...more });
const TRASHED = chain({ uuid: 'u-1', parentUuid: null }) + chain({ uuid: 'u-2', parentUuid: 'u-1' });

interface Files {
  /** The transcript in the trash. */
  trashed?: string | Buffer;
  /** The transcript at its path; null if there is none. */
  there?: string | null;
  /** Files of the side folder in the trash and at their paths. */
  side?: Record<string, string>;
  sideThere?: Record<string, string>;
  lastActivityAt?: string | null;
}

/** An entry and its config dir. */
function entryOf({ trashed = TRASHED, there = null, side = {}, sideThere = {}, lastActivityAt = LAST }: Files = {}): {
  entry: TrashEntry;
  home: string;
} {
  const home = temporaryFolder('remainder');
  const put = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  };
  const stored = '.ccsess/trash/run/1';
  const [transcript, folder] = [`projects/-a/${OWN}.jsonl`, `projects/-a/${OWN}`];
  put(`${stored}/${typeof trashed === 'string' ? '0' : 'packed-0-0.gz'}`, trashed);
  mkdirSync(join(home, stored, '1'));
  for (const [name, text] of Object.entries(side)) put(`${stored}/1/${name}`, text);
  mkdirSync(join(home, 'projects/-a'), { recursive: true });
  if (there !== null) put(transcript, there);
  for (const [name, text] of Object.entries(sideThere)) put(`${folder}/${name}`, text);
  const node = { path: '', kind: 'file', bytes: 1, mode: 0o600, mtimeMs: 0 };
  const roots = [
    { configDir: home, path: transcript, nodes: [node] },
    { configDir: home, path: folder, nodes: treeOf(join(home, stored, '1')) },
  ];
  const session = { id: OWN, entry: 1, pruneId: 'run', configDir: home, lastActivityAt, roots };
  return { entry: new TrashEntry(join(home, '.ccsess/trash/run'), session as unknown as TrashedSession, 'kept'), home };
}

/** The path in the way of a restore, from the project dir on; null if there is none. */
async function inTheWay(files: Files, change: (home: string) => void = () => {}): Promise<string | null> {
  const { entry, home } = entryOf(files);
  change(home);
  return (await unrelatedPath(entry))?.replace(join(home, 'projects/-a/'), '').replaceAll(OWN, 'ID') ?? null;
}

const joined = async (there: string, more: Files = {}): Promise<boolean> =>
  (await inTheWay({ ...more, there })) === null;

describe('a transcript at the path of a trashed one continues it', () => {
  test.each([
    ['an entry follows one of its entries', chain({ uuid: 'u-3', parentUuid: 'u-2', sessionId: 'other' })],
    [
      'a compaction follows one of its entries',
      chain({ uuid: 'u-3', parentUuid: null, logicalParentUuid: 'u-1', sessionId: 'other' }),
    ],
    [
      'it repeats one of its entries',
      chain({ uuid: 'n-1', sessionId: 'x' }) + chain({ uuid: 'u-2', parentUuid: 'n-1', sessionId: 'x' }),
    ],
    ['all entries are later', chain({ uuid: 'n-1', timestamp: LATER })],
    [
      'there are only notes, some of this session',
      `${line({ type: 'summary' })}\n${line({ type: 'mode', sessionId: OWN })}`,
    ],
    ['there is nothing', ''],
  ])('if %s', async (_why, there) => {
    expect(await joined(there)).toBe(true);
  });

  test.each([
    ['no entry is known, and one is not later', chain({ uuid: 'n-1', timestamp: LATER }) + chain({ uuid: 'n-2' })],
    ['a later entry is of another session', chain({ uuid: 'n-1', timestamp: LATER, sessionId: id(2) })],
    ['an entry has no time', chain({ uuid: 'n-1', timestamp: undefined })],
    [
      'only an entry after the first one names a known parent',
      chain({ uuid: 'n-1' }) + chain({ uuid: 'n-2', parentUuid: 'u-2' }),
    ],
    ['a note is of another session', line({ type: 'mode', sessionId: id(2) })],
    ['a note has no type', line({ sessionId: OWN })],
    ['a line is damaged', `${line({ type: 'summary' })}{"type":\n`],
  ])('not if %s', async (_why, there) => {
    expect(await inTheWay({ there })).toBe('ID.jsonl');
  });

  test('by its times only if the last activity of the trashed one is known', async () => {
    const there = chain({ uuid: 'n-1', timestamp: LATER });
    expect([await joined(there), await joined(there, { lastActivityAt: null })]).toEqual([true, false]);
  });

  test('by entries anywhere in the trashed one, compressed, cut in two by a read, or before damage', async () => {
    const there = chain({ uuid: 'u-9', parentUuid: 'u-8', sessionId: 'other' });
    for (const before of [0, 65_526, 65_530, 65_536, 70_000])
      expect(await joined(there, { trashed: `${'x'.repeat(before)}"uuid":"u-8"` })).toBe(true);
    const packed = gzipSync(chain({ uuid: 'u-8' }));
    expect(await joined(there, { trashed: packed })).toBe(true);
    expect(await joined(there, { trashed: packed.subarray(0, -9) })).toBe(true);
    expect(await joined(there, { trashed: gzipSync(chain({ uuid: 'u-7' })) })).toBe(false);
    expect(await joined(there, { trashed: Buffer.from('no gzip') })).toBe(false);
    expect(await joined(there, { trashed: chain({ text: '"uuid":"u-8"' }) })).toBe(false);
  });

  test('not if it cannot be read in the trash, which is an error', async () => {
    const { entry } = entryOf({ there: chain({ uuid: 'n-1' }) });
    rmSync(join(entry.folder, '0'));
    await expect(unrelatedPath(entry)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('not if it is a folder', async () => {
    expect(await inTheWay({}, (home) => mkdirSync(join(home, `projects/-a/${OWN}.jsonl`)))).toBe('ID.jsonl');
  });
});

describe('files at the paths of a trashed session', () => {
  const there = chain({ uuid: 'u-3', parentUuid: 'u-2' });

  test('are in the way unless its transcript continues there', async () => {
    expect(await inTheWay({})).toBeNull();
    const sideThere = { 'tool-results/a.txt': 'new' };
    expect(await inTheWay({ sideThere })).toBe('ID');
    expect(await inTheWay({ there, sideThere })).toBeNull();
    expect(await inTheWay({ there: line({ type: 'x', sessionId: id(2) }), sideThere })).toBe('ID.jsonl');
  });

  test.each<[string, Record<string, string>, Record<string, string>, string | null]>([
    ['equal', { 'a.txt': 'same' }, { 'a.txt': 'same' }, null],
    ['of another size', { 'a.txt': 'same' }, { 'a.txt': 'other' }, 'ID/a.txt'],
    ['of other bytes', { 'sub/a.txt': 'same' }, { 'sub/a.txt': 'sane' }, 'ID/sub/a.txt'],
    [
      'states, of which the later one counts',
      { 'a.json': '1', '.lock': '', 'b.jsonl': '1' },
      { 'a.json': '22', '.lock': '2', 'b.jsonl': '' },
      null,
    ],
    ['a file for a folder', { 'sub/a.txt': '' }, { sub: '' }, 'ID/sub'],
    ['a folder for a file', { sub: '' }, { 'sub/a.txt': '' }, 'ID/sub'],
    ['others', { 'a.txt': '' }, { 'b.txt': '' }, null],
  ])('are joined or not: %s', async (_what, side, sideThere, expected) => {
    expect(await inTheWay({ there, side, sideThere })).toBe(expected);
  });

  test('are joined if they are equal links, not if they are other links or pipes', async () => {
    const linked = async (inside: string | null, outside: string | null): Promise<string | null> => {
      const { entry, home } = entryOf({ there, sideThere: { x: '' } });
      const [stored, original] = [join(entry.folder, '1/link'), join(home, `projects/-a/${OWN}/link`)];
      for (const [path, target] of [
        [stored, inside],
        [original, outside],
      ] as const) {
        if (target === 'pipe') execFileSync('mkfifo', [path]);
        else if (target === null) writeFileSync(path, '');
        else symlinkSync(target, path);
      }
      const root = entry.session.roots[1]!;
      root.nodes = treeOf(join(entry.folder, '1'));
      return (await unrelatedPath(entry)) === null ? null : 'link';
    };
    expect(await Promise.all([linked('a', 'a'), linked('a', 'b'), linked('a', null), linked(null, 'a')])).toEqual([
      ...[null, 'link', 'link', 'link'],
    ]);
    expect(await Promise.all([linked('pipe', null), linked(null, 'pipe'), linked('pipe', 'pipe')])).toEqual([
      ...['link', 'link', 'link'],
    ]);
  });
});
