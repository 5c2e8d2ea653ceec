import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CcsessError } from '../system/errors.js';
import { makeFolders } from '../system/make-folders.js';
import type { ConfigDir } from '../claude/model.js';
import { errorCode } from '../system/problem.js';
import { parseObject } from '../system/small-file.js';
import { ownPid, type System } from '../system/system.js';
import type { Workplace } from '../claude/workplace.js';
import { createFile, replaceFile, temporaryBeside } from '../system/write-file.js';

const POLL_MS = 100;
/** A holder in another pid domain cannot be checked; past this it is taken to have been killed. */
const UNCHECKED_HOLDER_MS = 24 * 60 * 60 * 1000;

/** What is ccsess's own in a config dir: lock, trash, marks. It outlives Claude Code's cleanup and purge (docs/storage.md). */
export function ownFolder({ path }: ConfigDir): string {
  return join(path, '.ccsess');
}

/** What a lock file says of its holder, as JSON. */
interface Holder {
  pid: number;
  /** As `System.startTime`; `null` where the system does not tell. */
  startTime: string | null;
  pidDomain: string | null;
  /** ISO 8601. */
  at: string;
  /** Where the holder moves things, so that whoever comes after a kill knows where to look. */
  trashDirs: string[];
  /** It ended by itself, but could not finish or roll back all it was at. */
  ended: boolean;
}

/** The right to change what lies in some config dirs; held by one ccsess at a time. */
export interface Lock {
  /** Trash folders of holders that were killed: what they were at is to be finished or rolled back. */
  readonly leftBehind: readonly string[];
  /** Gives it back. If `unfinished`, the file stays for the next holder to find, as after a kill. */
  release(options: { unfinished: boolean }): void;
}

/**
 * Takes the lock of each config dir that exists. A lock whose process is gone, or whose pid another program has taken
 * over, is taken over. Waits at most `waitMs` for another holder, then throws LOCKED; throws IO where no file can be made.
 */
export async function takeLock(
  configDirs: readonly ConfigDir[],
  trashDirs: readonly string[],
  waitMs: number,
  workplace: Workplace,
): Promise<Lock> {
  const taken: string[] = [];
  const leftBehind = new Set<string>();
  try {
    // In one order, so that two of us never wait for each other.
    for (const configDir of configDirs.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      if (!existsSync(configDir.path)) continue;
      const file = lockFile(configDir);
      await takeFile(file, [...trashDirs], leftBehind, waitMs, workplace);
      taken.push(file);
    }
  } catch (error) {
    for (const file of taken) rmSync(file, { force: true });
    throw error;
  }
  return {
    leftBehind: [...leftBehind],
    release({ unfinished }) {
      for (const file of taken) {
        if (unfinished)
          replaceFile(file, `${JSON.stringify({ ...holderIn(readFileSync(file, 'utf8')), ended: true })}\n`);
        else rmSync(file, { force: true });
      }
    },
  };
}

/** Whether a ccsess was killed at work in one of the config dirs, so that something may be half moved. Never throws. */
export function wasInterrupted(
  configDirs: readonly ConfigDir[],
  workplace: Pick<Workplace, 'system' | 'now'>,
): boolean {
  return configDirs.some((configDir) => {
    const text = readOrNull(lockFile(configDir));
    return text !== null && !isHeld(holderIn(text), workplace);
  });
}

/** Whether a ccsess is changing a config dir now. Never throws. */
export function isLocked(configDir: ConfigDir, workplace: Pick<Workplace, 'system' | 'now'>): boolean {
  const text = readOrNull(lockFile(configDir));
  return text !== null && isHeld(holderIn(text), workplace);
}

/** The trash folders that the locks of some config dirs name. Never throws. */
export function trashDirsLeftIn(configDirs: readonly ConfigDir[]): string[] {
  return configDirs.flatMap((configDir) => holderIn(readOrNull(lockFile(configDir)) ?? '')?.trashDirs ?? []);
}

function lockFile(configDir: ConfigDir): string {
  return join(ownFolder(configDir), 'lock');
}

async function takeFile(
  file: string,
  trashDirs: string[],
  leftBehind: Set<string>,
  waitMs: number,
  workplace: Workplace,
): Promise<void> {
  for (let waitedMs = 0; ; ) {
    const found = readOrNull(file);
    const holder = found === null ? null : holderIn(found);
    if (found === null) {
      if (make(file, { ...self(workplace), trashDirs: [...new Set([...trashDirs, ...leftBehind])] })) return;
    } else if (isHeld(holder, workplace)) {
      if (waitedMs >= waitMs) throw locked(holder, file);
      await sleep(POLL_MS);
      waitedMs += POLL_MS;
    } else {
      for (const dir of holder?.trashDirs ?? []) leftBehind.add(dir);
      removeStale(file, found);
    }
  }
}

function make(file: string, holder: Holder): boolean {
  try {
    makeFolders(join(file, '..'));
    return createFile(file, `${JSON.stringify(holder)}\n`);
  } catch (error) {
    throw new CcsessError(
      'IO',
      `${file} cannot be written (${errorCode(error) ?? 'unknown error'}), so nothing was changed.`,
      { cause: error },
    );
  }
}

/** Taken away under a name of its own first: if it is another by now, its holder came this instant, and gets it back. */
function removeStale(file: string, expected: string): void {
  const aside = temporaryBeside(file);
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const text = readOrNull(aside);
  if (text !== null && text !== expected) createFile(file, text);
  rmSync(aside, { force: true });
}

function self({ system, now }: Workplace): Holder {
  const pid = ownPid();
  return {
    pid,
    startTime: system.startTime(pid),
    pidDomain: system.pidDomain(),
    at: new Date(now()).toISOString(),
    trashDirs: [],
    ended: false,
  };
}

function isHeld(holder: Holder | null, { system, now }: { system: System; now(): number }): boolean {
  // It is made whole: what is no lock was cut short with the disk's power, and nobody lives on through that.
  if (holder === null || holder.ended) return false;
  if (holder.pidDomain !== system.pidDomain()) return now() - Date.parse(holder.at) < UNCHECKED_HOLDER_MS;
  if (!system.pidExists(holder.pid)) return false;
  const startTime = system.startTime(holder.pid);
  if (startTime !== null && holder.startTime !== null) return startTime === holder.startTime;
  const startedAtMs = system.startedAtMs(holder.pid);
  return startedAtMs === null || startedAtMs <= Date.parse(holder.at);
}

function holderIn(text: string): Holder | null {
  const { pid, startTime, pidDomain, at, trashDirs, ended } = parseObject(text) ?? {};
  if (typeof pid !== 'number' || typeof at !== 'string') return null;
  return {
    pid,
    startTime: typeof startTime === 'string' ? startTime : null,
    pidDomain: typeof pidDomain === 'string' ? pidDomain : null,
    at,
    trashDirs: Array.isArray(trashDirs) ? trashDirs.filter((dir) => typeof dir === 'string') : [],
    ended: ended === true,
  };
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function locked(holder: Holder | null, file: string): CcsessError {
  const who = holder === null ? 'another ccsess' : `another ccsess (pid ${holder.pid}, since ${holder.at})`;
  return new CcsessError('LOCKED', `${who} is changing things here: ${file}.`, {
    hint: 'try again when it has ended; prune, rm and restore wait for it with --lock-wait 5min',
  });
}
