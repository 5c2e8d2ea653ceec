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
 * Returns the absolute path of a typed one, which may be relative to `cwd` and begin with `~`: the shell does not
 * expand that in quotes.
 */
export function absolutePath(typed: string, { cwd, home }: { cwd: string; home: string }): string {
  return resolve(cwd, typed === '~' || typed.startsWith('~/') ? join(home, typed.slice(1)) : typed);
}
