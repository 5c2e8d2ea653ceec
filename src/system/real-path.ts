import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Returns the path with its links resolved; the path itself if it does not exist or cannot be resolved. */
export function realPathOrSelf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Returns the absolute path of one as typed: relative to `cwd`, with `~` for `home`, since a quoted path reaches us
 * before any shell has seen it.
 */
export function absolutePath(typed: string, { cwd, home }: { cwd: string; home: string }): string {
  return resolve(cwd, typed === '~' || typed.startsWith('~/') ? join(home, typed.slice(1)) : typed);
}
