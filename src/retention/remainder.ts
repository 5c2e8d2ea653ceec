import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { asString, type Entry } from '../transcript/classify.js';
import { readLines, withFile } from '../transcript/lines.js';
import { parseLine } from '../transcript/skeleton.js';
import { hasSameBytes } from './copy-tree.js';
import { readTrashed } from './pack.js';
import { placeOf, type TrashEntry, type TrashedRoot } from './trash-entry.js';
import { look, type TreeNode } from './tree.js';

const CHAIN_TYPES: readonly unknown[] = ['user', 'assistant', 'system', 'attachment', 'progress'];
/** As Claude Code writes it; within a string the quotes would be escaped. */
const UUID_MEMBER = /"uuid":"([\w-]{1,64})"/g;
const MAX_MEMBER = '"uuid":""'.length + 64;
/** What Claude Code writes anew as it goes: of two versions the later one holds. */
const STATE_FILE = /\.(?:jsonl?|lock)$|^debug\//;

/**
 * What at the places of a trashed session is not what Claude Code wrote to it after it was removed, so that the two cannot
 * be joined: a path, or null. Without a transcript at its place everything there is. Throws Node's error for what cannot be read.
 */
export async function unrelatedPlace(entry: TrashEntry): Promise<string | null> {
  const { roots } = entry.session;
  const [transcript] = roots;
  const taken = roots.filter((root) => look(placeOf(root)) !== undefined);
  if (transcript === undefined || !taken.includes(transcript) || !(await isRemainder(entry, transcript))) return taken.map(placeOf)[0] ?? null;
  return taken.map((root) => conflictIn(entry, root)).find((path) => path !== null) ?? null;
}

/**
 * Whether the transcript at a place continues the trashed one: its first entry follows one of those, it repeats one of them
 * (old versions write all they know once more), or all of its entries are later. Source: docs/storage.md, "Lifecycle".
 */
async function isRemainder(entry: TrashEntry, root: TrashedRoot): Promise<boolean> {
  const { id, lastActivityAt } = entry.session;
  const place = placeOf(root);
  if (!root.path.endsWith('.jsonl') || look(place)?.isFile() !== true) return false;
  const found = readRemainder(place, id);
  if (found.uuids === null) return found.isBookkeeping;
  if (await holdsOneOf(found.uuids, entry, root)) return true;
  return found.isOfSession && lastActivityAt !== null && found.firstMs > Date.parse(lastActivityAt);
}

/** What is known of a transcript that may be a remainder. */
interface Written {
  /** The chain entries, and what the first of them follows; null without any. */
  uuids: Set<string> | null;
  /** Every line is an entry, of this session where it says of which. */
  isBookkeeping: boolean;
  /** Every chain entry is of this session. */
  isOfSession: boolean;
  /** The oldest time of a chain entry; NaN if one has none. */
  firstMs: number;
}

function readRemainder(path: string, id: string): Written {
  const found: Written = { uuids: null, isBookkeeping: true, isOfSession: true, firstMs: Infinity };
  withFile(path, (fd, size) => {
    for (const { bytes, terminated } of readLines(fd, { end: size })) {
      if (bytes.length === 0) continue;
      const entries = parseLine(bytes, !terminated);
      if (entries.length === 0) found.isBookkeeping = false;
      for (const entry of entries) note(entry, id, found);
    }
  });
  return found;
}

function note(entry: Entry, id: string, found: Written): void {
  const { type, sessionId } = entry;
  if (typeof type !== 'string' || (sessionId !== undefined && sessionId !== id)) found.isBookkeeping = false;
  if (!CHAIN_TYPES.includes(type)) return;
  // A compaction is a new root, and says in another member what it follows.
  const followed = asString(entry['parentUuid']) ?? asString(entry['logicalParentUuid']);
  found.uuids ??= new Set(followed === null ? [] : [followed]);
  const uuid = asString(entry['uuid']);
  if (uuid !== null) found.uuids.add(uuid);
  found.isOfSession &&= sessionId === id;
  found.firstMs = Math.min(found.firstMs, Date.parse(asString(entry['timestamp']) ?? ''));
}

/** Whether a transcript in the trash has an entry of one of these uuids; read in pieces, since it may be large and compressed. */
async function holdsOneOf(uuids: ReadonlySet<string>, entry: TrashEntry, root: TrashedRoot): Promise<boolean> {
  let before = '';
  for await (const chunk of readTrashed(entry, root)) {
    const text = before + (chunk as Buffer).toString('latin1');
    for (const [, uuid = ''] of text.matchAll(UUID_MEMBER)) if (uuids.has(uuid)) return true;
    before = text.slice(-MAX_MEMBER);
  }
  return false;
}

/** The first file or folder of a root that meets something at its place which it can neither be joined with nor give way to. */
function conflictIn(entry: TrashEntry, root: TrashedRoot): string | null {
  const node = root.nodes.find((one) => isConflict(join(entry.inside(root), one.path), join(placeOf(root), one.path), one, root));
  return node === undefined ? null : join(placeOf(root), node.path);
}

function isConflict(inside: string, place: string, { kind, path }: TreeNode, root: TrashedRoot): boolean {
  const there = look(place);
  if (there === undefined) return false;
  if (kind === 'folder') return !there.isDirectory();
  if (kind === 'link') return !there.isSymbolicLink() || readlinkSync(place) !== readlinkSync(inside);
  if (kind !== 'file' || !there.isFile()) return true;
  return !STATE_FILE.test(join(root.path, path)) && (lstatSync(inside).size !== there.size || !hasSameBytes(inside, place));
}
