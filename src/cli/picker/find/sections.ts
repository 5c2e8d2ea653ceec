import { isAsking } from '../../render/live-text.js';
import type { Entry } from './entry.js';

/** A part of the list with a heading. */
export interface Section {
  heading: string;
  entries: Entry[];
}

const HEADINGS = ['Waiting for you', 'Live', 'Pinned', 'Recent'] as const;
/** States in which Claude Code does nothing before a person answers (docs/storage.md, "Is a session in use"). */
const WAITING = new Set(['waiting', 'idle']);

/** Returns true for a live session that waits for a prompt, an answer or a permission. */
export function isWaiting({ row }: Entry): boolean {
  return row.live !== null && row.live.pid !== null && WAITING.has(row.live.status);
}

/**
 * Divides the list: sessions that wait for a person (those with a question first), other live ones, pinned ones, the
 * rest. Empty parts are left out.
 */
export function sectionsOf(entries: readonly Entry[]): Section[] {
  const asking: Entry[] = [];
  const parts: Entry[][] = HEADINGS.map(() => []);
  for (const entry of entries) {
    const { live, pinned } = entry.row;
    const part = live === null ? (pinned ? 2 : 3) : isWaiting(entry) ? 0 : 1;
    if (part === 0 && isAsking(live)) asking.push(entry);
    else parts[part]?.push(entry);
  }
  // A session that cannot continue without an answer comes before one whose turn has ended.
  parts[0]?.unshift(...asking);
  const sections = HEADINGS.map((heading, at) => ({ heading, entries: parts[at] ?? [] }));
  return sections.filter((section) => section.entries.length > 0);
}
