import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { isSessionRoot, isSidePart } from '../../claude/layout.js';
import { projectKey } from '../../claude/project-key.js';
import { isSessionId, sessionIdOf, type SessionId } from '../../claude/scan/scan.js';
import { isSafeName, isSafeRelativePath, safeName, safeRelativePath } from '../../system/safe-path.js';
import type { SafeName, SafeRelativePath } from '../../system/safe-path.js';
import { parseObject, readStartBytes } from '../../system/small-file.js';
import { UNKNOWN_SIZE, type TrashedRoot, type TrashedSession } from './manifest.js';
import { UNKNOWN_ID } from './safe-paths.js';
import { TrashEntry, type NamedEntry } from './trash-entry.js';
import { bytesBelow, statIfExists, treeOf, type TreeNode } from './tree.js';

/** Bytes to read from a transcript for its first entries; fewer of compressed ones, which may expand a thousandfold. */
const HEAD_BYTES = 64 * 1024;
const PACKED_HEAD_BYTES = 16 * 1024;
/** Name of the project dir for sessions that do not record a folder. */
const NO_PROJECT = safeName('-recovered');
/** The folder in a side folder for files that cannot be identified. */
const RECOVERED = 'recovered';

/** An entry whose description is lost. */
export interface LostSession {
  runFolder: string;
  named: NamedEntry;
  /** The config dir that it is assumed to belong to. */
  configDir: string;
}

/**
 * Returns a description of a trashed session inferred from its files: id and folder from the entries of its transcript,
 * the rest by names and contents; files that cannot be identified get paths in `<id>/recovered/`. Changes nothing.
 */
export function rebuildSession({ runFolder, named, configDir }: LostSession): TrashedSession {
  const { number: entry, state, isBare } = named;
  const { folder, names } = new TrashEntry(runFolder, { entry } as TrashedSession, state, undefined, isBare);
  const parts = partsIn(names, (name) => (isBare ? folder : join(folder, name)));
  const facts = factsOf(parts);
  const id = facts.id ?? sessionIdOf(UNKNOWN_ID);
  const projectDir = facts.cwd === null ? NO_PROJECT : safeName(projectKey(facts.cwd));
  const roots: TrashedRoot[] = [];
  for (const part of parts) {
    // An entry stores each root under its number, so missing numbers are filled.
    while (roots.length < part.number) roots.push(rootOf(recoveredPath(projectDir, id, roots.length), []));
    roots.push(rootOf(pathOf(part, id, projectDir), part.nodes));
  }
  function rootOf(path: SafeRelativePath, nodes: TreeNode[]): TrashedRoot {
    return { configDir, path, nodes };
  }
  return {
    schemaVersion: 1,
    entry,
    pruneId: basename(runFolder),
    trashedAt: timeOf(runFolder, folder),
    id,
    configDir,
    projectDir,
    cwd: facts.cwd,
    title: facts.title,
    kind: null,
    lastActivityAt: null,
    footprintBytes: bytesBelow(folder),
    files: parts.reduce((sum, { nodes }) => sum + nodes.filter(({ kind }) => kind === 'file').length, 0),
    reasons: [],
    roots,
  };
}

/** A line of a transcript. */
type Entry = Record<string, unknown>;

/** A root in an entry's folder: a file or folder named by its number, and its compressed files next to it. */
interface Part {
  number: number;
  /** Null if it is compressed. */
  path: string | null;
  nodes: TreeNode[];
  /** The file's first entries, if it is a transcript. */
  head: Entry[];
  /** First entries of its compressed files, by the numbers of their nodes; their names are lost. */
  packed: ReadonlyMap<number, Entry[]>;
}

function partsIn(names: readonly string[], pathOf: (name: string) => string): Part[] {
  const plain = new Map<number, string>();
  const packed = new Map<number, Map<number, string>>();
  for (const name of names) {
    const path = pathOf(name);
    const [, root, node] = /^packed-(\d+)-(\d+)\.gz$/.exec(name) ?? [];
    if (/^\d{1,4}$/.test(name)) plain.set(Number(name), path);
    else if (root !== undefined)
      packed.set(Number(root), (packed.get(Number(root)) ?? new Map<number, string>()).set(Number(node), path));
  }
  const numbers = [...new Set([...plain.keys(), ...packed.keys()])].filter((number) => number < 1000);
  return numbers
    .sort((a, b) => a - b)
    .map((number) => partOf(number, plain.get(number) ?? null, packed.get(number) ?? new Map<number, string>()));
}

function partOf(number: number, path: string | null, packedPaths: ReadonlyMap<number, string>): Part {
  const isFile = path === null || statIfExists(path)?.isFile() === true;
  const packed = new Map([...packedPaths].map(([at, file]) => [at, entriesIn(packedHead(file))]));
  const nodes = path === null ? [] : treeOf(path);
  for (const [at, file] of [...packedPaths].sort(([a], [b]) => a - b)) {
    // Nodes are in the order of their paths, and a compressed file is stored under its number.
    nodes.splice(at, 0, packedNode(isFile ? '' : packedName(packed.get(at) ?? [], at), file));
  }
  const head = !isFile ? [] : path === null ? (packed.get(0) ?? []) : entriesIn(plainHead(path));
  return { number, path, nodes, head, packed };
}

function packedNode(path: SafeRelativePath | '', file: string): TreeNode {
  return { path, kind: 'file', bytes: UNKNOWN_SIZE, mode: 0o600, mtimeMs: statSync(file).mtimeMs };
}

/** Returns the path of a compressed file in a folder: a subagent's transcript, whose entries name it. */
function packedName(entries: readonly Entry[], at: number): SafeRelativePath {
  const agentId = entries.map((one) => one['agentId']).find(isSafeName) ?? `recovered${at}`;
  return safeRelativePath(`subagents/agent-${agentId}.jsonl`);
}

function plainHead(path: string): string {
  return readStartBytes(path, HEAD_BYTES)?.bytes.toString('utf8') ?? '';
}

function packedHead(path: string): string {
  const head = readStartBytes(path, PACKED_HEAD_BYTES)?.bytes;
  try {
    return head === undefined ? '' : gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8');
  } catch {
    return '';
  }
}

function entriesIn(head: string): Entry[] {
  return head
    .split('\n')
    .map(parseObject)
    .filter((entry) => entry !== null);
}

interface Facts {
  id: SessionId | null;
  cwd: string | null;
  title: string | null;
}

/** Returns what the entries say of the session. The last ones give its id: in a fork, the first may name its parent. */
function factsOf(parts: readonly Part[]): Facts {
  const entries = parts.flatMap(({ head, packed }) => [...head, ...[...packed.values()].flat()]);
  const own = entries.filter((one) => one['isSidechain'] !== true);
  const texts = (name: string, from: readonly Entry[]): string[] =>
    from.flatMap((one) => (typeof one[name] === 'string' ? [one[name]] : []));
  const ids = (from: readonly Entry[]): SessionId[] => texts('sessionId', from).filter(isSessionId);
  const [cwd = null] = texts('cwd', own);
  return {
    id: ids(own).at(-1) ?? ids(entries).at(-1) ?? null,
    cwd: cwd !== null && cwd.startsWith('/') ? cwd : null,
    title: texts('customTitle', own).at(-1) ?? texts('aiTitle', own).at(-1) ?? null,
  };
}

function pathOf(part: Part, id: SessionId, projectDir: SafeName): SafeRelativePath {
  const path = guessedPath(part, id, projectDir);
  return path !== null && isSafeRelativePath(path) && isSessionRoot(path, id)
    ? path
    : recoveredPath(projectDir, id, part.number);
}

function guessedPath({ path, head, packed }: Part, id: SessionId, projectDir: SafeName): string | null {
  if (path === null || statIfExists(path)?.isFile() === true) {
    const agentId = head.find((one) => one['isSidechain'] === true)?.['agentId'];
    if (typeof agentId === 'string') return `projects/${projectDir}/agent-${agentId}.jsonl`;
    if (head.some((one) => typeof one['type'] === 'string')) return `projects/${projectDir}/${id}.jsonl`;
    if (path === null) return null;
    return /^\s*\[/.test(plainHead(path)) ? `todos/${id}-agent-${id}.json` : `debug/${id}.txt`;
  }
  const names = statIfExists(path)?.isDirectory() === true ? readdirSync(path) : [];
  if (packed.size > 0 || names.some(isSidePart)) return `projects/${projectDir}/${id}`;
  if (names.some((name) => /@v\d+$/.test(name))) return `file-history/${id}`;
  if (names.some((name) => /^(?:\d+\.json|\.lock|\.highwatermark)$/.test(name))) return `tasks/${id}`;
  if (names.some((name) => /\.(?:png|jpe?g|gif|webp)$/i.test(name))) return `image-cache/${id}`;
  if (names.length === 0 || names.some((name) => name.endsWith('.sh'))) return `session-env/${id}`;
  return null;
}

function recoveredPath(projectDir: SafeName, id: SessionId, number: number): SafeRelativePath {
  return safeRelativePath(`projects/${projectDir}/${id}/${RECOVERED}/${number}`);
}

/** Returns the time of the move: from the name of the run's folder, else the mtime of the entry. */
function timeOf(runFolder: string, folder: string): string {
  const [, day, hour, minute, second] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)/.exec(basename(runFolder)) ?? [];
  // `Date.parse` reads a text without any digits as the year 2000.
  const named = day === undefined ? NaN : Date.parse(`${day}T${hour}:${minute}:${second}.000Z`);
  return new Date(Number.isNaN(named) ? statSync(folder).mtimeMs : named).toISOString();
}
