import { readdirSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs';
import { errorCode } from '../problem.js';

/** A transcript's name in `/proc`, even after it was replaced, or while it is staged for a copy. */
const TRANSCRIPT = /\.jsonl~?(?: \(deleted\))?$|\/\.nfs[0-9a-f]+$/;
/** The name of a file in a run of the trash, below the folder that is named after the run's time. */
const TRASHED = /\/\d{4}-\d\d-\d\dT[\d-]+Z-[0-9a-f]+\/\d+(?:-0)?(?:\.[a-z]+)?(?:\/\d+)?$/;
/** Access modes in `/proc/<pid>/fdinfo` (octal): 1 writes, 2 reads and writes. */
const WRITING = 0o3;

/** Key of a file for `transcriptsBeingWritten`: the same for every name and descriptor of one file. */
export function fileKey({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

/**
 * Returns the keys of the transcripts that processes of this user hold open for writing (as root: of all users). Null
 * where the system does not show open files, or not those of one of the user's processes. Never throws.
 */
export function transcriptsBeingWritten(uid: number): ReadonlySet<string> | null {
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name));
  // A `/proc` without our own files is not that of Linux.
  if (namesIn('/proc/self/fd').length === 0) return null;
  const keys = new Set<string>();
  for (const pid of pids) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) addIfWritten(pid, fd, keys);
    } catch (error) {
      if (errorCode(error) === 'EACCES' && isOwnedBy(uid, pid)) return null;
    }
  }
  return keys;
}

function addIfWritten(pid: string, fd: string, keys: Set<string>): void {
  const path = `/proc/${pid}/fd/${fd}`;
  try {
    // The name first, since `stat` of the file may wait for a network.
    const name = readlinkSync(path);
    if (!TRANSCRIPT.test(name) && !TRASHED.test(name)) return;
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1] ?? '2';
    if ((Number.parseInt(flags, 8) & WRITING) !== 0) keys.add(fileKey(statSync(path)));
  } catch {
    // The file was closed meanwhile.
  }
}

function isOwnedBy(uid: number, pid: string): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === uid;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
