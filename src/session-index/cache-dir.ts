import { isAbsolute, join, sep } from 'node:path';
import { isFolder } from '../system/stat.js';

/**
 * The folder of the index files: `$XDG_CACHE_HOME/ccsess`, else `~/.cache/ccsess`; a relative variable counts as unset
 * (XDG Base Directory).
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const xdg = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(xdg) ? xdg : join(home, '.cache'), 'ccsess');
}

/** True if a folder belongs to a home folder that does not exist, which ccsess does not make to remember something. */
export function isInMissingHome(path: string, home: string): boolean {
  return path.startsWith(home + sep) && !isFolder(home);
}
