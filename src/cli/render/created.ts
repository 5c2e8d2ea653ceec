import { quoted } from '../../grammar/quoted.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';

const SHORT_ID = 8;

/** What a person is told of a session that was made, that would be, or that was there already. */
export interface Told {
  /** Null, as is what follows from it, while it is not known. */
  id: string | null;
  title: string | null;
  cwd: string | null;
  transcript: string | null;
}

/** How it came about. */
export type Came = 'created' | 'planned' | 'found';

/** The lines that say so: what and where, its id and file, and how to go on with it. */
export function createdLines(told: Told, came: Came, home: string): string[] {
  const { title, cwd } = told;
  const name = title === null ? 'a session' : `"${oneLine(title)}"`;
  const place = cwd === null ? '' : ` in ${shortPath(cwd, home)}`;
  const heading = {
    created: `Created ${name}${place}`,
    planned: `Would create ${name}${place}`,
    found: `There already: ${name}${place}`,
  }[came];
  return newSessionLines(heading, told, came !== 'planned', home);
}

/** A heading, the id and the file of a new session; if it is there, how to go on with it. */
export function newSessionLines(
  heading: string,
  { id, title, transcript }: Told,
  isThere: boolean,
  home: string,
): string[] {
  if (id === null || transcript === null) return [heading];
  const facts = [heading, `  id    ${id}`, `  file  ${shortPath(transcript, home)}`];
  if (!isThere) return facts;
  const byClaude =
    title === null ? `or: claude --resume ${id}` : `or, in that folder: claude --resume ${quoted(oneLine(title))}`;
  return [...facts, `Go on: ccsess resume ${id.slice(0, SHORT_ID)}      ${byClaude}`];
}
