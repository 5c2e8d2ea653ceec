import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';

/** A running process. Its environment is never read, since it may hold secrets. */
export interface RunningProcess {
  readonly pid: number;
  readonly uid: number;
  /** The arguments as they are now, the program's name first; a program may overwrite them (Node does for a title). */
  readonly args: readonly string[];
  /** The system's short name of the program, at most 15 characters; empty where unknown. */
  readonly name: string;
  /** Path of the executable; null where unknown. */
  readonly program: string | null;
  /** Real path of the current folder, even of a deleted one; null where unknown. */
  readonly folder: string | null;
  /** Milliseconds since the epoch; null where unknown. */
  readonly startedMs: number | null;
}

/**
 * Age of a list that is used again; Claude Code opens a transcript four times later at the earliest (docs/storage.md).
 */
const MAX_AGE_MS = 50;
const COMMAND_BYTES = 4096;
const DELETED = / \(deleted\)$/;
const ROOT_UID = 0;

/** The parts of the system that a process table needs. */
export interface TableSource {
  platform: string;
  /** The user whose processes count; root sees those of all users. */
  uid: number;
  startedAtMs(pid: number): number | null;
}

/** The running processes, listed again once 50 ms have passed: a prune needs them again for every 32 sessions. */
export class ProcessTable {
  #processes: readonly RunningProcess[] = [];
  #listedAt = -Infinity;

  constructor(private readonly source: TableSource) {}

  /** Returns the processes of the user; the same array while it is valid. Never throws. */
  read(): readonly RunningProcess[] {
    if (performance.now() - this.#listedAt > MAX_AGE_MS) {
      this.#processes = listProcesses(this.source);
      // Counted from the end, since listing thousands takes long itself.
      this.#listedAt = performance.now();
    }
    return this.#processes;
  }
}

function listProcesses(source: TableSource): RunningProcess[] {
  if (source.platform === 'linux') return listProc(source);
  return source.platform === 'darwin' ? listByPs(source) : [];
}

function listProc({ uid, startedAtMs }: TableSource): RunningProcess[] {
  const buffer = Buffer.allocUnsafe(COMMAND_BYTES);
  return numbersIn('/proc').flatMap((pid) => {
    try {
      const owner = statSync(`/proc/${pid}`).uid;
      if (uid !== ROOT_UID && owner !== uid) return [];
      const args = commandLine(pid, buffer);
      return args === null ? [] : [new LinuxProcess(pid, owner, args, startedAtMs)];
    } catch {
      // The process has ended meanwhile, or is hidden.
      return [];
    }
  });
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Returns the arguments of a process; null for kernel threads and zombies, which have none. */
function commandLine(pid: number, buffer: Buffer): string[] | null {
  const path = `/proc/${pid}/cmdline`;
  const fd = openSync(path, 'r');
  try {
    const read = readSync(fd, buffer, 0, buffer.length, 0);
    if (read === 0) return null;
    const text = read < buffer.length ? buffer.toString('utf8', 0, read) : readFileSync(path, 'utf8');
    return text.replace(/\0+$/, '').split('\0');
  } finally {
    closeSync(fd);
  }
}

/** A process of Linux. Properties that are needed of few processes are read on demand. */
class LinuxProcess implements RunningProcess {
  #folder: string | null | undefined;

  constructor(
    readonly pid: number,
    readonly uid: number,
    readonly args: readonly string[],
    private readonly startedAtMs: (pid: number) => number | null,
  ) {}

  get name(): string {
    try {
      return readFileSync(`/proc/${this.pid}/comm`, 'utf8').trimEnd();
    } catch {
      return '';
    }
  }

  get program(): string | null {
    return linkTarget(`/proc/${this.pid}/exe`);
  }

  get folder(): string | null {
    if (this.#folder === undefined) this.#folder = linkTarget(`/proc/${this.pid}/cwd`);
    return this.#folder;
  }

  get startedMs(): number | null {
    return this.startedAtMs(this.pid);
  }
}

/** Returns the target of a link of `/proc`, even of a deleted one; null if it cannot be read. */
export function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path).replace(DELETED, '');
  } catch {
    return null;
  }
}

/** Lists processes by `ps`, which joins arguments by spaces, so that one with spaces is split. */
function listByPs({ uid }: TableSource): RunningProcess[] {
  const lines = output('ps', ['-axww', '-o', 'pid=,uid=,lstart=,ucomm=,command=']).split('\n');
  return lines.flatMap((line) => parsePsLine(line) ?? []).filter((running) => uid === ROOT_UID || running.uid === uid);
}

const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\w+ \w+ +\d+ [\d:]+ \d+)\s+(\S+)\s+(.+)$/;

/** Parses a line of `ps -o pid=,uid=,lstart=,ucomm=,command=` with times in UTC; null for any other text. */
export function parsePsLine(line: string): RunningProcess | null {
  const [, pid, uid, started = '', name = '', command = ''] = PS_LINE.exec(line) ?? [];
  if (pid === undefined) return null;
  const startedMs = Date.parse(`${started} UTC`);
  let folder: string | null | undefined;
  return {
    pid: Number(pid),
    uid: Number(uid),
    args: command.trim().split(/\s+/),
    name,
    program: null,
    // Slow, so it is read only for the few that run Claude Code.
    get folder() {
      if (folder === undefined) folder = folderByLsof(pid);
      return folder;
    },
    startedMs: Number.isNaN(startedMs) ? null : startedMs,
  };
}

function folderByLsof(pid: string): string | null {
  return /^n(\/.*)$/m.exec(output('lsof', ['-a', '-p', pid, '-d', 'cwd', '-Fn']))?.[1] ?? null;
}

/** The output of a program of the system; empty if it fails. */
function output(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin:/usr/sbin', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 2000,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch {
    return '';
  }
}
