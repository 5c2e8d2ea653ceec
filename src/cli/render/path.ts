import { cutStart, widthOf } from './width.js';
import { sanitize } from './sanitize.js';

const GONE = ' (gone)';

/** A path with the home folder as `~`, safe to print. */
export function shortPath(path: string, home: string): string {
  const inHome = home !== '' && home !== '/' && (path === home || path.startsWith(`${home}/`));
  return sanitize(inHome ? `~${path.slice(home.length)}` : path);
}

/** A project's cell: its short path and `(gone)` where the folder no longer exists, cut at the path's start. */
export function projectCell(path: string, gone: boolean, width: number): string {
  return gone ? cutStart(path, Math.max(1, width - widthOf(GONE))) + GONE : cutStart(path, width);
}
