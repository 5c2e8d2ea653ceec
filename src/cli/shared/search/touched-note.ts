import { basename } from 'node:path';
import type { PathFilter } from '../../../session-index/touched/path-filter.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import type { Context } from '../../context.js';
import { grouped } from '../../render/text/number.js';
import { shortPath } from '../../render/text/path.js';
import { sanitize } from '../../render/text/sanitize.js';

const MAX_NAMED = 3;

/** If no session touched the given paths, names files with the same name on stderr that sessions touched. */
export async function noteTouched(
  index: SessionIndex,
  { paths, globs }: PathFilter,
  { stderr, home }: Context,
): Promise<void> {
  const touched = [...new Set(index.touchedPaths())];
  const isIncluded = (path: string): boolean =>
    paths.some((meant) => path === meant || path.startsWith(`${meant}/`)) || globs.some(({ isMatch }) => isMatch(path));
  if (touched.some(isIncluded)) return;
  const [meant = ''] = paths;
  const names = new Set(paths.map((path) => basename(path)));
  const namesakes = touched
    .filter((path) => names.has(basename(path)))
    .map((path) => ({ path, shared: sharedEnd(path, meant) }))
    .sort((a, b) => b.shared - a.shared || (a.path < b.path ? -1 : 1));
  const lines = [`No session touched ${shortPath(meant, home)}.`];
  if (namesakes.length > 0) {
    const named = namesakes.slice(0, MAX_NAMED).map(({ path }) => `  ${shortPath(path, home)}`);
    const more = namesakes.length - named.length;
    lines.push(
      'Files of this name that sessions touched:',
      ...named,
      ...(more > 0 ? [`  and ${grouped(more)} more`] : []),
    );
  }
  await stderr.write(lines.map((line) => `${sanitize(line)}\n`).join(''));
}

/** Returns the number of names that two paths have in common at their ends. */
function sharedEnd(path: string, other: string): number {
  const [names, others] = [path.split('/').reverse(), other.split('/').reverse()];
  const differing = names.findIndex((name, at) => name !== others[at]);
  return differing < 0 ? names.length : differing;
}
