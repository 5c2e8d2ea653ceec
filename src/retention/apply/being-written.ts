import { join } from 'node:path';
import type { Environment } from '../../claude/environment.js';
import { fileKey } from '../../system/process/written-files.js';
import { DAY_MS } from '../../system/time.js';
import type { TrashEntry } from '../trash/trash-entry.js';
import { statIfExists } from '../trash/tree.js';

/** The transcripts that processes have open for writing, listed once, at the first call. */
export class OpenFiles {
  #written: ReadonlySet<string> | null | undefined;

  constructor(private readonly system: Environment['system']) {}

  /**
   * Returns true if one of these files (`fileKey`) is open for writing. All files must have been moved before the first
   * call, since open files are listed only then.
   */
  hasAny(keys: readonly string[]): boolean {
    if (keys.length === 0) return false;
    if (this.#written === undefined) this.#written = this.system.transcriptsBeingWritten();
    const written = this.#written;
    return keys.some((key) => written?.has(key) === true);
  }
}

/** How a session was moved. */
export interface Moved {
  /** True if the session was copied to another file system, and its staged files will be deleted. */
  isCopied: boolean;
  /** True if all its files will be deleted, not kept in the trash. */
  isPermanent: boolean;
}

/**
 * Returns true if a transcript that is about to be deleted is open for writing in a process, whose next line would be
 * lost. For a permanent deletion, only transcripts written within the last day are checked, since listing open files
 * takes milliseconds per session.
 */
export function isBeingWritten(
  entry: TrashEntry,
  { isCopied, isPermanent }: Moved,
  { openFiles, now }: { openFiles: OpenFiles; now: Environment['now'] },
): boolean {
  if (!isCopied && !isPermanent) return false;
  const oldestMs = isCopied ? -Infinity : now() - DAY_MS;
  const keys = entry.session.roots.flatMap((root) =>
    root.nodes.flatMap(({ kind, path }) => {
      if (kind !== 'file' || !(path === '' ? root.path : path).endsWith('.jsonl')) return [];
      const stats =
        statIfExists(join(entry.stagedPath(root), path)) ??
        (isPermanent ? statIfExists(join(entry.storedPath(root), path)) : undefined);
      return stats !== undefined && stats.mtimeMs > oldestMs ? [fileKey(stats)] : [];
    }),
  );
  return openFiles.hasAny(keys);
}
