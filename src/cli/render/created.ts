import { quoted } from '../../grammar/quoted.js';
import type { Screen } from './text/screen.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';

const SHORT_ID = 8;

/** Facts about a session that was created, would be created, or existed already. */
export interface SessionReport {
  /** Null while it is not known, as are the paths that contain it. */
  id: string | null;
  title: string | null;
  cwd: string | null;
  transcript: string | null;
}

/** Origin of the session; `found` if it existed already. */
export type Origin = 'created' | 'planned' | 'found';

/**
 * Returns the lines about a session: its folder, id and file, and how to resume it. With `isNamesake`, another session
 * of the project has the same title.
 */
export function createdLines(
  report: SessionReport,
  { origin, isNamesake }: { origin: Origin; isNamesake: boolean },
  from: Pick<Screen, 'home' | 'invocation'>,
): string[] {
  const { title, cwd } = report;
  const name = title === null ? 'a session' : `"${oneLine(title)}"`;
  const inFolder = cwd === null ? '' : ` in ${shortPath(cwd, from.home)}`;
  const heading = {
    created: `Created ${name}${inFolder}`,
    planned: `Would create ${name}${inFolder}`,
    found: `Already exists: ${name}${inFolder}`,
  }[origin];
  const by = title === null || isNamesake ? (report.id ?? '') : quoted(oneLine(title));
  return newSessionLines(
    heading,
    report,
    origin === 'planned' ? null : `or, in that folder: claude --resume ${by}`,
    from,
  );
}

/** Returns the lines about a new fork, with the commands that resume it unless it is only planned. */
export function forkedLines(
  heading: string,
  report: SessionReport,
  isPlanned: boolean,
  from: Pick<Screen, 'home' | 'invocation'>,
): string[] {
  const { id, title } = report;
  const byClaude =
    title === null
      ? `or: claude --resume ${id ?? ''}`
      : `or, in that folder: claude --resume ${quoted(oneLine(title))}`;
  return newSessionLines(heading, report, isPlanned ? null : byClaude, from);
}

/** Returns a heading, the id and the file of a new session, and how to resume it if it exists. */
function newSessionLines(
  heading: string,
  { id, transcript }: SessionReport,
  byClaude: string | null,
  { home, invocation }: Pick<Screen, 'home' | 'invocation'>,
): string[] {
  if (id === null || transcript === null) return [heading];
  const facts = [heading, `  id    ${id}`, `  file  ${shortPath(transcript, home)}`];
  if (byClaude === null) return facts;
  // If flags name the config dir, Claude Code would look for the session in another one.
  const alternative = invocation === 'ccsess' ? `      ${byClaude}` : '';
  return [...facts, `Next: ${invocation} resume ${id.slice(0, SHORT_ID)}${alternative}`];
}
