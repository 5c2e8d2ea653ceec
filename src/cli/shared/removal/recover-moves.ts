import { recoverMoves, type RecoveredMove } from '../../../sessions/move/move.js';
import type { Context } from '../../context.js';
import { counted } from '../../render/text/number.js';
import { shortPath } from '../../render/text/path.js';

/**
 * Finishes or rolls back interrupted moves and reports the outcome on stderr; unless `explains` is false, it also names
 * the command with more details. Throws as `recoverMoves`.
 */
export async function recoverInterruptedMoves(context: Context, { explains = true } = {}): Promise<RecoveredMove[]> {
  const recovered = await recoverMoves(context);
  const details = explains ? `; which sessions it names: ${context.invocation} recover` : '';
  const lines = recovered.flatMap(({ moved, stayed, twofold, refused, setAside }) => [
    setAside === null
      ? `recovered an interrupted move: ${counted(moved.length, 'session')} moved, ` +
        `${counted(stayed.length, 'session')} not.`
      : 'the journal of an interrupted move is damaged, so none of its sessions was touched. ' +
        `It is now ${shortPath(setAside, context.home)}${details}.`,
    ...twofold.map((id) => `${id} is in both folders: a running Claude Code wrote to it again.`),
    ...refused.map((why) => `the journal of an interrupted move is wrong: ${why}.`),
  ]);
  await context.stderr.write(lines.map((line) => `ccsess: ${line}\n`).join(''));
  return recovered;
}
