import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isSessionRoot } from '../../claude/layout.js';
import { isSessionId, type SessionId } from '../../claude/scan/scan.js';
import { UnsafePath, isSafeName, isSafeRelativePath } from '../../system/safe-path.js';
import type { SafeName, SafeRelativePath } from '../../system/safe-path.js';
import { errorCode } from '../../system/problem.js';
import { parseObject, readPlainFile } from '../../system/small-file.js';
import { PRIVATE_FILE, writeAll } from '../../system/write-file.js';
import type { RemovalCode, Reason, Removal } from '../model.js';
import { flush } from './copy-tree.js';
import { NODE_KINDS, type TreeNode } from './tree.js';

const MANIFEST = 'manifest.jsonl';
const COPY = 'manifest.copy.jsonl';
/** Names in a run's folder that are not entries. */
export const MANIFEST_NAMES: readonly string[] = [MANIFEST, COPY];

/** Size of a compressed file whose original size is not recorded. */
export const UNKNOWN_SIZE = -1;
const NO_TIME = new Date(0).toISOString();

/** One topmost file or folder of a trashed session, stored in the entry's folder under its number. */
export interface TrashedRoot {
  /** The config dir it belongs to. */
  configDir: string;
  /** Its path in the config dir. */
  path: SafeRelativePath;
  /** Its files and folders as they were. */
  nodes: TreeNode[];
}

type Described = Pick<
  Removal,
  'configDir' | 'cwd' | 'title' | 'kind' | 'lastActivityAt' | 'footprintBytes' | 'files' | 'reasons'
>;

/** A session as the trash records it: a line of a run's `manifest.jsonl`, written before anything of it is moved. */
export interface TrashedSession extends Described {
  schemaVersion: 1;
  id: SessionId;
  /** Empty for leftovers that were in no project dir. */
  projectDir: SafeName | '';
  /** Number of the entry in its run. */
  entry: number;
  pruneId: string;
  trashedAt: string;
  roots: TrashedRoot[];
}

/**
 * Adds sessions to the manifest of a run and its copy, and flushes the manifest to the disk. Throws Node's error, with
 * nothing added to the manifest.
 */
export function writeManifest(runFolder: string, sessions: readonly TrashedSession[]): void {
  const lines = Buffer.from(sessions.map((session) => `${JSON.stringify(session)}\n`).join(''));
  append(join(runFolder, MANIFEST), lines, { flushed: true });
  try {
    append(join(runFolder, COPY), lines, { flushed: false });
  } catch {
    // The copy is only read where the manifest is damaged.
  }
  flush(runFolder);
}

function append(path: string, lines: Buffer, { flushed }: { flushed: boolean }): void {
  const fd = openSync(path, 'a', PRIVATE_FILE);
  const { size } = fstatSync(fd);
  try {
    writeAll(fd, lines);
    if (flushed) fsyncSync(fd);
  } catch (error) {
    // Lines added later would continue the line that the full disk cut short, and be lost with it.
    ftruncateSync(fd, size);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The content of a run's manifest: sessions by the number of their entry. */
export interface Manifest {
  path: string;
  sessions: ReadonlyMap<number, TrashedSession>;
  /** The end of a sentence that begins with the manifest's name; null if all its lines can be read. */
  damage: string | null;
}

/** Reads a run's manifest, or with `isCopy` its copy. Lines that are damaged or unsafe are left out. Never throws. */
export function readManifest(runFolder: string, { isCopy = false }: { isCopy?: boolean } = {}): Manifest {
  const path = join(runFolder, isCopy ? COPY : MANIFEST);
  const sessions = new Map<number, TrashedSession>();
  const text = textOf(path);
  if (text.damage !== null) return { path, sessions, damage: text.damage };
  const damaged: number[] = [];
  for (const [at, line] of text.lines.entries()) {
    if (line === '') continue;
    const session = sessionOf(parseObject(line));
    if (session === null) damaged.push(at + 1);
    else if (!sessions.has(session.entry)) sessions.set(session.entry, session);
  }
  const [first] = damaged;
  const more = damaged.length > 1 ? ` and ${damaged.length - 1} more` : '';
  return { path, sessions, damage: first === undefined ? null : `is damaged in line ${first}${more}` };
}

function textOf(path: string): { lines: string[]; damage: string | null } {
  try {
    const text = readPlainFile(path);
    return text === null ? { lines: [], damage: 'is missing' } : { lines: text.split('\n'), damage: null };
  } catch (error) {
    const why = error instanceof UnsafePath ? 'not a regular file' : (errorCode(error) ?? 'unknown error');
    return { lines: [], damage: `cannot be read (${why})` };
  }
}

/**
 * Returns the session of a line; null if its number, id, config dir or roots are not as ccsess writes them, so that no
 * path leads out of a config dir. Other members of a wrong type are left out.
 */
function sessionOf(line: Record<string, unknown> | null): TrashedSession | null {
  if (line === null || line['schemaVersion'] !== 1) return null;
  const { id, entry, configDir, projectDir, roots } = line;
  if (typeof id !== 'string' || !isSessionId(id) || !isEntryNumber(entry)) return null;
  if (!isConfigDirPath(configDir) || (projectDir !== '' && !isSafeName(projectDir))) return null;
  const checked = rootsOf(roots, id);
  if (checked === null) return null;
  return {
    schemaVersion: 1,
    entry,
    pruneId: textIn(line['pruneId']) ?? '',
    trashedAt: momentIn(line['trashedAt']) ?? NO_TIME,
    id,
    configDir,
    projectDir,
    cwd: textIn(line['cwd']),
    title: textIn(line['title']),
    kind: kindIn(line['kind']),
    lastActivityAt: momentIn(line['lastActivityAt']),
    footprintBytes: countIn(line['footprintBytes']),
    files: countIn(line['files']),
    reasons: reasonsIn(line['reasons']),
    roots: checked,
  };
}

function isEntryNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isConfigDirPath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value) && !value.includes('\0');
}

function rootsOf(value: unknown, id: SessionId): TrashedRoot[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const roots = value.map((root) => rootOf(root, id));
  return roots.every((root) => root !== null) ? roots : null;
}

function rootOf(value: unknown, id: SessionId): TrashedRoot | null {
  const { configDir, path, nodes } = membersOf(value);
  if (!isConfigDirPath(configDir) || !isSafeRelativePath(path) || !isSessionRoot(path, id)) return null;
  return Array.isArray(nodes) && nodes.every(isNode) ? { configDir, path, nodes } : null;
}

function isNode(value: unknown): value is TreeNode {
  const { path, kind, bytes, mode, mtimeMs } = membersOf(value);
  if (path !== '' && !isSafeRelativePath(path)) return false;
  return NODE_KINDS.some((one) => one === kind) && [bytes, mode, mtimeMs].every((one) => Number.isFinite(one));
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function momentIn(value: unknown): string | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;
}

function countIn(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.max(0, value as number) : 0;
}

function kindIn(value: unknown): TrashedSession['kind'] {
  const known = ['interactive', 'headless', 'background', 'teammate'] as const;
  return known.find((one) => one === value) ?? null;
}

function reasonsIn(value: unknown): Reason<RemovalCode>[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    const { code, detail } = membersOf(item);
    return typeof code === 'string' ? [{ code: code as RemovalCode, detail: textIn(detail) }] : [];
  });
}
