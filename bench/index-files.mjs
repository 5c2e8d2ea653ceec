// Removing parts of the cache folder between runs.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Removes the index and leaves the program's compiled code, which the uncounted first round of `compare` makes. */
export function removeIndex(cacheDir) {
  removeNamed(cacheDir, (name) => !name.startsWith('code-'));
}

/** Removes what searches left behind, and leaves the index. */
export function removeFilters(cacheDir) {
  removeNamed(cacheDir, (name) => name.endsWith('.filters'));
}

function removeNamed(cacheDir, isMeant) {
  const folder = join(cacheDir, 'ccsess');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter(isMeant)) rmSync(join(folder, name));
}
