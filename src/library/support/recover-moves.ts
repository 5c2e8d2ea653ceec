import { ownFolder } from '../../retention/lock.js';
import { recoverMoves, type RecoveredMove } from '../../sessions/move/move.js';
import { fileProblem, type Problem } from '../../system/problem.js';
import { runInTurn } from './turns.js';
import { reportProblems, type LibraryContext } from '../context.js';

/**
 * Finishes or rolls back interrupted moves before anything else is changed; passes those that could not be recovered to
 * `onProblem` and returns them. Rejects as `recoverMoves`.
 */
export async function recoverMovesFirst(context: LibraryContext): Promise<Problem[]> {
  const problems = (await recoverMoves(context)).flatMap(problemsOf);
  reportProblems(problems, context);
  return problems;
}

/**
 * Runs a change as `runInTurn`, after interrupted moves were recovered; `change` gets those that could not be. Rejects
 * as `recoverMoves`.
 */
export function runAfterRecovery<T>(
  context: LibraryContext,
  change: (problems: readonly Problem[]) => Promise<T>,
): Promise<T> {
  return runInTurn(async () => change(await recoverMovesFirst(context)));
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
