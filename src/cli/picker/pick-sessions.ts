import { CcsessError } from '../../system/errors.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { HostTerminal } from '../../tui/host.js';
import type { Context, PickRequest } from '../context.js';
import { noteProblems } from '../shared/notes.js';
import { QuestionCancelled } from '../terminal/choose.js';

const UNNAMED = 'no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).';

/** Returns one session of the index, chosen on a screen. Throws as `pickSessions`. */
export async function pickSession(index: SessionIndex, context: Context): Promise<SessionRow> {
  const [row] = await pick(index, false, context);
  if (row === undefined) throw new QuestionCancelled();
  return row;
}

/**
 * Returns sessions of the index that were chosen on a screen for the running command. Throws USAGE without a terminal,
 * NOT_FOUND if there are no sessions, `QuestionCancelled` if nothing was chosen.
 */
export function pickSessions(index: SessionIndex, context: Context): Promise<SessionRow[]> {
  return pick(index, true, context);
}

async function pick(index: SessionIndex, several: boolean, context: Context): Promise<SessionRow[]> {
  const { commandName: name } = context;
  const terminal = await requireTerminal(UNNAMED, context);
  const request = { index, name, verb: name, several, canChange: false, query: '', order: 'activity' as const };
  const paths = new Set(await pickPaths({ ...request, isEverywhere: false }, terminal, context));
  return index.rows.filter(({ file }) => paths.has(file.path));
}

/** Returns the terminal for a screen. Throws USAGE with this message if there is none. */
export async function requireTerminal(message: string, context: Context): Promise<HostTerminal> {
  const terminal = await context.terminal();
  if (terminal === null) throw new CcsessError('USAGE', message);
  return terminal;
}

/**
 * Returns the paths of the transcripts of chosen sessions. Throws NOT_FOUND if there are no sessions,
 * `QuestionCancelled` if nothing was chosen.
 */
export async function pickPaths(
  request: PickRequest,
  terminal: HostTerminal,
  context: Context,
): Promise<readonly string[]> {
  const { rows, problems } = request.index;
  // Printed before the screen is taken over, so that they are there when it is left.
  await noteProblems(problems, context);
  if (rows.length === 0 && problems.length > 0) throw new CcsessError('NOT_FOUND', 'no sessions can be read.');
  if (rows.length === 0)
    throw new CcsessError('NOT_FOUND', 'there are no sessions yet.', { hint: `${context.invocation} create --resume` });
  const paths = await context.pick(request, terminal);
  if (paths === null || paths.length === 0) throw new QuestionCancelled();
  return paths;
}
