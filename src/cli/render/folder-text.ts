import { shortPath } from './text/path.js';
import type { Screen } from './text/screen.js';

/** Returns the session's folder as a person knows it, with the name of its config dir if there are several. */
export function folderText(
  { cwd, projectDir, configDir }: { cwd: string | null; projectDir: string; configDir: string },
  { home, configDirNames }: Pick<Screen, 'home' | 'configDirNames'>,
): string {
  const name = configDirNames?.get(configDir);
  return shortPath(cwd ?? projectDir, home) + (name === undefined ? '' : ` [${name}]`);
}

/**
 * Returns a short name for each of several config dirs: the shorter of its path from the home folder and its shortest
 * unique end. Empty for a single one.
 */
export function configDirNames(paths: readonly string[], home: string): ReadonlyMap<string, string> {
  const all = [...new Set(paths)];
  const parts = (path: string): string[] => path.split(/[\\/]/).filter((part) => part !== '');
  const end = (path: string, count: number): string => parts(path).slice(-count).join('/');
  const nameOf = (path: string): string => {
    for (let count = 1; count < parts(path).length; count++) {
      const name = end(path, count);
      if (all.every((other) => other === path || end(other, count) !== name)) return name;
    }
    return path;
  };
  return new Map(all.length < 2 ? [] : all.map((path) => [path, shorter(shortPath(path, home), nameOf(path))]));
}

function shorter(a: string, b: string): string {
  return a.length <= b.length ? a : b;
}
