const LONGEST = 200;

/**
 * A title for a fork that distinguishes it from its parent and from every other session: `Rate limiter (fork)`, `(fork
 * 2)` …
 * `taken` are titles in lower case, since Claude Code resolves them in any case. At most 200 code points.
 */
export function forkTitle(title: string, taken: ReadonlySet<string>): string {
  const base = title.replace(/ \(fork(?: \d+)?\)$/, '');
  for (let count = 1; ; count++) {
    const mark = count === 1 ? ' (fork)' : ` (fork ${count})`;
    const candidate = [...base].slice(0, LONGEST - mark.length).join('') + mark;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}
