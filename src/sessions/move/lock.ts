import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CcsessError } from '../../claude/errors.js';
import type { ConfigDir } from '../../claude/model.js';
import { errorCode } from '../../claude/problem.js';
import { parseObject } from '../../claude/small-file.js';
import { ownPid, type System } from '../../claude/system.js';
import { createFile, PRIVATE_FOLDER, temporaryBeside } from '../../claude/write-file.js';

/** Name of the lock in ccsess's own folder. */
export const LOCK = 'move.lock';

/** ccsess's own folder in a config dir; made if it is not there. */
export function ownFolder({ path }: ConfigDir): string {
  const folder = join(path, '.ccsess');
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
  return folder;
}

/**
 * Runs `work` while no other ccsess moves sessions of this config dir. Throws LOCKED if another does; the lock of a
 * process that is gone counts for nothing.
 */
export function whileLocked<T>(configDir: ConfigDir, system: System, work: () => T): T {
  const lock = join(ownFolder(configDir), LOCK);
  const pid = ownPid();
  const mine = `${JSON.stringify({ pid, startTime: system.startTime(pid), pidDomain: system.pidDomain() })}\n`;
  if (!take(lock, mine)) {
    dropStale(lock, system);
    if (!take(lock, mine)) throw locked(lock);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** False too if whoever holds the lock tidied away what was to become ours. */
function take(lock: string, mine: string): boolean {
  try {
    return createFile(lock, mine);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Whether a running process holds the lock. */
export function isLocked({ path }: ConfigDir, system: System): boolean {
  const text = textOf(join(path, '.ccsess', LOCK));
  return text !== null && isHeld(text, system);
}

/** Taken away under another name first: what lies there by then may be the lock of somebody quicker, and is put back. */
function dropStale(lock: string, system: System): void {
  const text = textOf(lock);
  if (text === null) return;
  if (isHeld(text, system)) throw locked(lock);
  const aside = temporaryBeside(lock);
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const taken = textOf(aside);
  if (taken !== null && taken !== text) createFile(lock, taken);
  rmSync(aside, { force: true });
}

/** A holder in another container cannot be checked, and is believed. */
function isHeld(text: string, system: System): boolean {
  const { pid, startTime, pidDomain } = parseObject(text) ?? {};
  if (typeof pid !== 'number') return false;
  if (typeof pidDomain === 'string' && pidDomain !== system.pidDomain()) return true;
  if (!system.pidExists(pid)) return false;
  const now = system.startTime(pid);
  return typeof startTime !== 'string' || now === null || now === startTime;
}

function locked(lock: string): CcsessError {
  return new CcsessError('LOCKED', 'another ccsess is moving sessions of this config dir.', { hint: `if that is not so, remove ${lock}` });
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
