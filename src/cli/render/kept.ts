import type { Continuation } from '../../retention/continuation.js';
import type { Renewal } from '../../retention/keep-times.js';
import type { SessionRecord } from '../../session-index/record.js';
import { formatDay } from './age.js';
import { counted } from './number.js';
import { shortPath } from './path.js';
import { oneLine } from './sanitize.js';

const SHORT_ID = 8;

/** A session in a sentence: `3f2a91c0 Fix prune race`, its title quoted if it is only the first prompt. */
export function named({ id, title, titleSource }: Pick<SessionRecord, 'id' | 'title' | 'titleSource'>): string {
  const text = oneLine(title ?? '');
  return `${id.slice(0, SHORT_ID)} ${text === '' ? '(no title)' : titleSource === 'prompt' ? `“${text}”` : text}`;
}

/** What new times mean for how long sessions stay: `Claude Code's cleanup leaves it until Tue 8 Dec 2026.` */
export function keptUntil(renewals: readonly Renewal[]): string {
  const times = renewals.map(({ safeUntilMs }) => safeUntilMs).filter((ms) => ms !== null);
  if (times.length === 0) return "Claude Code's cleanup is off: its settings are not valid.";
  return `Claude Code's cleanup leaves ${renewals.length === 1 ? 'it' : 'them'} until ${formatDay(Math.min(...times))}.`;
}

/** `Pins renewed: 3.` and until when that lasts. */
export function pinsRenewed(renewals: readonly Renewal[], dryRun: boolean): string {
  return `Pins ${dryRun ? 'to renew' : 'renewed'}: ${renewals.length}. ${keptUntil(renewals)}`;
}

/** One session that was protected, or would be. */
export function protectedLine(record: SessionRecord, { renewed, safeUntilMs }: Renewal, dryRun: boolean): string {
  const until = safeUntilMs === null ? '' : ` until ${formatDay(safeUntilMs)}`;
  if (renewed === 0) return `${named(record)}: safe${until} as it is.`;
  return `${dryRun ? 'Would protect' : 'Protected'} ${named(record)}${until}: ${counted(renewed, 'newer file time')}.`;
}

/** Where `claude -c` goes on with another session than before; of the two ways to say it, one line where both agree. */
export function continuationLines(continued: readonly Continuation[], home: string, titleOf: (id: string) => string): string[] {
  const lines = continued.map(({ command, cwd, before, after }) => {
    const folder = cwd === null ? after.file.projectDir : shortPath(cwd, home);
    return { command, text: `in ${folder} now opens ${titleOf(after.file.id)}, not ${titleOf(before.file.id)}.` };
  });
  return [...new Set(lines.map(({ text }) => text))].map((text) => {
    const commands = lines.filter((line) => line.text === text).map(({ command }) => command);
    return `${commands.join(' and ')} ${text}`;
  });
}
