import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';

const MAX_TITLE_LENGTH = 200;
/** Maximum length of a title made from a prompt, in code points. */
const MAX_PROMPT_TITLE = 60;

/** Titles that a fork must not have, in lower case. */
export type TakenTitles = Pick<ReadonlySet<string>, 'has'>;

/**
 * Returns the titles, given or generated, of the sessions that pass `isAmong`: Claude Code resumes by title among the
 * sessions of one project. `has` reads only sessions that may have the title.
 */
export function titlesAmong(index: SessionIndex, isAmong: (row: SessionRow) => boolean): TakenTitles {
  return {
    has(title) {
      const rows = index.candidatesByTitle(title).filter(isAmong);
      return index.records(rows, { footprint: false }).some((record) => record.title?.toLowerCase() === title);
    },
  };
}

/**
 * Returns a title for a fork that no other session has: `Rate limiter (fork)`, `Rate limiter (fork 2)`, at most 200
 * code points. Titles are looked up in `taken` in lower case, since Claude Code ignores case when it resolves them.
 */
export function forkTitle(title: string, taken: TakenTitles): string {
  const base = title.replace(/ \(fork(?: \d+)?\)$/, '');
  for (let count = 1; ; count++) {
    const mark = count === 1 ? ' (fork)' : ` (fork ${count})`;
    const candidate = [...base].slice(0, MAX_TITLE_LENGTH - mark.length).join('') + mark;
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
