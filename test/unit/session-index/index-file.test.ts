import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FolderContent } from '../../../src/session-index/format/folders/folder-content.js';
import { decodeIndex, encodeIndex, type LoadedContent } from '../../../src/session-index/format/index-file.js';
import { ColumnTable } from '../../../src/session-index/format/table/column-table.js';
import type { Columns } from '../../../src/session-index/format/table/columns.js';
import { alignedCopy, columns, damages, emptyFolder, expectRejected, readOrReason } from '../../support/index-parts.js';

const ROOT = '/home/me/.claude/projects';
/** Positions of the checksum and of the first byte that it covers. */
const CHECKSUM_AT = 16;
const CHECKED_FROM = 20;

/** Project dirs and the columns of sessions; each session belongs to the dir before it. */
const content = fc.array(fc.tuple(emptyFolder, fc.array(columns, { maxLength: 3 })), { maxLength: 4 }).map((dirs) => ({
  folders: dirs.map(
    ([folder, sessions]): FolderContent => ({ ...folder, transcripts: Float64Array.from(sessions.keys()) }),
  ),
  sessions: dirs.flatMap(([, sessions]) => sessions),
}));
const segments = fc.array(fc.record({ name: fc.string(), bytes: fc.nat() }), { maxLength: 3 });

function fileOf(
  { folders, sessions }: { folders: FolderContent[]; sessions: Columns[] },
  names: { name: string; bytes: number }[],
): Buffer {
  const table = ColumnTable.of(sessions);
  return alignedCopy(Buffer.concat(encodeIndex({ root: ROOT, table, folders, segments: names })));
}

function plain({ root, table, folders, segments: names }: LoadedContent): unknown {
  return {
    root,
    segments: names,
    sessions: Array.from({ length: table.length }, (_, row) => table.row(row)),
    folders: folders.map((folder) => folder.content()),
  };
}

describe('the main file of an index', () => {
  it('returns what it was made of', () => {
    fc.assert(
      fc.property(content, segments, (made, names) => {
        const loaded = decodeIndex(fileOf(made, names), ROOT);
        expect(plain(loaded)).toEqual({ root: ROOT, segments: names, ...made });
      }),
    );
  });

  it('has numbers at multiples of eight bytes, so that they can be read in place', () => {
    fc.assert(
      fc.property(content, segments, (made, names) => {
        const file = fileOf(made, names);
        expect(decodeIndex(file, ROOT).table.numbers.buffer).toBe(file.buffer);
      }),
    );
  });

  it('is rejected by name', () => {
    const file = fileOf({ folders: [], sessions: [] }, []);
    const changed = (at: number, text: string): Buffer => {
      const copy = alignedCopy(file);
      copy.write(text, at);
      return copy;
    };
    const checked = (bytes: Buffer): Buffer => {
      bytes.writeUInt32LE(crc32(bytes.subarray(CHECKED_FROM)), CHECKSUM_AT);
      return bytes;
    };
    expectRejected('foreign', () => decodeIndex(changed(0, 'x'), ROOT));
    expectRejected('version', () => decodeIndex(changed(12, '\xff'), ROOT));
    expectRejected('checksum', () => decodeIndex(changed(file.length - 1, '!'), ROOT));
    expectRejected('flags', () => decodeIndex(checked(changed(file.indexOf('resumable'), 'readable_')), ROOT));
    expectRejected('facts', () => decodeIndex(checked(changed(file.indexOf('customTitle'), 'givenTitle_')), ROOT));
    expectRejected('root', () => decodeIndex(file, '/elsewhere'));
    expectRejected('truncated', () => decodeIndex(alignedCopy(file.subarray(0, 10)), ROOT));
    expectRejected('truncated', () => decodeIndex(checked(changed(CHECKED_FROM, '\xff')), ROOT));
    expectRejected('oversized', () => decodeIndex(checked(alignedCopy(Buffer.concat([file, Buffer.alloc(8)]))), ROOT));
    expectRejected('header', () => decodeIndex(checked(changed(CHECKED_FROM + 4, '[')), ROOT));
  });

  it('is rejected or unchanged after any damage', () => {
    fc.assert(
      fc.property(content, segments, damages, (made, names, damage) => {
        const file = fileOf(made, names);
        const loaded = readOrReason(() => decodeIndex(damage(file), ROOT));
        if (typeof loaded !== 'string') expect(plain(loaded)).toEqual(plain(decodeIndex(file, ROOT)));
      }),
      { numRuns: 500 },
    );
  });

  it('is rejected or can be read to the end if the damage is under a valid checksum', () => {
    fc.assert(
      fc.property(content, segments, damages, (made, names, damage) => {
        const file = fileOf(made, names);
        const body = damage(file.subarray(CHECKED_FROM));
        const bytes = alignedCopy(Buffer.concat([file.subarray(0, CHECKED_FROM), body]));
        bytes.writeUInt32LE(crc32(body), CHECKSUM_AT);
        const loaded = readOrReason(() => decodeIndex(bytes, ROOT));
        if (typeof loaded !== 'string') plain(loaded);
      }),
      { numRuns: 500 },
    );
  });
});
