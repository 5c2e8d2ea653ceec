import { cutStart, widthOf } from './text/width.js';

/** Mark of the current folder and its worktrees. */
export const HERE = ' ◂';

const GONE = ' (gone)';
/** With less of the path than this nobody knows which one is gone; `show` says that it is, too. */
const MIN_PATH = 6;

/**
 * A project's cell: its short path and, where there is room, `(gone)` if the folder no longer exists, cut at the path's
 * start.
 */
export function projectCell(path: string, gone: boolean, width: number): string {
  const room = width - widthOf(GONE);
  return gone && room >= Math.min(MIN_PATH, widthOf(path)) ? cutStart(path, room) + GONE : cutStart(path, width);
}
