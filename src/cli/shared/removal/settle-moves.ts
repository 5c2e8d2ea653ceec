import { recoverMoves, type RecoveredMove } from '../../../sessions/move/move.js';
import type { Context } from '../../context.js';
import { counted } from '../../render/text/number.js';

/** Settles moves that were killed, and says on stderr what became of their sessions. Throws as `recoverMoves`. */
export async function settleMoves(context: Context): Promise<RecoveredMove[]> {
  const settled = await recoverMoves(context);
  const lines = settled.flatMap(({ moved, stayed, twofold, refused }) => [
    `settled a move that was interrupted: ${counted(moved.length, 'session')} moved, ` +
      `${counted(stayed.length, 'session')} not.`,
    ...twofold.map((id) => `${id} is in both folders: a running Claude Code wrote to it again.`),
    ...refused.map((why) => `the journal of an interrupted move is wrong: ${why}.`),
  ]);
  await context.stderr.write(lines.map((line) => `ccsess: ${line}\n`).join(''));
  return settled;
}
