import { describe, expect, it } from 'vitest';
import type { FileStamp, NewFolder, UnchangedFolder, TranscriptFile } from '../../../src/claude/model.js';
import { decodeFolders, encodeFolders } from '../../../src/session-index/format/folders/encode-folders.js';
import type { StoredFolder } from '../../../src/session-index/format/folders/stored-folder.js';
import { ColumnTable } from '../../../src/session-index/format/table/column-table.js';
import type { Columns } from '../../../src/session-index/format/table/columns.js';
import { diffScan, isUnchanged } from '../../../src/session-index/refresh/diff-scan.js';

const CONFIG_DIR = { path: '/c', projectsRoot: '/c/projects', explicit: false, isDefault: false };
const BLOB = { segment: 0, offset: 0, length: 0, crc: 0 };

function stamp(size: number): FileStamp {
  return { size, mtimeMs: 1, ctimeMs: 1, ino: size };
}

function columns(size: number): Columns {
  const flags = { empty: false, resumable: true, damaged: false, unreadable: false, forked: false };
  return {
    stamp: stamp(size),
    agentStamps: [],
    lastActivityMs: null,
    createdMs: null,
    lastPromptMs: null,
    prompts: 0,
    turns: 0,
    tokens: 0,
    titleHash: null,
    kind: 'interactive',
    flags: { ...flags, plain: true, mayBeDesktop: false },
    facts: BLOB,
    resume: null,
    ledger: null,
  };
}

function transcript(id: string, size: number): TranscriptFile {
  return {
    configDir: CONFIG_DIR,
    projectDir: 'p',
    id,
    path: `/c/projects/p/${id}.jsonl`,
    stamp: stamp(size),
    isPlain: true,
    agents: [],
    sideEntries: [],
  };
}

/** A project dir that was listed. */
function listed(transcripts: TranscriptFile[]): NewFolder {
  const folder = { configDir: CONFIG_DIR, name: 'p', path: '/c/projects/p/', legacyAgents: [], memory: null };
  return { ...folder, known: null, transcripts };
}

/** The stored index of one project dir with three sessions, of 1, 2 and 3 bytes. */
function stored(): { table: ColumnTable; folder: StoredFolder } {
  const table = ColumnTable.of([1, 2, 3].map(columns));
  const names = ['a.jsonl', 'b.jsonl', 'c.jsonl'].join('\0');
  const content = { name: 'p', isWhole: true, stamp: null, names, transcripts: [0, 1, 2] };
  const encoded = encodeFolders([{ ...content, folders: [], agents: [], unassigned: [], sides: [] }]);
  return { table, folder: decodeFolders(encoded, table)[0] as StoredFolder };
}

/** The stored project dir as a scan finds it again. */
function same(folder: StoredFolder, changed: [number, FileStamp][] = []): UnchangedFolder<StoredFolder> {
  return {
    configDir: CONFIG_DIR,
    name: 'p',
    path: '/c/projects/p/',
    known: folder,
    isChecked: true,
    stamp: null,
    changed: new Map(changed),
  };
}

describe('the difference between a scan and the stored table', () => {
  const { table, folder } = stored();
  const find = (): StoredFolder => folder;

  it('is empty for an unchanged project dir', () => {
    const diff = diffScan([same(folder)], table, find);
    expect(diff).toEqual({ rows: [0, 1, 2], stale: [] });
    expect(isUnchanged(diff, table)).toBe(true);
  });

  it('is the one transcript that was written to', () => {
    const diff = diffScan([same(folder, [[1, stamp(9)]])], table, find);
    expect(diff.rows).toEqual([0, 1, 2]);
    expect(diff.stale).toEqual([{ position: 1, row: 1, file: transcript('b', 9) }]);
    expect(isUnchanged(diff, table)).toBe(false);
  });

  it('is new sessions and those with another stamp in a listed project dir; rows follow the order of the scan', () => {
    const [c, b, d] = [transcript('c', 3), transcript('b', 7), transcript('d', 4)];
    const diff = diffScan([listed([c, b, d])], table, find);
    expect(diff).toEqual({
      rows: [2, 1, -1],
      stale: [
        { position: 1, row: 1, file: b },
        { position: 2, row: -1, file: d },
      ],
    });
  });

  it('is all sessions without a stored index', () => {
    const file = transcript('a', 1);
    expect(diffScan([listed([file])], ColumnTable.of([]), () => undefined)).toEqual({
      rows: [-1],
      stale: [{ position: 0, row: -1, file }],
    });
  });

  it.each([
    ['went', [transcript('a', 1), transcript('b', 2)]],
    ['changed places', [transcript('b', 2), transcript('a', 1), transcript('c', 3)]],
  ])('is noticed if sessions %s though none must be read', (_, files) => {
    const diff = diffScan([listed(files)], table, find);
    expect(diff.stale).toEqual([]);
    expect(isUnchanged(diff, table)).toBe(false);
  });

  it('counts positions over several project dirs', () => {
    const diff = diffScan([listed([transcript('x', 1)]), same(folder, [[2, stamp(8)]])], table, (name) =>
      name === 'q' ? folder : undefined,
    );
    expect(diff.rows).toEqual([-1, 0, 1, 2]);
    expect(diff.stale.map(({ position, row }) => [position, row])).toEqual([
      [0, -1],
      [3, 2],
    ]);
  });
});
