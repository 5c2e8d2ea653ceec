import type { Continuation } from '../../retention/keep/continuation.js';
import type { Renewal } from '../../retention/keep/keep-times.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { formatDay } from './text/age.js';
import { counted } from './text/number.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';
import { cutEnd } from './text/width.js';

const MAX_TITLE = 60;

/** Names a session in a sentence: `3f2a91c0 Fix prune race`, with the title quoted if it is only the first prompt. */
export type NameOf = (record: SessionRecord) => string;

/** Returns a function that names sessions by an id prefix of the length that `lengthOf` returns. */
export function namesBy(lengthOf: (id: string) => number): NameOf {
  return ({ id, title, titleSource }) => {
    const text = cutEnd(oneLine(title ?? ''), MAX_TITLE);
    const shown = text === '' ? '(no title)' : titleSource === 'prompt' ? `“${text}”` : text;
    return `${id.slice(0, lengthOf(id))} ${shown}`;
  };
}

/** Returns `Pins renewed: 3.` and how long that lasts. */
export function pinsRenewed(renewals: readonly Renewal[], dryRun: boolean): string {
  return `Pins ${dryRun ? 'to renew' : 'renewed'}: ${renewals.length}. ${keptUntil(renewals)}`;
}

/** Returns until when new times keep sessions: `Claude Code's cleanup keeps it until Tue 8 Dec 2026.` */
export function keptUntil(renewals: readonly Renewal[]): string {
  const times = renewals.map(({ safeUntilMs }) => safeUntilMs).filter((ms) => ms !== null);
  if (times.length === 0) return "Claude Code's cleanup deletes nothing of that for now.";
  return (
    `Claude Code's cleanup keeps ${renewals.length === 1 ? 'it' : 'them'} until ` +
    `${formatDay(times.reduce((first, time) => Math.min(first, time)))}.`
  );
}

/** Returns a sentence about a session that was or would be protected. */
export function protectedLine(name: string, { renewed, safeUntilMs }: Renewal, dryRun: boolean): string {
  const until = safeUntilMs === null ? '' : ` until ${formatDay(safeUntilMs)}`;
  if (renewed === 0) return `${name}: already safe${until}.`;
  return `${dryRun ? 'Would protect' : 'Protected'} ${name}${until}: ${counted(renewed, 'newer file time')}.`;
}

/**
 * Returns lines about folders in which `claude -c` now resumes another session than before; one line if both of its
 * forms agree.
 */
export function continuationLines(
  continued: readonly Continuation[],
  home: string,
  nameOf: (row: SessionRow) => string,
): string[] {
  const lines = continued.map(({ command, cwd, before, after }) => {
    const folder = cwd === null ? after.file.projectDir : shortPath(cwd, home);
    return { command, text: `in ${folder} now opens ${nameOf(after)}, not ${nameOf(before)}.` };
  });
  return [...new Set(lines.map(({ text }) => text))].map((text) => {
    const commands = lines.filter((line) => line.text === text).map(({ command }) => command);
    return `${commands.join(' and ')} ${text}`;
  });
}
