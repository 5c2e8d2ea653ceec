import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../system/make-folders.js';
import { mayExist } from '../../system/stat.js';
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
/** Maximum size of a batch file: over a million ids, far more than a trash ever has. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;
/** How long a restored session is protected. */
const PROTECTED_MS = 30 * DAY_MS;
/** Name of a file that marks many sessions. Any other file marks one session, whose id is its name. */
const BATCH = /^batch-[\w-]+\.json$/;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The restore mark of sessions that are being restored. */
export interface RestoredMark {
  /** Unmarks all other sessions, which were not restored after all. Never throws. */
  keepOnly(ids: ReadonlySet<SessionId>): void;
}

/**
 * Marks sessions that are being restored, in a file outside of their own. Layout: docs/pruning.md, "Files in .ccsess".
 * Throws `UnsafePath` if a folder is a link, and Node's error.
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
        else rmSync(file);
      } catch {
        // The sessions stay marked, which only protects them from a prune for a while.
      }
    },
  };
}

/** Returns a reason if a session was restored so recently that no prune removes it, or if the marks cannot be read. */
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

/** The sessions of a config dir that are marked as restored, at any time. */
export interface RestoredSessions {
  /** Returns true for all sessions if the marks cannot be read. */
  mayHold(id: string): boolean;
  /** Problem of marks that cannot be read; null if all can. */
  readonly problem: Problem | null;
}

/** Reads the restore marks. Never throws. */
export function restoredSessions(configDir: ConfigDir): RestoredSessions {
  const { own, batches, problem } = marksIn(marksOf(configDir));
  return { mayHold: (id) => problem !== null || own.has(id) || batches.has(id), problem };
}

/** The marks in a folder. */
interface Marks {
  /** Ids that have a file of their own. */
  own: ReadonlySet<string>;
  /** Times in batch files, by id. */
  batches: ReadonlyMap<string, readonly unknown[]>;
  problem: Problem | null;
}

const NO_MARKS: Marks = { own: new Set(), batches: new Map(), problem: null };

/** The marks of the last folder, valid while the folder is unchanged, since a prune asks for each session. */
let last: (Marks & { folder: string; ino: number; ctimeMs: number }) | undefined;

function marksIn(folder: string): Marks {
  const stats = lookAtMarks(folder);
  if (stats === null) return { ...NO_MARKS, problem: unreadableMarks(folder) };
  if (stats === undefined) return NO_MARKS;
  const { ino, ctimeMs } = stats;
  if (last?.folder === folder && last.ino === ino && last.ctimeMs === ctimeMs) return last;
  last = { folder, ino, ctimeMs, ...readMarks(folder) };
  return last;
}

/** Returns the state of the folder; undefined if there is none, null if that cannot be read. */
function lookAtMarks(folder: string): Stats | null | undefined {
  try {
    // An error takes longer than a look, and most config dirs have no marks.
    return lstatSync(folder, { throwIfNoEntry: false });
  } catch {
    return mayExist(folder) ? null : undefined;
  }
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
    // A file that was removed meanwhile marked sessions that were not restored after all.
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
