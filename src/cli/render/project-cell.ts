import { cutStart, widthOf } from './width.js';

const GONE = ' (gone)';

/** A project's cell: its short path and `(gone)` where the folder no longer exists, cut at the path's start. */
export function projectCell(path: string, gone: boolean, width: number): string {
  return gone ? cutStart(path, Math.max(1, width - widthOf(GONE))) + GONE : cutStart(path, width);
}
