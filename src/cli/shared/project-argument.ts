import type { ProjectFilter } from '../../session-index/record.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { guessProjects, type ProjectGuess } from '../../sessions/select/guess-project.js';
import { projectFilter } from '../../sessions/select/project-filter.js';
import { findStartFolder } from '../../sessions/select/start-folder.js';
import { quoted } from '../../grammar/quoted.js';
import { CcsessError } from '../../system/errors.js';
import type { Context } from '../context.js';
import { shortPath } from '../render/text/path.js';
import { sanitize } from '../render/text/sanitize.js';

const MAX_NAMED = 5;

/**
 * Returns the project arguments of a command that only reads. A folder without sessions is replaced by the nearest
 * parent folder with sessions, or by the only folder of that name; replacements and missing folders are reported on
 * stderr.
 */
export async function readableProjects(
  patterns: readonly string[],
  index: SessionIndex,
  context: Context,
): Promise<readonly string[]> {
  const meant = new Map<string, string>();
  for (const guess of guessProjects(patterns, index, await findStartFolder(context))) {
    const folder = onlyFolder(guess);
    if (folder !== null) {
      meant.set(guess.pattern, folder);
      const shown = shortPath(folder, context.home);
      await context.stderr.write(`ccsess: no sessions in ${shownPath(guess, context)}: showing those of ${shown}.\n`);
    } else if (!guess.exists) await context.stderr.write(`ccsess: ${missing(guess, context)}\n`);
  }
  return meant.size === 0 ? patterns : patterns.map((pattern) => meant.get(pattern) ?? pattern);
}

/**
 * Returns the filter for project arguments of a command that only reads, with replacements as in `readableProjects`.
 */
export async function projectsMeant(
  patterns: readonly string[],
  index: SessionIndex,
  context: Context,
): Promise<ProjectFilter> {
  return projectFilter(await readableProjects(patterns, index, context), await findStartFolder(context));
}

/**
 * Throws USAGE with a corrected argument if a folder has no sessions and another one was probably meant. For commands
 * that remove sessions.
 */
export async function requireProjects(
  patterns: readonly string[],
  index: SessionIndex,
  context: Context,
): Promise<void> {
  for (const guess of guessProjects(patterns, index, await findStartFolder(context))) {
    const folders = [...(guess.parent === null ? [] : [guess.parent]), ...guess.named];
    if (guess.exists && folders.length === 0) continue;
    if (folders.length === 0)
      throw new CcsessError('USAGE', missing(guess, context), { hint: `${context.invocation} projects` });
    const flags = folders.slice(0, MAX_NAMED).map((folder) => argument(folder, context));
    const message = `no sessions in ${shownPath(guess, context)}: type ${sanitize(flags.join(' or '))}.`;
    throw new CcsessError('USAGE', message, { hint: flags.join('\n') });
  }
}

/** Returns the flag for a folder. It begins with `~` only if it needs no quotes, in which shells do not expand `~`. */
function argument(folder: string, { home }: Context): string {
  const short = shortPath(folder, home);
  const rest = short.slice(1);
  return `-p ${short.startsWith('~/') && quoted(rest) === rest ? short : quoted(folder)}`;
}

function onlyFolder({ parent, named }: ProjectGuess): string | null {
  const [only = null, ...others] = named;
  return parent ?? (others.length === 0 ? only : null);
}

function missing({ pattern, named }: ProjectGuess, context: Context): string {
  if (named.length === 0) return `-p ${sanitize(quoted(pattern))}: no such folder, and no sessions ran in it.`;
  const folders = named.slice(0, MAX_NAMED).map((folder) => argument(folder, context));
  return (
    `-p ${sanitize(quoted(pattern))}: ${named.length} folders of that name have sessions: ` +
    `${sanitize(folders.join(', '))}.`
  );
}

function shownPath({ pattern, path, exists }: ProjectGuess, { home }: Context): string {
  return exists ? shortPath(path, home) : sanitize(quoted(pattern));
}
