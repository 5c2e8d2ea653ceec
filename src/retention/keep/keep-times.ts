import { lstatSync, lutimesSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { footprintEntries, type FootprintEntry } from '../../claude/footprint-entries.js';
import { listIdArtifacts, requireOwnTranscript, sideFolderOf, type IdArtifacts } from '../../claude/layout.js';
import type { TranscriptFile } from '../../claude/model.js';
import { CcsessError } from '../../system/errors.js';
import { errorCode, fileProblem, type Problem } from '../../system/problem.js';
import { UnsafePath } from '../../system/safe-path.js';
import { DEFAULT_CLEANUP_DAYS, type CleanupPolicy } from '../../claude/cleanup/cleanup-policy.js';
import { partExpiry, transcriptExpiry } from '../../claude/cleanup/expiry.js';
import { statOrNull } from '../../system/stat.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { readPeriods } from './cleanup-periods.js';
import { changedContinuations, type Continuation } from './continuation.js';
import { DAY_MS } from '../../system/time.js';

const STEP_MS = 1000;
/** The last time that a `Date` can hold. */
const LAST_MS = 8.64e15;

/** Result of renewing the times of one session. */
export interface Renewal {
  row: SessionRow;
  /** Files and folders that got a newer time. */
  renewed: number;
  /** When Claude Code's cleanup may delete the first part of the session, in milliseconds; null if never. */
  safeUntilMs: number | null;
}

/** Results of renewing times, in the order of the sessions given. */
export interface Renewals {
  sessions: Renewal[];
  /** Folders in which `claude -c` opens another session than before. */
  continued: Continuation[];
  /** Files that could not be renewed. */
  problems: Problem[];
}

/** How times are renewed. */
export interface RenewOptions {
  /** Compute the result without changing anything. */
  dryRun: boolean;
}

/**
 * Protects sessions from Claude Code's own cleanup, which depends on modification times alone (docs/storage.md,
 * "Cleanup"). Files and folders older than half the shortest cleanup period get that age, a second apart in order of
 * activity: a session is then safe, but not the newest of its folder, which `claude -c` would resume. Image caches are
 * not protected, links are not followed. Never throws: what cannot be renewed is a problem.
 */
export function renewTimes(
  rows: readonly SessionRow[],
  index: SessionIndex,
  environment: Environment,
  { dryRun }: RenewOptions,
): Renewals {
  const periods = readPeriods(index, environment.configDirs);
  const idArtifacts = listIdArtifacts(environment.configDirs);
  const now = environment.now();
  const problems: Problem[] = [];
  const linked = new Map<string, boolean>();
  const transcriptTimes = new Map<SessionRow, number>();
  const ranks = ranksByActivity(rows);

  const sessions = rows.map((row): Renewal => {
    const policy = periods.shortestOf(row.file.configDir);
    const periodMs = (policy.days ?? DEFAULT_CLEANUP_DAYS) * DAY_MS;
    // However many sessions there are, the oldest one still has a quarter of the period left.
    const step = Math.min(STEP_MS, periodMs / 4 / rows.length);
    const targetMs = wholeSecond(now - periodMs / 2 - (ranks.get(row) ?? 0) * step);
    const { renewed, expiresMs, transcriptMs } = renewSession(row, targetMs, {
      policy,
      idArtifacts,
      dryRun,
      problems,
      linked,
      now: () => environment.now(),
    });
    if (transcriptMs !== null) transcriptTimes.set(row, transcriptMs);
    return { row, renewed, safeUntilMs: expiresMs === Infinity ? null : Math.min(expiresMs, LAST_MS) };
  });
  return { sessions, continued: changedContinuations(index, transcriptTimes), problems };
}

/**
 * Throws IO for a session whose times are not renewed, since its transcript is a link or in a project dir that is one.
 */
export function requireRenewable(file: Pick<TranscriptFile, 'id' | 'path'>): void {
  try {
    requireOwnTranscript(file);
  } catch (error) {
    if (!(error instanceof UnsafePath)) throw error;
    throw new CcsessError('IO', `session ${file.id} could not be protected: ${error.message}.`, { cause: error });
  }
}

/** Rounds a time to one that every file system stores exactly. */
function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** Returns for each session the number of sessions with newer activity. */
function ranksByActivity(rows: readonly SessionRow[]): Map<SessionRow, number> {
  const newestFirst = [...rows].sort((a, b) => activityOf(b) - activityOf(a) || (a.file.id < b.file.id ? -1 : 1));
  return new Map(newestFirst.map((row, rank) => [row, rank]));
}

/** Returns the time of the last activity, or the mtime if no entry has a time. */
function activityOf({ lastActivityMs, file }: SessionRow): number {
  return lastActivityMs ?? file.stamp.mtimeMs;
}

interface RenewContext extends RenewOptions {
  policy: CleanupPolicy;
  idArtifacts: IdArtifacts;
  problems: Problem[];
  /** Project dirs, and parents of other topmost files and folders: true for links, which are reported once. */
  linked: Map<string, boolean>;
  now: () => number;
}

/** Outcome for one session. */
interface SessionRenewal {
  renewed: number;
  /** When the first part of it may be deleted; Infinity if none is. */
  expiresMs: number;
  transcriptMs: number | null;
}

function renewSession(row: SessionRow, targetMs: number, renewing: RenewContext): SessionRenewal {
  const { path, stamp } = row.file;
  const { policy, idArtifacts, dryRun } = renewing;
  // Image caches are deleted at the next cleanup anyway, so their time does not count.
  const aging = { policy, sideFolder: sideFolderOf(row.file), mayBeDesktop: row.mayBeDesktop, now: Infinity };
  const inSideFolder = aging.sideFolder + sep;
  const times = new Map<string, number>();
  let renewed = 0;
  let expiresMs = Infinity;
  let sessionMs: number | null = null;
  let transcriptMs: number | null = null;
  for (const entry of footprintEntries(row.file, idArtifacts)) {
    let { mtimeMs } = entry.stats;
    if (
      mtimeMs < targetMs &&
      !isLinked(entry.root.path.startsWith(inSideFolder) ? dirname(path) : dirname(entry.root.path), renewing) &&
      (dryRun || setTime(entry, targetMs, renewing))
    ) {
      renewed += 1;
      mtimeMs = targetMs;
    }
    times.set(entry.path, mtimeMs);
    // The target of a link is not part of the session, and keeps its time.
    if (entry.part === 'transcript' && entry.stats.isFile()) {
      transcriptMs = mtimeMs;
      sessionMs = transcriptExpiry({ path, size: stamp.size, mtimeMs, mayBeDesktop: row.mayBeDesktop }, policy);
    }
    const rootMs = times.get(entry.root.path) ?? mtimeMs;
    expiresMs = Math.min(expiresMs, partExpiry(entry, { ...aging, sessionMs }, rootMs, mtimeMs) ?? Infinity);
  }
  return { renewed, expiresMs, transcriptMs };
}

/** Returns true for a folder that is a link, and adds a problem the first time. */
function isLinked(folder: string, { linked, problems }: RenewContext): boolean {
  let isLink = linked.get(folder);
  if (isLink === undefined) {
    isLink = statOrNull(folder)?.isSymbolicLink() === true;
    linked.set(folder, isLink);
    if (isLink)
      problems.push(
        fileProblem('unchanged', 'Times in it were not set: it is a link, and links are not followed there.', folder),
      );
  }
  return isLink;
}

/** Sets the mtime of a file; returns false, with a problem added, if it cannot be set. */
function setTime({ path, stats }: FootprintEntry, targetMs: number, { problems, now }: RenewContext): boolean {
  try {
    lutimesSync(path, stats.atime, new Date(targetMs));
    // A program that wrote to it meanwhile had given it a newer mtime than the one that was just set.
    if (stats.isFile() && lstatSync(path).size !== stats.size) lutimesSync(path, stats.atime, new Date(now()));
    return true;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT')
      problems.push(fileProblem('unchanged', `Its time cannot be set (${errorCode(error) ?? 'unknown error'}).`, path));
    return false;
  }
}
