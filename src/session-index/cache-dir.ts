import { isAbsolute, join } from 'node:path';

/**
 * The folder of the index files: `$XDG_CACHE_HOME/ccsess`, else `~/.cache/ccsess`; a relative variable counts as unset
 * (XDG Base Directory).
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const xdg = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(xdg) ? xdg : join(home, '.cache'), 'ccsess');
}
