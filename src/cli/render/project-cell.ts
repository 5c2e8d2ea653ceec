import { cutStart, widthOf } from './text/width.js';

/** Mark of the current folder and its worktrees. */
export const HERE = ' ◂';

const GONE = ' (gone)';
/** Minimum width of the path next to `(gone)`: less of it would not identify the project. */
const MIN_PATH = 6;

/**
 * Returns a project's cell: its short path, cut at its start, with `(gone)` if the folder no longer exists and there is
 * room.
 */
export function projectCell(path: string, gone: boolean, width: number): string {
  const room = width - widthOf(GONE);
  return gone && room >= Math.min(MIN_PATH, widthOf(path)) ? cutStart(path, room) + GONE : cutStart(path, width);
}
