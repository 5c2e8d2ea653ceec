const LONGEST = 200;
/** Longest part of a prompt that is made a title, in code points. */
const MAX_PROMPT_TITLE = 60;

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

/** Returns a prompt as a title: up to 60 code points, cut between words where that keeps most of it. */
export function promptAsTitle(prompt: string): string {
  const characters = [...prompt];
  if (characters.length <= MAX_PROMPT_TITLE) return prompt;
  const cut = characters.slice(0, MAX_PROMPT_TITLE - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${(space > cut.length / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
