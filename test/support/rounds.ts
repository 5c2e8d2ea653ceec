/**
 * Returns how often a test repeats something: `count` times, times `CCSESS_TEST_ROUNDS` if that is set. The counts in
 * the tests are small enough for a busy machine; `CCSESS_TEST_ROUNDS=10` searches longer, without a time limit.
 */
export function rounds(count: number): number {
  return Math.ceil(count * factor());
}

/** Milliseconds after which a test counts as hung: far more than any takes on a busy machine. */
export function hungAfterMs(): number {
  return 600_000 * Math.max(1, factor());
}

function factor(): number {
  const set = Number(process.env['CCSESS_TEST_ROUNDS'] ?? 1);
  if (!(set > 0)) throw new Error('CCSESS_TEST_ROUNDS is not a number above 0');
  return set;
}
