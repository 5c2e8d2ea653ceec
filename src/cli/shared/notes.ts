import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { likelyConfigDir } from '../../claude/config-dir.js';
import type { Problem } from '../../system/problem.js';
import type { Context } from '../context.js';
import { grouped } from '../render/text/number.js';
import { shortPath } from '../render/text/path.js';
import { sanitize } from '../render/text/sanitize.js';

const MAX_SHOWN = 3;
/** ccsess's own folder in a config dir; `ownFolder` describes its contents. */
const OWN_FOLDER = '.ccsess';

/** Writes problems to stderr: one line each for the first few, and the number of the others. */
export async function noteProblems(problems: readonly Problem[], { stderr, home }: Context): Promise<void> {
  const lines = problems.slice(0, MAX_SHOWN).map(({ message, file }) => {
    const path = shortPath(file, home);
    return `ccsess: ${sanitize(message.replace(/\.$/, ''))}${message.includes(file) ? '' : `: ${path}`}\n`;
  });
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`ccsess: ${grouped(more)} more ${more === 1 ? 'problem' : 'problems'}.\n`);
  if (lines.length > 0) await stderr.write(lines.join(''));
}

/**
 * Reports on stderr that an interrupted run may have left a session half moved. For commands that only read; the others
 * recover it.
 */
export async function noteInterrupted(context: Context): Promise<void> {
  const { configDirs, invocation, stderr } = context;
  // Usually ccsess has no folder here, and the modules need not be loaded.
  if (configDirs.every(({ path }) => !existsSync(join(path, OWN_FOLDER)))) return;
  const [{ wasInterrupted, isLocked }, { isMoveInterrupted }, { readUndoCopies }] = await Promise.all([
    import('../../retention/lock.js'),
    import('../../sessions/move/move.js'),
    import('../../retention/undo/undo-copies.js'),
  ]);
  // The lock is held by a ccsess that is running now.
  const isRunning = configDirs.some((configDir) => isLocked(configDir, context));
  const rewinds = isRunning ? [] : readUndoCopies(configDirs, null).copies.filter(({ state }) => state === 'applying');
  for (const { id } of rewinds) await stderr.write(interruptedRewind(id, context));
  if (!wasInterrupted(configDirs, context) && !configDirs.some((configDir) => isMoveInterrupted(configDir, context)))
    return;
  await stderr.write(
    `ccsess: an earlier run was interrupted and a session may be half moved: run ${invocation} recover.\n`,
  );
}

/**
 * Returns the note about an interrupted rewind, which no other command may finish, since that writes to the user's
 * files.
 */
export function interruptedRewind(id: string, { invocation }: Pick<Context, 'invocation'>): string {
  return `ccsess: a rewind was interrupted; to put its files back: ${invocation} rewind --undo ${id}\n`;
}

/**
 * Reports on stderr that there are no sessions, and the likely reason. Folders that could not be read were reported
 * before.
 */
export async function noteNoSessions(problems: readonly Problem[], context: Context): Promise<void> {
  const { configDirs, invocation, stderr } = context;
  const lines = configDirs.map(({ path, projectsRoot }) => {
    const shown = sanitize(path);
    if (problems.some(({ file }) => file === projectsRoot)) return '';
    if (problems.some(({ code, file }) => code === 'unreadable' && file.startsWith(join(path, 'projects') + sep)))
      return `No sessions in ${shown} that can be read.\n`;
    const meant = likelyConfigDir({ path, projectsRoot });
    if (meant === null && existsSync(projectsRoot)) return `No sessions in ${shown} yet.\n`;
    if (meant !== null)
      return `No sessions: ${shown} is not a config dir. Did you mean --config-dir ${sanitize(meant)}?\n`;
    return (
      `No sessions: ${shown} has no projects folder yet. Claude Code creates it with the first prompt; ` +
      `${invocation} create creates an empty session.\n`
    );
  });
  await stderr.write(lines.join(''));
}
