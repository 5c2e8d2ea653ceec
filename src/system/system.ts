import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { homedir, platform, uptime } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { CcsessError } from './errors.js';
import { errorCode } from './problem.js';
import { linkTarget, ProcessTable, type RunningProcess } from './process/process-table.js';
import { transcriptsBeingWritten } from './process/written-files.js';

/** State of a process that has ended but was not reaped, which in a container without an init never happens. */
const ZOMBIE = 'Z';
/** Unit of start times in `/proc`: always hundredths of a second. */
const TICK_MS = 10;

/** The operating system, as far as finding live sessions needs it; tests pass their own. No method throws. */
export interface System {
  /** As node's `process.platform`. */
  platform: string;
  /** Returns true for a running process, even of another user; false for one that has ended but was not reaped. */
  pidExists(pid: number): boolean;
  /** Start time of a process as Linux gives it (field 22 of `/proc/<pid>/stat`); `null` where that cannot be read. */
  startTime(pid: number): string | null;
  /** Start time of a process in milliseconds since the epoch, to the second; `null` where unknown. */
  startedAtMs(pid: number): number | null;
  /** Time when the machine started, in milliseconds since the epoch; `null` where unknown. */
  bootedAtMs(): number | null;
  /** Domain of process ids, `linux:<machine id>:pid:[<namespace>]`; `null` if unknown. Other domains use other ids. */
  pidDomain(): string | null;
  /**
   * Returns the running processes of this user, for root those of all users; none if the system does not show them. The
   * list may be some milliseconds old: a Claude Code that started since cannot have opened a transcript yet.
   */
  processes(): readonly RunningProcess[];
  /** As `transcriptsBeingWritten` returns it for this user; null where the system does not show it. */
  transcriptsBeingWritten(): ReadonlySet<string> | null;
}

/** Returns the operating system that ccsess runs on. */
export function localSystem(): System {
  // Kept, since it does not change and is needed before each session that is moved.
  let domain: string | null | undefined;
  const table = new ProcessTable({ platform: platform(), uid: ownUid(), startedAtMs });
  return {
    platform: platform(),
    pidExists,
    startTime,
    startedAtMs,
    bootedAtMs,
    pidDomain: () => (domain === undefined ? (domain = pidDomain()) : domain),
    processes: () => table.read(),
    transcriptsBeingWritten: () => transcriptsBeingWritten(ownUid()),
  };
}

/** Returns the id of this process. */
export function ownPid(): number {
  return process.pid;
}

/** Returns the user id of this process, which owns the user's files; -1 on Windows, where files have no owner. */
export function ownUid(): number {
  return process.geteuid?.() ?? -1;
}

/** Returns the absolute path of the home folder. Throws IO if HOME is not set and the system does not know the user. */
export function homeFolder(): string {
  try {
    return resolve(homedir());
  } catch (error) {
    throw new CcsessError('IO', 'no home folder: set HOME.', { cause: error });
  }
}

/**
 * Returns the current folder; if it was deleted, its last name, since listing sessions still works there. `link` is
 * where Linux says what the name was.
 */
export function currentFolder(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  link = '/proc/self/cwd',
): string {
  try {
    return process.cwd();
  } catch {
    // The shell's variable may be another program's, and the home folder may have sessions: `.` must not mean these.
    return linkTarget(link) ?? [env['PWD'] ?? ''].find(isAbsolute) ?? home;
  }
}

/** As `System.pidExists`. */
export function pidExists(pid: number): boolean {
  // For the system, 0 and -1 are groups of processes, which always exist.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    // The global, since importing node:process reads each of its members and so opens stdin.
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
  return statFields(pid)?.[0] !== ZOMBIE;
}

function startTime(pid: number): string | null {
  return statFields(pid)?.[22 - 3] ?? null;
}

/** Returns the fields of `/proc/<pid>/stat` from the third on; null if there is no such process. */
function statFields(pid: number): string[] | null {
  try {
    return fieldsFromThird(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/**
 * Returns the fields of a `/proc/<pid>/stat` line from the third (the state) on. The second is the program's name in
 * parentheses, which may contain spaces and parentheses, so fields are counted from the last `)`.
 */
export function fieldsFromThird(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** As `System.startedAtMs`: on Linux from the ticks since the boot; macOS gives it by `ps` alone, in local time. */
export function startedAtMs(pid: number): number | null {
  const ticks = startTime(pid);
  return ticks === null ? startedByPs(pid) : Math.floor(Date.now() - uptimeMs() + Number(ticks) * TICK_MS);
}

/** As `System.bootedAtMs`. */
function bootedAtMs(): number | null {
  try {
    return Math.floor(Date.now() - uptime() * 1000);
  } catch {
    // Some sandboxes do not show it.
    return null;
  }
}

/** Returns the greater of two clocks: a container may show its own uptime, and the monotonic one stops in standby. */
function uptimeMs(): number {
  const monotonicMs = Number(process.hrtime.bigint() / 1_000_000n);
  try {
    return Math.max(monotonicMs, Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000 || 0);
  } catch {
    return monotonicMs;
  }
}

function startedByPs(pid: number): number | null {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 2000,
    });
    const ms = Date.parse(`${started.trim()} UTC`);
    return Number.isNaN(ms) ? null : ms;
  } catch {
    return null;
  }
}

/** As `System.pidDomain`. */
export function pidDomain(): string | null {
  try {
    const namespace = readlinkSync('/proc/self/ns/pid');
    return `linux:${machineId()}:${namespace}`;
  } catch {
    return null;
  }
}

/** Returns the machine id; empty if there is none, as Claude Code writes it. */
function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}
