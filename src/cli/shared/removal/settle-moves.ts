import { recoverMoves, type RecoveredMove } from '../../../sessions/move/move.js';
import type { Context } from '../../context.js';
import { counted } from '../../render/text/number.js';
import { shortPath } from '../../render/text/path.js';

/**
 * Settles moves that were killed, and says on stderr what became of their sessions, and unless `explains` is false
 * which command says more. Throws as `recoverMoves`.
 */
export async function settleMoves(context: Context, { explains = true } = {}): Promise<RecoveredMove[]> {
  const settled = await recoverMoves(context);
  const lines = settled.flatMap(({ moved, stayed, twofold, refused, setAside }) => [
    setAside === null
      ? `settled a move that was interrupted: ${counted(moved.length, 'session')} moved, ` +
        `${counted(stayed.length, 'session')} not.`
      : 'the journal of an interrupted move is damaged, so none of its sessions was touched. ' +
        `It is now ${shortPath(setAside, context.home)}${explains ? '; which sessions it names: ccsess recover' : ''}.`,
    ...twofold.map((id) => `${id} is in both folders: a running Claude Code wrote to it again.`),
    ...refused.map((why) => `the journal of an interrupted move is wrong: ${why}.`),
  ]);
  await context.stderr.write(lines.map((line) => `ccsess: ${line}\n`).join(''));
  return settled;
}
