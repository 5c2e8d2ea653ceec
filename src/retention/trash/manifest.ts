import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isSessionRoot } from '../../claude/layout.js';
import { isSessionId, type SessionId } from '../../claude/scan/scan.js';
import { UnsafePath, isSafeName, isSafeRelativePath } from '../../system/safe-path.js';
import type { SafeName, SafeRelativePath } from '../../system/safe-path.js';
import { errorCode } from '../../system/problem.js';
import { parseObject, withPlainFile } from '../../system/small-file.js';
import { isoTime } from '../../system/time.js';
import { PRIVATE_FILE, writeAll } from '../../system/write-file.js';
import { readLines } from '../../transcript/lines.js';
import type { RemovalCode, Reason, Removal } from '../model.js';
import { flush } from './copy-tree.js';
import { NODE_KINDS, type TreeNode } from './tree.js';

const MANIFEST = 'manifest.jsonl';
/** Name of a run's second manifest. */
export const COPY = 'manifest.copy.jsonl';
/** Names in a run's folder that are not entries. */
export const MANIFEST_NAMES: readonly string[] = [MANIFEST, COPY];

/** Size of a compressed file whose original size is not recorded. */
export const UNKNOWN_SIZE = -1;
const NO_TIME = new Date(0).toISOString();

/** One topmost file or folder of a trashed session, stored in the entry's folder under its number. */
export interface TrashedRoot {
  /** The config dir it belongs to. */
  configDir: string;
  /** Path in the config dir. */
  path: SafeRelativePath;
  /** The root itself and everything in it, as it was before the removal. */
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
  const damaged: number[] = [];
  /** Entries that lines of several sessions claim: one of the lines has a damaged number. */
  const claimed = new Set<number>();
  let last: TrashedSession | undefined;
  const problem = forEachLine(path, (line, number) => {
    const session = sessionOf(parseObject(line), last);
    const other = sessions.get(session?.entry ?? 0);
    if (session === null) damaged.push(number);
    else if (other === undefined) sessions.set(session.entry, (last = session));
    else if (other.id !== session.id || other.projectDir !== session.projectDir) {
      claimed.add(session.entry);
      damaged.push(number);
    }
  });
  for (const entry of claimed) sessions.delete(entry);
  const [first] = damaged;
  const more = damaged.length > 1 ? ` and ${damaged.length - 1} more` : '';
  return { path, sessions, damage: problem ?? (first === undefined ? null : `is damaged in line ${first}${more}`) };
}

/**
 * Calls back with each line that is not empty, and its number from 1. Returns the end of a sentence that begins with
 * the file's name if it cannot be read; else null.
 */
function forEachLine(path: string, use: (line: string, number: number) => void): string | null {
  try {
    const lines = withPlainFile(path, (fd) => {
      let number = 0;
      // One by one, since the manifest of many sessions has megabytes.
      for (const { bytes } of readLines(fd)) {
        number += 1;
        if (bytes.length > 0) use(bytes.toString('utf8'), number);
      }
      return number;
    });
    return lines === null ? 'is missing' : null;
  } catch (error) {
    const why = error instanceof UnsafePath ? 'not a regular file' : (errorCode(error) ?? 'unknown error');
    return `cannot be read (${why})`;
  }
}

/**
 * Returns the session of a line; null if its number, id, config dir or roots are not as ccsess writes them, so that no
 * path leads out of a config dir. Other members of a wrong type are left out. Values that are equal in `last`, the
 * session before, are taken from there, since most are, and a manifest may have tens of thousands of lines.
 */
function sessionOf(line: Record<string, unknown> | null, last: TrashedSession | undefined): TrashedSession | null {
  if (line === null || line['schemaVersion'] !== 1) return null;
  const { id, entry, configDir, projectDir, roots } = line;
  if (typeof id !== 'string' || !isSessionId(id) || !isEntryNumber(entry)) return null;
  if (!isConfigDirPath(configDir) || (projectDir !== '' && !isSafeName(projectDir))) return null;
  const own = last?.configDir === configDir ? last.configDir : configDir;
  const checked = rootsOf(roots, id, own);
  if (checked === null || !isInOneProject(checked, id, projectDir)) return null;
  return {
    schemaVersion: 1,
    entry,
    pruneId: shared(textIn(line['pruneId']) ?? '', last?.pruneId),
    trashedAt: shared(momentIn(line['trashedAt']) ?? NO_TIME, last?.trashedAt),
    id,
    configDir: own,
    projectDir: shared(projectDir, last?.projectDir),
    cwd: shared(textIn(line['cwd']), last?.cwd),
    title: textIn(line['title']),
    kind: kindIn(line['kind']),
    lastActivityAt: shared(momentIn(line['lastActivityAt']), last?.lastActivityAt),
    footprintBytes: countIn(line['footprintBytes']),
    files: countIn(line['files']),
    reasons: sharedReasons(reasonsIn(line['reasons']), last?.reasons),
    roots: checked,
  };
}

/** Returns the earlier one of two equal texts, so that only one is held. */
function shared<Text extends string | null>(text: Text, earlier: Text | undefined): Text {
  return text === earlier ? earlier : text;
}

/** Returns the earlier one of two equal lists of reasons, so that only one is held. */
function sharedReasons(
  reasons: Reason<RemovalCode>[],
  earlier: Reason<RemovalCode>[] | undefined,
): Reason<RemovalCode>[] {
  const isSame =
    earlier?.length === reasons.length &&
    reasons.every(({ code, detail }, at) => earlier[at]?.code === code && earlier[at].detail === detail);
  return isSame ? earlier : reasons;
}

function isEntryNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isConfigDirPath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value) && !value.includes('\0');
}

/** Returns the roots of a session in a config dir; null if one is not as ccsess writes it. */
function rootsOf(value: unknown, id: SessionId, own: string): TrashedRoot[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const roots = value.map((root) => rootOf(root, id, own));
  return roots.every((root) => root !== null) ? roots : null;
}

/** Returns false if a session with a transcript has files in another project dir: then a name was damaged. */
function isInOneProject(roots: readonly TrashedRoot[], id: SessionId, projectDir: string): boolean {
  if (!roots.some(({ path }) => path.endsWith(`/${id}.jsonl`))) return true;
  return roots.every(({ path }) => !path.startsWith('projects/') || path.startsWith(`projects/${projectDir}/`));
}

function rootOf(value: unknown, id: SessionId, own: string): TrashedRoot | null {
  const { configDir, path, nodes } = membersOf(value);
  if (!isConfigDirPath(configDir) || !isSafeRelativePath(path) || !isSessionRoot(path, id)) return null;
  return Array.isArray(nodes) && nodes.every(isNode) ? { configDir: shared(configDir, own), path, nodes } : null;
}

function isNode(value: unknown): value is TreeNode {
  const { path, kind, bytes, mode, mtimeMs } = membersOf(value);
  if (path !== '' && !isSafeRelativePath(path)) return false;
  if (typeof mtimeMs !== 'number' || isoTime(mtimeMs) === null) return false;
  return NODE_KINDS.some((one) => one === kind) && [bytes, mode].every((one) => Number.isFinite(one));
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
