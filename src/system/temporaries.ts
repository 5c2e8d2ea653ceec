import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ownPid, pidDomain, pidExists, startedAtMs } from './system.js';
import { HOUR_MS } from './time.js';

/**
 * Pattern of temporary names: final name, then the writer's process id, its machine's mark and a random number in
 * hexadecimal digits. Names of older versions have no mark.
 */
const TEMPORARY = /^\.(.+)\.(?:([0-9a-f]{6})([0-9a-f]{4})[0-9a-f]{6}|[0-9a-f]{12})\.tmp$/s;
const PID_DIGITS = 6;
const MARK_DIGITS = 4;

/** Age at which a file of another machine or pid namespace counts as abandoned. */
const FOREIGN_WRITER_MS = 10 * 60 * 1000;
/** Age at which a process with the writer's id may be another process. */
const REUSED_PID_MS = HOUR_MS;

let mark: string | undefined;

/** Returns the mark of this machine and pid namespace in names of temporary files. */
export function ownMark(): string {
  mark ??= createHash('sha256').update(`${hostname()} ${pidDomain()}`).digest('hex').slice(0, MARK_DIGITS);
  return mark;
}

/**
 * Returns an unused path next to `path` that neither Claude Code nor a scan takes for a transcript. It names the
 * process and the machine, for `sweepTemporaries`.
 */
export function temporaryNextTo(path: string): string {
  const pid = ownPid().toString(16).padStart(PID_DIGITS, '0').slice(-PID_DIGITS);
  const random = randomBytes(3).toString('hex');
  return join(dirname(path), `.${basename(path)}.${pid}${ownMark()}${random}.tmp`);
}

/** Returns the final name of a temporary name; null for a name that `temporaryNextTo` did not make. */
export function finalNameOf(name: string): string | null {
  return TEMPORARY.exec(name)?.[1] ?? null;
}

/**
 * Removes temporary files from a folder if their final name is wanted and their writer is gone (`abandonedIn`). Returns
 * true if none is left. Never throws.
 */
export function sweepTemporaries(folder: string, isWanted: (finalName: string) => boolean): boolean {
  const isChosen = (name: string): boolean => {
    const finalName = finalNameOf(name);
    return finalName !== null && isWanted(finalName);
  };
  const chosen = namesIn(folder).filter(isChosen);
  if (chosen.length === 0) return true;
  for (const { name } of abandonedIn(folder, isWanted)) removeQuietly(join(folder, name));
  return !namesIn(folder).some(isChosen);
}

/** Removes a file, a folder, or a link itself. Never throws: a failed clean-up does not make the run fail. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // The file stays for the next run.
  }
}

/** A temporary file whose writer is gone, and its final name. */
export interface Abandoned {
  name: string;
  finalName: string;
  /** Another writer is writing a file of the same name. */
  isBusy: boolean;
}

/**
 * Lists the temporary files in a folder whose final name is wanted and whose writer is gone; none for a folder that is
 * missing or a link. Never throws.
 */
export function abandonedIn(folder: string, isWanted: (finalName: string) => boolean): Abandoned[] {
  const busy = new Set<string>();
  const found: Omit<Abandoned, 'isBusy'>[] = [];
  for (const name of namesIn(folder)) {
    const finalName = finalNameOf(name);
    if (finalName === null || !isWanted(finalName)) continue;
    if (isAbandoned(folder, name)) found.push({ name, finalName });
    else busy.add(finalName);
  }
  return found.map((each) => ({ ...each, isBusy: busy.has(each.finalName) }));
}

/**
 * Returns true if the writer, a process of this machine, is gone, or if a file of another machine is old. Uses the
 * ctime, which unlike the mtime cannot be set.
 */
function isAbandoned(folder: string, name: string): boolean {
  const [, , pidDigits = '', writerMark] = TEMPORARY.exec(name) ?? [];
  const changedAtMs = lstatSync(join(folder, name), { throwIfNoEntry: false })?.ctimeMs ?? Infinity;
  const ageMs = Date.now() - changedAtMs;
  if (writerMark !== ownMark()) return ageMs > FOREIGN_WRITER_MS;
  const pid = Number.parseInt(pidDigits, 16);
  return !pidExists(pid) || (ageMs > REUSED_PID_MS && (startedAtMs(pid) ?? 0) > changedAtMs);
}

function namesIn(folder: string): string[] {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}
