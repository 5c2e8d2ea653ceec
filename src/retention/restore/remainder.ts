import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { asString, type Entry } from '../../transcript/messages/classify.js';
import { readLines, withFile } from '../../transcript/lines.js';
import { parseLine } from '../../transcript/skeleton.js';
import { hasSameBytes } from '../trash/copy-tree.js';
import { readTrashed } from '../trash/packing/unpack.js';
import type { TrashedRoot } from '../trash/manifest.js';
import { isDamage } from '../trash/packing/salvage.js';
import { originalPath, type TrashEntry } from '../trash/trash-entry.js';
import { statIfExists, type TreeNode } from '../trash/tree.js';

const CHAIN_TYPES: readonly unknown[] = ['user', 'assistant', 'system', 'attachment', 'progress'];
/** A member `uuid`, with the blanks of other programs; within a string the quotes would be escaped. */
const UUID_MEMBER = /"uuid" {0,4}: {0,4}"([\w-]{1,64})"/g;
const MAX_MEMBER = '"uuid"    :    ""'.length + 64;
/** Files that Claude Code replaces while it runs; of two versions, the later one is kept. */
const STATE_FILE = /\.(?:jsonl?|lock)$|^debug\//;

/**
 * Returns the first path of a trashed session at which something exists that cannot be joined with it; null if there is
 * none. Throws Node's error for a transcript that cannot be read.
 */
export async function unrelatedPath(entry: TrashEntry): Promise<string | null> {
  const { roots } = entry.session;
  const [transcript] = roots;
  const taken = roots.filter((root) => statIfExists(originalPath(root)) !== undefined);
  const isContinued = transcript !== undefined && taken.includes(transcript) && (await isRemainder(entry, transcript));
  const paths = isContinued ? taken.map((root) => conflictIn(entry, root)) : taken.map(originalPath);
  return paths.find((path) => path !== null) ?? null;
}

/**
 * Returns true if the transcript at a root's original path continues the trashed one: it follows or repeats one of its
 * entries, or all of its entries are later. Source: docs/storage.md, "Lifecycle".
 */
async function isRemainder(entry: TrashEntry, root: TrashedRoot): Promise<boolean> {
  const { id, lastActivityAt } = entry.session;
  const original = originalPath(root);
  if (!root.path.endsWith('.jsonl') || statIfExists(original)?.isFile() !== true) return false;
  const facts = readRemainder(original, id);
  if (facts.uuids === null) return facts.isBookkeeping;
  if (await containsUuid(facts.uuids, entry, root)) return true;
  return facts.isOfSession && lastActivityAt !== null && facts.firstMs > Date.parse(lastActivityAt);
}

/** The facts about a transcript that decide if it is a remainder. */
interface RemainderFacts {
  /** Uuids of the chain entries, and of the parent of the first one; null if there are none. */
  uuids: Set<string> | null;
  /** Every line is an entry, and each one that names a session names this one. */
  isBookkeeping: boolean;
  /** Every chain entry is of this session. */
  isOfSession: boolean;
  /** The oldest time of a chain entry; NaN if one has none. */
  firstMs: number;
}

function readRemainder(path: string, id: string): RemainderFacts {
  const found: RemainderFacts = { uuids: null, isBookkeeping: true, isOfSession: true, firstMs: Infinity };
  withFile(path, (fd, size) => {
    for (const { bytes, terminated } of readLines(fd, { end: size })) {
      if (bytes.length === 0) continue;
      const entries = parseLine(bytes, !terminated);
      if (entries.length === 0) found.isBookkeeping = false;
      for (const entry of entries) addEntry(entry, id, found);
    }
  });
  return found;
}

function addEntry(entry: Entry, id: string, found: RemainderFacts): void {
  const { type, sessionId } = entry;
  if (typeof type !== 'string' || (sessionId !== undefined && sessionId !== id)) found.isBookkeeping = false;
  if (!CHAIN_TYPES.includes(type)) return;
  // A compaction is a new root, and names its predecessor in another member.
  const followed = asString(entry['parentUuid']) ?? asString(entry['logicalParentUuid']);
  found.uuids ??= new Set(followed === null ? [] : [followed]);
  const uuid = asString(entry['uuid']);
  if (uuid !== null) found.uuids.add(uuid);
  found.isOfSession &&= sessionId === id;
  found.firstMs = Math.min(found.firstMs, Date.parse(asString(entry['timestamp']) ?? ''));
}

/** Yields the chunks of a stream, up to the damage in a compressed file. */
async function* readable(stream: Readable): AsyncGenerator<unknown> {
  try {
    yield* stream;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}

/** Returns true if a trashed transcript, which may be large and compressed, has an entry with one of these uuids. */
async function containsUuid(uuids: ReadonlySet<string>, entry: TrashEntry, root: TrashedRoot): Promise<boolean> {
  let before = '';
  for await (const chunk of readable(readTrashed(entry, root))) {
    const text = before + (chunk as Buffer).toString('latin1');
    for (const [, uuid = ''] of text.matchAll(UUID_MEMBER)) if (uuids.has(uuid)) return true;
    before = text.slice(-MAX_MEMBER);
  }
  return false;
}

/** Returns the path of the first node of a root that cannot be joined with what exists there; null if there is none. */
function conflictIn(entry: TrashEntry, root: TrashedRoot): string | null {
  const node = root.nodes.find((one) => isConflict(entry, root, one));
  return node === undefined ? null : join(originalPath(root), node.path);
}

function isConflict(entry: TrashEntry, root: TrashedRoot, { kind, path }: TreeNode): boolean {
  const [inside, original] = [join(entry.storedPath(root), path), join(originalPath(root), path)];
  const there = statIfExists(original);
  if (there === undefined) return false;
  if (kind === 'folder') return !there.isDirectory();
  if (kind === 'link') return !there.isSymbolicLink() || readlinkSync(original) !== readlinkSync(inside);
  if (kind !== 'file' || !there.isFile()) return true;
  if (STATE_FILE.test(join(root.path, path))) return false;
  return !hasSameBytes(inside, original);
}
