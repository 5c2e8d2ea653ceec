let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a change after those that this process began before, whatever became of them: the lock of a config dir is one of
 * processes, so that two changes of one process would refuse each other. Not to be nested.
 */
export function inTurn<T>(change: () => Promise<T>): Promise<T> {
  const turn = last.then(change);
  last = turn.catch(() => null);
  return turn;
}
