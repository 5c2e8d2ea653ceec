import { isAbsolute, join, sep } from 'node:path';
import { isFolder } from '../system/stat.js';

/**
 * Returns the folder of the index files: `$XDG_CACHE_HOME/ccsess`, else `~/.cache/ccsess`. A relative variable counts
 * as unset (XDG Base Directory).
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const xdg = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(xdg) ? xdg : join(home, '.cache'), 'ccsess');
}

/** Returns true for a folder in a home folder that does not exist, which ccsess does not create for a cache. */
export function isInMissingHome(path: string, home: string): boolean {
  return path.startsWith(home + sep) && !isFolder(home);
}
