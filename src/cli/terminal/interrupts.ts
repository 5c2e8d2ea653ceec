/**
 * Leaves Ctrl-C to a child process on the same terminal, which gets it too: until the returned function is called,
 * SIGINT does not end this process.
 */
export function leaveInterruptsToChild(): () => void {
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  return () => void process.off('SIGINT', ignore);
}
