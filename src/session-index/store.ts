import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileStamp, SideListing } from '../claude/model.js';
import { ColumnTable } from './columns.js';
import { Segments } from './segments.js';

/**
 * Revision of what transcripts are parsed into. Raise it with every change to the fold or to what is stored: an index
 * of another revision is not read.
 */
const REVISION = 8;
const MAGIC = 'ccsess-index 1\n\n';
/** A segment nothing refers to is removed once it is this old: younger ones may belong to a run that is writing now. */
const STRAY_AGE_MS = 10 * 60 * 1000;

/** An index as read from disk. Row `i` of the table is the session `ids[i]` in the project dir `projectDirs[i]`. */
export interface Store {
  ids: string[];
  projectDirs: string[];
  table: ColumnTable;
  segments: Segments;
  /** Flat subagent files of old versions and the session each belongs to, by path. */
  looseAgents: Map<string, LooseAgent>;
  /** Side folders as the scan found them, by row. */
  sideListings: Map<number, SideListing>;
}

/** What a flat subagent file was found to belong to, and the state of the file that said so. */
export interface LooseAgent {
  stamp: FileStamp;
  sessionId: string | null;
}

interface Header {
  revision: number;
  root: string;
  sessions: number;
  /** Runs of sessions in one project dir. */
  projectDirs: [name: string, sessions: number][];
  numbersBytes: number;
  namesBytes: number;
  crc: number;
  segments: { name: string; bytes: number }[];
  looseAgents: [path: string, found: LooseAgent][];
  sideListings: [row: number, listing: SideListing][];
}

/** Name of the index of one projects folder, short whatever its path; the index itself says which folder it is of. */
export function storeName(root: string): string {
  return `${basename(dirname(root)).replace(/[^A-Za-z0-9]/g, '')}-${crc32(root).toString(16).padStart(8, '0')}`;
}

/** Twelve characters no other run comes upon; loading the cryptographic kind takes longer than a warm list has. */
function unique(): string {
  return Math.random().toString(36).slice(2, 8).padEnd(6, '0') + Math.random().toString(36).slice(2, 8).padEnd(6, '0');
}

/** Reads the index of a projects folder; null if there is none or anything about it is in doubt. Never throws. */
export function loadStore(directory: string, root: string): Store | null {
  try {
    const bytes = readAll(join(directory, `${storeName(root)}.columns`));
    if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
    const headerLength = bytes.readUInt32LE(MAGIC.length);
    const headerEnd = MAGIC.length + 4 + headerLength;
    const header = JSON.parse(bytes.toString('utf8', MAGIC.length + 4, headerEnd)) as Header;
    const body = bytes.subarray(headerEnd);
    if (header.revision !== REVISION || header.root !== root) return null;
    if (body.length !== header.numbersBytes + header.namesBytes || crc32(body) !== header.crc) return null;
    const numbers = new Float64Array(body.buffer, body.byteOffset, header.numbersBytes / 8);
    const table = ColumnTable.from(numbers, header.sessions);
    const names = body.toString('utf8', header.numbersBytes);
    const ids = names === '' ? [] : names.split('\0');
    const projectDirs = header.projectDirs.flatMap(([name, sessions]) => Array<string>(sessions).fill(name));
    if (table === null || ids.length !== header.sessions || projectDirs.length !== header.sessions) return null;
    const segments = Segments.open(directory, header.segments);
    return segments === null ? null : { ids, projectDirs, table, segments, looseAgents: new Map(header.looseAgents), sideListings: new Map(header.sideListings) };
  } catch {
    return null;
  }
}

/** A name for a new segment file that no other run uses. Makes the cache folder (0700) if need be; null if it cannot. */
export function newSegmentPath(directory: string, root: string): string | null {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
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
  const { numbers } = store.table;
  const names = Buffer.from(store.ids.join('\0'));
  const body = Buffer.concat([Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength), names]);
  const header: Header = {
    revision: REVISION,
    root,
    sessions: store.ids.length,
    projectDirs: runs(store.projectDirs),
    numbersBytes: numbers.byteLength,
    namesBytes: names.length,
    crc: crc32(body),
    segments: store.segments.files,
    looseAgents: [...store.looseAgents],
    sideListings: [...store.sideListings],
  };
  // Padded, because numbers can be read where they lie only from a multiple of eight.
  const headerText = Buffer.from(JSON.stringify(header));
  const padding = (8 - ((MAGIC.length + 4 + headerText.length) % 8)) % 8;
  const headerBytes = Buffer.concat([headerText, Buffer.alloc(padding, ' ')]);
  const headerLength = Buffer.alloc(4);
  headerLength.writeUInt32LE(headerBytes.length);
  const target = join(directory, `${storeName(root)}.columns`);
  const temporary = `${target}.${unique()}.tmp`;
  try {
    writeFileSync(temporary, Buffer.concat([Buffer.from(MAGIC), headerLength, headerBytes, body]), { mode: 0o600 });
    renameSync(temporary, target);
    removeStrays(directory, storeName(root), new Set(header.segments.map(({ name }) => name)), now);
    return true;
  } catch {
    rmSync(temporary, { force: true });
    return false;
  }
}

/** A file in memory of its own, so that it starts at a multiple of eight. */
function readAll(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.from(new ArrayBuffer(fstatSync(fd).size));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

function runs(names: readonly string[]): [name: string, count: number][] {
  const result: [string, number][] = [];
  for (const name of names) {
    const last = result.at(-1);
    if (last?.[0] === name) last[1]++;
    else result.push([name, 1]);
  }
  return result;
}

function removeStrays(directory: string, prefix: string, referenced: ReadonlySet<string>, now: number): void {
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(`${prefix}.`) || name.endsWith('.columns') || referenced.has(name)) continue;
    const path = join(directory, name);
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs !== undefined && now - mtimeMs > STRAY_AGE_MS) rmSync(path, { force: true });
  }
}
