import { ownFolder } from '../../retention/lock.js';
import { recoverMoves, type RecoveredMove } from '../../sessions/move/move.js';
import { fileProblem, type Problem } from '../../system/problem.js';
import { inTurn } from './turns.js';
import { reportProblems, type Surroundings } from '../surroundings.js';

/**
 * Settles moves that were killed, before anything else is changed. What could not be settled is handed to `onProblem`
 * and returned. Rejects as `recoverMoves`.
 */
export async function settleMoves(surroundings: Surroundings): Promise<Problem[]> {
  const problems = (await recoverMoves(surroundings)).flatMap(problemsOf);
  reportProblems(problems, surroundings);
  return problems;
}

/**
 * Runs a change as `inTurn`, once moves that were killed are settled; `change` gets what could not be. Rejects as
 * `recoverMoves`.
 */
export function inTurnSettled<T>(
  surroundings: Surroundings,
  change: (problems: readonly Problem[]) => Promise<T>,
): Promise<T> {
  return inTurn(async () => change(await settleMoves(surroundings)));
}

function problemsOf({ configDir, setAside, twofold, refused }: RecoveredMove): Problem[] {
  const problem = (message: string, file: string): Problem => fileProblem('interrupted-move', message, file);
  return [
    ...(setAside === null
      ? []
      : [problem('The journal of an interrupted move is damaged, so none of its sessions was touched.', setAside)]),
    ...twofold.map((id) =>
      problem(`${id} is in two folders: a running Claude Code wrote to it while it was moved.`, configDir.projectsRoot),
    ),
    ...refused.map((why) => problem(`The journal of an interrupted move is wrong: ${why}.`, ownFolder(configDir))),
  ];
}
