import { statSync } from 'node:fs';
import type { SessionRow } from '../../session-index/session-index.js';

/** A session whose age is compared (`compareAge`). */
export class AgedSession {
  readonly row: SessionRow;
  #birthMs: number | undefined;

  constructor(row: SessionRow) {
    this.row = row;
  }

  /** Creation time of the transcript's file; 0 if the file system does not record it. */
  get birthMs(): number {
    this.#birthMs ??= statSync(this.row.file.path, { throwIfNoEntry: false })?.birthtimeMs ?? 0;
    return this.#birthMs;
  }
}

/**
 * Compares the age of sessions, older first: by first entry, creation of the file, id and path. This finds the original
 * of unmarked copies, such as those of `--fork-session` and `/fork` (docs/storage.md).
 */
export function compareAge(a: AgedSession, b: AgedSession): number {
  return (
    compare(a.row.createdMs ?? Infinity, b.row.createdMs ?? Infinity) ||
    compare(a.birthMs, b.birthMs) ||
    compare(a.row.file.id, b.row.file.id) ||
    compare(a.row.file.path, b.row.file.path)
  );
}

function compare<Value extends string | number>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
