import { realpathSync } from 'node:fs';

/** Returns the path with its links resolved; the path itself if it does not exist or cannot be resolved. */
export function realPathOrSelf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
