import { closeSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeFolders } from '../../system/make-folders.js';
import { withFile } from '../../transcript/lines.js';
import { ColumnTable } from './column-table.js';
import { IDS_SUFFIX, Segments } from './segments.js';
import { decodeFolders, encodeFolders, type FolderContent, type StoredFolder } from './stored-folder.js';

/**
 * Revision of what transcripts are parsed into. Raise it with every change to the fold or to what is stored: an index
 * of another revision is not read.
 */
const REVISION = 20;
const MAGIC = 'ccsess-index 1\n\n';
/** A segment nothing refers to is removed once it is this old: younger ones may belong to a run that is writing now. */
const STRAY_AGE_MS = 10 * 60 * 1000;

/** An index. Its sessions are rows of the table, those of each project dir one after the other. */
export interface Store {
  table: ColumnTable;
  segments: Segments;
  folders: readonly (FolderContent | StoredFolder)[];
}

/** An index as read from disk. */
export type LoadedStore = Omit<Store, 'folders'> & { folders: readonly StoredFolder[] };

interface Header {
  revision: number;
  root: string;
  sessions: number;
  /** Lengths of the parts of the body: the table, numbers of project dirs, their names, other strings. */
  bytes: [table: number, folders: number, names: number, strings: number];
  crc: number;
  segments: { name: string; bytes: number }[];
}

/** Name of the index of one projects folder, short whatever its path; the index itself says which folder it is of. */
export function storeName(root: string): string {
  return `${basename(dirname(root)).replace(/[^A-Za-z0-9]/g, '')}-${crc32(root).toString(16).padStart(8, '0')}`;
}

/** Twelve characters that no other run makes; loading the cryptographic kind takes longer than a warm list has. */
export function unique(): string {
  return Math.random().toString(36).slice(2, 8).padEnd(6, '0') + Math.random().toString(36).slice(2, 8).padEnd(6, '0');
}

/** Reads the index of a projects folder; null if there is none or anything about it is in doubt. Never throws. */
export function loadStore(directory: string, root: string): LoadedStore | null {
  try {
    const bytes = readAll(join(directory, `${storeName(root)}.columns`));
    if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
    const headerLength = bytes.readUInt32LE(MAGIC.length);
    const headerEnd = MAGIC.length + 4 + headerLength;
    const header = JSON.parse(bytes.toString('utf8', MAGIC.length + 4, headerEnd)) as Header;
    const body = bytes.subarray(headerEnd);
    if (header.revision !== REVISION || header.root !== root) return null;
    if (crc32(body) !== header.crc) return null;
    const [numbers, folderNumbers, names, strings] = parts(body, header.bytes);
    const table = ColumnTable.from(floats(numbers), header.sessions);
    if (table === null) return null;
    const folders = decodeFolders(
      { numbers: floats(folderNumbers), names: names.toString(), strings: strings.toString() },
      table,
    );
    const segments = folders === null ? null : Segments.open(directory, header.segments);
    return folders === null || segments === null ? null : { table, segments, folders };
  } catch {
    return null;
  }
}

/**
 * A name for a new segment file that no other run uses. Makes the cache folder (0700) if need be; null if it cannot.
 */
export function newSegmentPath(directory: string, root: string): string | null {
  try {
    makeFolders(directory);
    return join(directory, `${storeName(root)}.${unique()}.segment`);
  } catch {
    return null;
  }
}

/**
 * Puts the index in place of the old one, in one step. Returns false where the disk refuses: then the old one stays.
 * Two runs that save at once each leave a whole index; the last one counts.
 */
export function saveStore(directory: string, root: string, store: Store, now: number): boolean {
  const target = join(directory, `${storeName(root)}.columns`);
  const temporary = `${target}.${unique()}.tmp`;
  try {
    writePieces(temporary, encoded(root, store));
    renameSync(temporary, target);
    removeStrays(
      directory,
      storeName(root),
      new Set(store.segments.files.flatMap(({ name }) => [name, name + IDS_SUFFIX])),
      now,
    );
    return true;
  } catch {
    removeTemporary(temporary);
    return false;
  }
}

/** Removes a file that could not be written whole; where the disk refuses that too, it stays. Never throws. */
export function removeTemporary(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // `force` ignores a missing file, not a folder that is none or that may not be entered.
  }
}

/** An index as its file holds it. */
function encoded(root: string, store: Store): Buffer[] {
  const folders = encodeFolders(store.folders);
  const pieces = [
    bytesOf(store.table.numbers),
    bytesOf(folders.numbers),
    Buffer.from(folders.names),
    Buffer.from(folders.strings),
  ] as const;
  const [table, folderNumbers, names, strings] = pieces;
  const header: Header = {
    revision: REVISION,
    root,
    sessions: store.table.length,
    bytes: [table.length, folderNumbers.length, names.length, strings.length],
    crc: pieces.reduce((crc, piece) => crc32(piece, crc), 0),
    segments: store.segments.files,
  };
  // Padded, because numbers can be read in place only at a multiple of eight.
  const headerText = Buffer.from(JSON.stringify(header));
  const padding = (8 - ((MAGIC.length + 4 + headerText.length) % 8)) % 8;
  const headerBytes = Buffer.concat([headerText, Buffer.alloc(padding, ' ')]);
  const headerLength = Buffer.alloc(4);
  headerLength.writeUInt32LE(headerBytes.length);
  return [Buffer.from(MAGIC), headerLength, headerBytes, ...pieces];
}

/** A file of the user alone, written piece by piece: put together first, they would be copied. */
function writePieces(path: string, pieces: readonly Buffer[]): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    for (const piece of pieces) writeFileSync(fd, piece);
  } finally {
    closeSync(fd);
  }
}

/**
 * A file in memory of its own, so that it starts at a multiple of eight. Throws what Node does, and for anything but a
 * file.
 */
function readAll(path: string): Buffer {
  return withFile(path, (fd, size) => {
    const bytes = Buffer.from(new ArrayBuffer(size));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  });
}

/** A body in parts of these lengths. Throws if they do not add up to it. */
function parts(body: Buffer, [first, second, third, fourth]: Header['bytes']): [Buffer, Buffer, Buffer, Buffer] {
  if (first + second + third + fourth !== body.length) throw new RangeError('an index of another size');
  const [folders, names, strings] = [first, first + second, first + second + third];
  return [
    body.subarray(0, folders),
    body.subarray(folders, names),
    body.subarray(names, strings),
    body.subarray(strings),
  ];
}

function floats({ buffer, byteOffset, byteLength }: Buffer): Float64Array {
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function removeStrays(directory: string, prefix: string, referenced: ReadonlySet<string>, now: number): void {
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(`${prefix}.`) || name.endsWith('.columns') || referenced.has(name)) continue;
    const path = join(directory, name);
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs !== undefined && now - mtimeMs > STRAY_AGE_MS) rmSync(path, { force: true });
  }
}
