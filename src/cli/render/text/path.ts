import { sanitize } from './sanitize.js';

/** Returns a path with the home folder as `~`, safe to print. */
export function shortPath(path: string, home: string): string {
  const inHome = home !== '' && home !== '/' && (path === home || path.startsWith(`${home}/`));
  return sanitize(inHome ? `~${path.slice(home.length)}` : path);
}
