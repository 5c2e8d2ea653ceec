let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a change after the earlier changes of this process, whether they succeeded or not: two of them would refuse each
 * other, because the lock of a config dir belongs to the process. Must not be nested.
 */
export function runInTurn<T>(change: () => Promise<T>): Promise<T> {
  const turn = last.then(change);
  last = turn.catch(() => null);
  return turn;
}
