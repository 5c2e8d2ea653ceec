import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import { CcsessError } from '../system/errors.js';
import { option, phrase } from '../system/phrase.js';
import { errorCode } from '../system/problem.js';
import { parseObject } from '../system/small-file.js';
import { ownPid, ownUid, type System } from '../system/system.js';
import type { Environment } from '../claude/environment.js';
import { DAY_MS } from '../system/time.js';

/** A holder in another pid domain cannot be checked; past this age it counts as killed. */
const UNCHECKED_HOLDER_MS = DAY_MS;
/** Without hard links, a new lock file is empty for an instant before its content is written. */
const EMPTY_MS = 2000;
const REMOVE_HINT = 'if no ccsess is running there, remove it and try again';

/** The content of a lock file: who holds the lock. */
interface Holder {
  pid: number;
  /** As `System.startTime`; `null` where the system does not report it. */
  startTime: string | null;
  pidDomain: string | null;
  /** ISO 8601. */
  at: string;
  /** Trash folders the holder moves sessions to, for the run that recovers them after a kill. */
  trashDirs: string[];
  /** The holder ended by itself, but could not finish or roll back all of its work. */
  ended: boolean;
  /** The holder only deletes, if necessary without a manifest, so a recovery must look for staged files everywhere. */
  inPlace: boolean;
}

/**
 * The state of a lock file. A `stale` lock belonged to a process that is gone, a `blocked` one belongs to another user
 * and may be held, and an `unusable` one cannot be read or was not made by ccsess.
 */
export type LockState =
  | { kind: 'free' }
  | { kind: 'held'; text: string; error: CcsessError; isNew: boolean }
  | { kind: 'stale'; text: string; trashDirs: string[]; mayHaveStaged: boolean }
  | { kind: 'blocked' | 'unusable'; error: CcsessError };

/**
 * Returns the state of a lock file without ever waiting for it: links are not followed, pipes and devices not opened.
 */
export function lockState(file: string, world: Pick<Environment, 'system' | 'now'>): LockState {
  const stats = statsOf(file);
  if (stats === null) return { kind: 'free' };
  if (stats instanceof Error)
    return unusableState(`${file} cannot be read (${errorCode(stats) ?? 'unknown error'})`, stats);
  const target = stats.isSymbolicLink() ? targetOf(file) : null;
  const linked = target === null ? null : parseHolderLink(target, world.system);
  if (linked === null && !stats.isFile()) return unusableState(`${file} is ${kindOf(stats)}, not a lock file`);
  const isForeign = isOfAnotherUser(file, stats);
  const text = linked === null ? textOf(file) : target;
  if (text === null) return { kind: 'free' };
  if (text instanceof Error) {
    return isForeign
      ? blockedState(file, stats)
      : unusableState(`${file} cannot be read (${errorCode(text) ?? 'unknown error'})`, text);
  }
  const holder = linked ?? parseHolder(text);
  const isNew = text === '' && Math.abs(world.now() - stats.mtimeMs) < EMPTY_MS;
  if (isNew || isHeld(holder, world)) return { kind: 'held', text, error: lockedError(holder, file), isNew };
  return isForeign
    ? blockedState(file, stats)
    : { kind: 'stale', text, trashDirs: holder?.trashDirs ?? [], mayHaveStaged: holder?.inPlace === true };
}

/** Fields of a holder that its lock passes on after a kill. */
export type LeftWork = Pick<Holder, 'trashDirs' | 'ended' | 'inPlace'>;

/** Returns the content of a lock that this process is to hold. */
export function lockText({ system, now }: Environment, work: LeftWork): string {
  const pid = ownPid();
  const at = new Date(now()).toISOString();
  const holder: Holder = { pid, startTime: system.startTime(pid), pidDomain: system.pidDomain(), at, ...work };
  return `${JSON.stringify(holder)}\n`;
}

/** Returns the target of a link that is a lock of this process: so short that it takes no space on the disk. */
export function lockTarget({ system, now }: Environment): string {
  const pid = ownPid();
  return ['ccsess', pid, system.startTime(pid) ?? '', now().toString(36), domainCode(system)].join(':');
}

/** The error for a lock that another ccsess holds. */
export function lockedError(holder: Holder | null, file: string): CcsessError {
  const who = holder === null ? 'another ccsess' : `another ccsess (pid ${holder.pid}, since ${holder.at})`;
  return new CcsessError('LOCKED', `${who} is making changes here: ${file}.`, {
    hint: phrase`try again when it has ended, or wait for it with ${option('lockWaitMs')}`,
  });
}

function unusableState(what: string, cause?: Error): LockState {
  return {
    kind: 'unusable',
    error: new CcsessError('IO', `${what}, so nothing was changed.`, { hint: REMOVE_HINT, cause }),
  };
}

function blockedState(file: string, { uid }: Stats): LockState {
  return {
    kind: 'blocked',
    error: new CcsessError('LOCKED', `${file} belongs to another user (uid ${uid}), so nothing was changed.`, {
      hint: REMOVE_HINT,
    }),
  };
}

/** The config dir's owner counts as this user, for root and for file systems that show one owner for all files. */
function isOfAnotherUser(file: string, { uid }: Stats): boolean {
  const own = ownUid();
  if (own === -1 || uid === own) return false;
  const folder = statsOf(dirname(dirname(file)));
  return folder === null || folder instanceof Error || uid !== folder.uid;
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function isHeld(holder: Holder | null, { system, now }: { system: System; now(): number }): boolean {
  // Locks are written in one step. One without a holder was cut short by a power failure, which ended its process.
  if (holder === null || holder.ended) return false;
  // A time far in the future does not count as recent either: the lock would be held until a day after it.
  if (holder.pidDomain !== system.pidDomain()) return Math.abs(now() - Date.parse(holder.at)) < UNCHECKED_HOLDER_MS;
  if (!system.pidExists(holder.pid)) return false;
  const startTime = system.startTime(holder.pid);
  if (startTime !== null && holder.startTime !== null) return startTime === holder.startTime;
  const startedAtMs = system.startedAtMs(holder.pid);
  return startedAtMs === null || startedAtMs <= Date.parse(holder.at);
}

function parseHolder(text: string): Holder | null {
  const { pid, startTime, pidDomain, at, trashDirs, ended, inPlace } = parseObject(text) ?? {};
  if (typeof pid !== 'number' || typeof at !== 'string') return null;
  return {
    pid,
    startTime: typeof startTime === 'string' ? startTime : null,
    pidDomain: typeof pidDomain === 'string' ? pidDomain : null,
    at,
    trashDirs: Array.isArray(trashDirs) ? trashDirs.filter(isFolderPath) : [],
    ended: ended === true,
    inPlace: inPlace === true,
  };
}

function parseHolderLink(target: string, system: System): Holder | null {
  const [, pid, startTime, at = '', domain] = /^ccsess:(\d+):(\d*):([0-9a-z]+):([0-9a-f]{8})$/.exec(target) ?? [];
  const atMs = Number.parseInt(at, 36);
  // Dates beyond this cannot be represented.
  if (pid === undefined || !(Math.abs(atMs) <= 8.64e15)) return null;
  return {
    pid: Number(pid),
    startTime: startTime === '' || startTime === undefined ? null : startTime,
    pidDomain: domain === domainCode(system) ? system.pidDomain() : 'another',
    at: new Date(atMs).toISOString(),
    trashDirs: [],
    ended: false,
    inPlace: true,
  };
}

function domainCode(system: System): string {
  return createHash('sha256').update(String(system.pidDomain())).digest('hex').slice(0, 8);
}

function targetOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function statsOf(path: string): Stats | null | Error {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    return isGone(error) ? null : asError(error);
  }
}

/** Checks once more that it is a regular file, since it may have been replaced after `lstat`. */
function textOf(file: string): string | null | Error {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) throw Object.assign(new Error(`${basename(file)} is not a file`), { code: 'EINVAL' });
    return readFileSync(fd, 'utf8');
  } catch (error) {
    return isGone(error) ? null : asError(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Returns true even if `.ccsess` is not a folder: creating the lock then fails with the system's own error. */
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The content of a lock file is not trusted: only absolute paths are used. */
function isFolderPath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value) && !value.includes('\0');
}
