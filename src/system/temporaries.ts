import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ownPid, pidDomain, pidExists, startedAtMs } from './system.js';
import { HOUR_MS } from './time.js';

/**
 * The writer's process id, the mark of its machine, and a random number, in hexadecimal digits; names of older versions
 * have no mark.
 */
const TEMPORARY = /^\.(.+)\.(?:([0-9a-f]{6})([0-9a-f]{4})[0-9a-f]{6}|[0-9a-f]{12})\.tmp$/s;
const PID_DIGITS = 6;
const MARK_DIGITS = 4;

/**
 * Age at which a file written on another machine, or in a pid namespace that cannot be seen, counts as left by a crash.
 */
const FOREIGN_WRITER_MS = 10 * 60 * 1000;
/** Age at which a process with the writer's id may be another process. */
const REUSED_PID_MS = HOUR_MS;

let mark: string | undefined;

/** Returns hexadecimal digits that stand for this machine and pid namespace in names of temporary files. */
export function ownMark(): string {
  mark ??= createHash('sha256').update(`${hostname()} ${pidDomain()}`).digest('hex').slice(0, MARK_DIGITS);
  return mark;
}

/**
 * Returns an unused name next to `path` that neither Claude Code nor a scan takes for a transcript. It contains the
 * process and the machine, for `sweepTemporaries`.
 */
export function temporaryNextTo(path: string): string {
  const pid = ownPid().toString(16).padStart(PID_DIGITS, '0').slice(-PID_DIGITS);
  const random = randomBytes(3).toString('hex');
  return join(dirname(path), `.${basename(path)}.${pid}${ownMark()}${random}.tmp`);
}

/** Returns the final name of a temporary name; null for a name that `temporaryNextTo` did not make. */
export function finalName(name: string): string | null {
  return TEMPORARY.exec(name)?.[1] ?? null;
}

/**
 * Removes temporary files from a folder if their final name is chosen and their writer is gone (`abandonedIn`). Returns
 * true if none of another writer is left. Never throws.
 */
export function sweepTemporaries(folder: string, isMeant: (meant: string) => boolean): boolean {
  const isChosen = (name: string): boolean => {
    const meant = finalName(name);
    return meant !== null && isMeant(meant);
  };
  const chosen = namesIn(folder).filter(isChosen);
  if (chosen.length === 0) return true;
  for (const { name } of abandonedIn(folder, isMeant)) removeQuietly(join(folder, name));
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
  meant: string;
  /** Another writer is writing a file of the same name. */
  isBusy: boolean;
}

/**
 * Lists the temporary files in a folder whose final name is chosen and whose writer is gone. Returns none for a folder
 * that is missing or a link. Never throws.
 */
export function abandonedIn(folder: string, isMeant: (meant: string) => boolean): Abandoned[] {
  const busy = new Set<string>();
  const found: Omit<Abandoned, 'isBusy'>[] = [];
  for (const name of namesIn(folder)) {
    const meant = finalName(name);
    if (meant === null || !isMeant(meant)) continue;
    if (isAbandoned(folder, name)) found.push({ name, meant });
    else busy.add(meant);
  }
  return found.map((each) => ({ ...each, isBusy: busy.has(each.meant) }));
}

/**
 * Looks up a writer on this machine. For other machines the time of the last change decides, which cannot be copied as
 * a modification time can.
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
