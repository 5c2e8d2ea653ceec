import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, fileProblem, unreadable, type Problem } from '../../system/problem.js';
import { parseObject, readStart } from '../../system/small-file.js';
import { mayExist } from '../../system/look.js';

/** Real ones are under 2 KiB; a bound only so that a stray huge file costs nothing. */
const MAX_BYTES = 1024 * 1024;
const READS = 3;

/** One `sessions/<pid>.json`: the members the live rule needs, `null` where absent or of another type. */
export interface RegistryEntry {
  file: string;
  pid: number;
  sessionId: string | null;
  /** Start time of the process in the system's own form. */
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

/** One `jobs/<short>/state.json`. `sessionId` is `null` when the file does not say it. */
export interface BackgroundJob {
  file: string;
  /** First 8 hex digits of its session's id. */
  short: string;
  sessionId: string | null;
  state: string;
}

/**
 * The registry files of one config dir. The `<pid>.<hash>.key` files next to them are secrets and never opened.
 * Format: docs/storage.md, "Is a session in use".
 */
export function readRegistry(configDir: string, problems: Problem[]): RegistryEntry[] {
  const folder = join(configDir, 'sessions');
  return namesIn(folder, problems).flatMap((name) => {
    const pid = Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0);
    const entry = pid === 0 ? null : readEntry(join(folder, name), pid, READS);
    return entry === null ? [] : [entry];
  });
}

/** A file is rewritten in place while its session runs, so a torn one is usually whole when read again. */
function readEntry(file: string, pid: number, reads: number): RegistryEntry | null {
  const text = textOf(file);
  if (text === null) return null;
  const entry = parseObject(text);
  if (entry === null && reads > 1) return readEntry(file, pid, reads - 1);
  return {
    file,
    pid: numberOf(entry?.['pid']) ?? pid,
    sessionId:
      entry === null ? (/"sessionId"\s*:\s*"([^"\\]+)"/.exec(text)?.[1] ?? null) : stringOf(entry['sessionId']),
    procStart: stringOf(entry?.['procStart']),
    startedAtMs: numberOf(entry?.['startedAt']),
    updatedAtMs: numberOf(entry?.['updatedAt']),
    pidDomain: stringOf(entry?.['pidDomain']),
    status: stringOf(entry?.['status']),
    waitingFor: stringOf(entry?.['waitingFor']),
    parsed: entry !== null,
  };
}

/** The background jobs of one config dir, ended ones too. */
export function readJobs(configDir: string, problems: Problem[]): BackgroundJob[] {
  const folder = join(configDir, 'jobs');
  return namesIn(folder, problems).flatMap((short) => {
    const file = join(folder, short, 'state.json');
    const text = textOf(file);
    if (text === null) return [];
    const job = parseObject(text);
    const sessionId = stringOf(job?.['sessionId']);
    if (sessionId === null)
      problems.push(fileProblem('unreadable-job', 'Does not say which session this background job runs.', file));
    return [{ file, short, sessionId, state: stringOf(job?.['state']) ?? 'unknown' }];
  });
}

/**
 * Empty for what is there and cannot be read, as when another user runs Claude Code here: it holds some session; null
 * for what is gone.
 */
function textOf(file: string): string | null {
  return readStart(file, MAX_BYTES)?.text ?? (mayExist(file) ? '' : null);
}

function stringOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function namesIn(folder: string, problems: Problem[]): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(folder, error));
    return [];
  }
}
