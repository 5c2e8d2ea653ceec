import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, fileProblem, unreadable, type Problem } from '../../system/problem.js';
import { parseObject, readStart } from '../../system/small-file.js';
import { mayExist } from '../../system/stat.js';
import { isoTime } from '../../system/time.js';

/** Real files are under 2 KiB; the limit protects against unrelated huge ones. */
const MAX_BYTES = 1024 * 1024;
const MAX_READS = 3;

/** One `sessions/<pid>.json`: the members that the live rule needs, null if absent or of another type. */
export interface RegistryEntry {
  file: string;
  pid: number;
  sessionId: string | null;
  /** Start time of the process in the system's own format. */
  procStart: string | null;
  startedAtMs: number | null;
  updatedAtMs: number | null;
  pidDomain: string | null;
  status: string | null;
  /** Recorded while `status` is `waiting`. */
  waitingFor: string | null;
  /** True if it was valid JSON; if not, only `pid` and perhaps `sessionId` are known. */
  parsed: boolean;
}

/** One `jobs/<short>/state.json`. `sessionId` is null if the file does not name it. */
export interface BackgroundJob {
  file: string;
  /** First 8 hex digits of its session's id. */
  short: string;
  sessionId: string | null;
  state: string;
}

/**
 * Returns the registry files of one config dir. The `<pid>.<hash>.key` files next to them are secrets and never opened.
 */
export function readRegistry(configDir: string, problems: Problem[]): RegistryEntry[] {
  const folder = join(configDir, 'sessions');
  return namesIn(folder, problems).flatMap((name) => {
    const pid = Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0);
    const entry = pid === 0 ? null : readEntry(join(folder, name), pid, MAX_READS);
    return entry === null ? [] : [entry];
  });
}

/** Reads a registry file, again if it is torn: Claude Code rewrites it in place while the session runs. */
function readEntry(file: string, pid: number, reads: number): RegistryEntry | null {
  const text = readText(file);
  if (text === null) return null;
  const entry = parseObject(text);
  if (entry === null && reads > 1) return readEntry(file, pid, reads - 1);
  return {
    file,
    pid: numberOf(entry?.['pid']) ?? pid,
    sessionId:
      entry === null ? (/"sessionId"\s*:\s*"([^"\\]+)"/.exec(text)?.[1] ?? null) : stringOf(entry['sessionId']),
    procStart: stringOf(entry?.['procStart']),
    startedAtMs: timeOf(entry?.['startedAt']),
    updatedAtMs: timeOf(entry?.['updatedAt']),
    pidDomain: stringOf(entry?.['pidDomain']),
    status: stringOf(entry?.['status']),
    waitingFor: stringOf(entry?.['waitingFor']),
    parsed: entry !== null,
  };
}

/** Returns the background jobs of one config dir, including ended ones. */
export function readJobs(configDir: string, problems: Problem[]): BackgroundJob[] {
  const folder = join(configDir, 'jobs');
  return namesIn(folder, problems).flatMap((short) => {
    const file = join(folder, short, 'state.json');
    const text = readText(file);
    if (text === null) return [];
    const job = parseObject(text);
    const sessionId = stringOf(job?.['sessionId']);
    if (sessionId === null)
      problems.push(fileProblem('unreadable-job', 'Does not say which session this background job runs.', file));
    return [{ file, short, sessionId, state: stringOf(job?.['state']) ?? 'unknown' }];
  });
}

/**
 * Returns the text of a file; null if it does not exist, and empty if it cannot be read, as for Claude Code run by
 * another user, which holds some session.
 */
function readText(file: string): string | null {
  return readStart(file, MAX_BYTES)?.text ?? (mayExist(file) ? '' : null);
}

function stringOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** Returns a time in milliseconds; null for one that no `Date` can hold. */
function timeOf(value: unknown): number | null {
  return typeof value === 'number' && isoTime(value) !== null ? value : null;
}

function namesIn(folder: string, problems: Problem[]): string[] {
  try {
    // Asked for every 32 sessions that are moved, and an error takes longer than a look.
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
    return readdirSync(folder).sort();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(folder, error));
    return [];
  }
}
