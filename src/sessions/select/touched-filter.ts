import { basename, dirname, join } from 'node:path';
import { globToRegExp, isGlob } from '../../grammar/glob.js';
import type { PathFilter } from '../../session-index/touched/path-filter.js';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { absolutePath, realPathOrSelf } from '../../system/real-path.js';
import type { StartFolder } from './project-filter.js';

/**
 * Returns the filter of files that patterns describe. A plain path means that file, or every file below that folder,
 * whether or not it still exists, under its real path as well. A pattern (`*`, `**`, `?`, `[…]`, `{a,b}`) means what
 * it matches, and a file of exactly that name. Throws USAGE for an empty pattern.
 */
export function touchedFilter(patterns: readonly string[], start: Pick<StartFolder, 'cwd' | 'home'>): PathFilter {
  const paths = new Set<string>();
  const globs: PathFilter['globs'][number][] = [];
  for (const pattern of patterns) {
    if (pattern === '') throw new CcsessError('USAGE', phrase`${option('touched')} needs a value.`);
    const path = absolutePath(pattern, start);
    for (const spelling of [path, withoutLinks(path)]) paths.add(spelling);
    if (!isGlob(pattern)) continue;
    const expression = globToRegExp(path);
    globs.push({ start: path.slice(0, path.search(/[*?[{]|\/\*\*/)), isMatch: (file) => expression.test(file) });
  }
  return { paths: [...paths], globs };
}

/** The path with links resolved as far as it exists, since tools name files by the real path of their folder. */
function withoutLinks(path: string): string {
  const real = realPathOrSelf(path);
  const folder = dirname(path);
  return real !== path || folder === path ? real : join(withoutLinks(folder), basename(path));
}
