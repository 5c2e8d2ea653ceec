import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../system/make-folders.js';
import { mayExist, statOrNull } from '../../system/stat.js';
import { fileProblem, type Problem } from '../../system/problem.js';
import { requirePlainFolder } from '../../system/safe-path.js';
import type { SessionId } from '../../claude/scan/scan.js';
import type { ConfigDir } from '../../claude/model.js';
import { parseObject, readStart } from '../../system/small-file.js';
import { replaceFile } from '../../system/write-file.js';
import { ownFolder } from '../lock.js';
import type { Reason } from '../model.js';
import { DAY_MS } from '../../system/time.js';

const MAX_BYTES = 4096;
/** Maximum size of a batch file: over a million ids, far more than a trash holds. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;
/** How long a restored session is protected. */
const PROTECTED_MS = 30 * DAY_MS;
/** Name of a file that is the mark of many sessions; other files are the mark of one, named after its id. */
const BATCH = /^batch-[\w-]+\.json$/;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The mark of sessions that are being restored. */
export interface RestoredMark {
  /**
   * Removes the mark of all other sessions, which were not restored after all. Never throws, even if the disk is full.
   */
  keepOnly(ids: ReadonlySet<SessionId>): void;
}

/**
 * Records that sessions are being restored, in a file apart from their own, which stay as they are. Layout:
 * docs/pruning.md, "In .ccsess". Throws `UnsafePath` where a link leads elsewhere, and Node's error.
 */
export function markRestored(configDir: ConfigDir, ids: readonly SessionId[], nowMs: number): RestoredMark {
  const at = new Date(nowMs).toISOString();
  const folder = marksOf(configDir);
  const file = join(folder, `batch-${at.replaceAll(/\W/g, '-')}-${randomBytes(4).toString('hex')}.json`);
  const write = (some: readonly SessionId[]): void =>
    replaceFile(file, `${JSON.stringify({ schemaVersion: 1, at, ids: some })}\n`);
  for (const path of [ownFolder(configDir), folder]) requirePlainFolder(path);
  makeFolders(folder);
  write(ids);
  return {
    keepOnly(back) {
      const kept = ids.filter((id) => back.has(id));
      if (kept.length === ids.length) return;
      try {
        if (kept.length > 0) write(kept);
        else rmSync(file, { force: true });
      } catch {
        // The mark stays: those sessions are protected from a prune for a while.
      }
    },
  };
}

/**
 * True if a session was restored from the trash so recently that no prune removes it; also in doubt, as any session is
 * while the marks cannot be read.
 */
export function restoredReasons(configDir: ConfigDir, id: string, nowMs: number): Reason<'restored'>[] {
  const { own, batches, problem } = marksIn(marksOf(configDir));
  if (problem !== null) return [{ code: 'restored', detail: null }];
  const text = own.has(id) ? (readStart(join(marksOf(configDir), `${id}.json`), MAX_BYTES)?.text ?? '') : undefined;
  const times = [...(text === undefined ? [] : [parseObject(text)?.['at']]), ...(batches.get(id) ?? [])];
  const all = times.flatMap((at) => reasonsOf(at, nowMs));
  return all.slice(0, 1);
}

function reasonsOf(at: unknown, nowMs: number): Reason<'restored'>[] {
  const ms = typeof at === 'string' ? Date.parse(at) : NaN;
  if (Number.isNaN(ms)) return [{ code: 'restored', detail: null }];
  return nowMs - ms < PROTECTED_MS ? [{ code: 'restored', detail: new Date(ms).toISOString() }] : [];
}

/** The sessions of a config dir that may have been brought back from the trash at any time. */
export interface RestoredSessions {
  /** True for all of them while the marks cannot be read. */
  mayHold(id: string): boolean;
  /** The mark, or the folder of all marks, that cannot be read; null if there is none. */
  readonly problem: Problem | null;
}

/** Returns the sessions that were brought back from the trash, by their marks. Never throws. */
export function restoredSessions(configDir: ConfigDir): RestoredSessions {
  const { own, batches, problem } = marksIn(marksOf(configDir));
  return { mayHold: (id) => problem !== null || own.has(id) || batches.has(id), problem };
}

/** The marks in a folder: ids with a file of their own, and the times in batch files by id. */
interface Marks {
  own: ReadonlySet<string>;
  batches: ReadonlyMap<string, readonly unknown[]>;
  problem: Problem | null;
}

const NO_MARKS: Marks = { own: new Set(), batches: new Map(), problem: null };

/** The marks of the folder read last, valid while the folder is unchanged: a prune asks for every session. */
let last: (Marks & { folder: string; ino: number; mtimeMs: number; ctimeMs: number }) | undefined;

function marksIn(folder: string): Marks {
  const stats = statOrNull(folder);
  if (stats === null) return mayExist(folder) ? { ...NO_MARKS, problem: unreadableMarks(folder) } : NO_MARKS;
  const { ino, mtimeMs, ctimeMs } = stats;
  if (last?.folder === folder && last.ino === ino && last.mtimeMs === mtimeMs && last.ctimeMs === ctimeMs) return last;
  last = { folder, ino, mtimeMs, ctimeMs, ...readMarks(folder) };
  return last;
}

function readMarks(folder: string): Marks {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return mayExist(folder) ? { ...NO_MARKS, problem: unreadableMarks(folder) } : NO_MARKS;
  }
  const own = new Set(names.filter((name) => !BATCH.test(name)).map((name) => name.replace(/\.json$/, '')));
  return { own, ...readBatches(folder, names) };
}

function readBatches(folder: string, names: readonly string[]): Omit<Marks, 'own'> {
  const batches = new Map<string, unknown[]>();
  let problem: Problem | null = null;
  for (const name of names.filter((each) => BATCH.test(each))) {
    const path = join(folder, name);
    const start = readStart(path, MAX_BATCH_BYTES);
    // One that went meanwhile was of sessions that were not brought back after all.
    if (start?.whole !== true && mayExist(path)) problem ??= unreadableMarks(path);
    const text = start?.text ?? '';
    const batch = parseObject(text);
    const ids: unknown = batch?.['ids'];
    // A damaged mark still protects the sessions that it names.
    for (const id of Array.isArray(ids) ? ids : new Set(text.match(UUID))) {
      if (typeof id === 'string') batches.set(id, [...(batches.get(id) ?? []), batch?.['at']]);
    }
  }
  return { batches, problem };
}

function unreadableMarks(path: string): Problem {
  return fileProblem('unreadable', 'Cannot be read: every session here counts as recently restored.', path);
}

function marksOf(configDir: ConfigDir): string {
  return join(ownFolder(configDir), 'restored');
}
