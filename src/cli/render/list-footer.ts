import type { Reserve } from '../../sessions/select/listing.js';
import { counted, grouped } from './text/number.js';
import { formatSize } from './text/size.js';
import { joinFitting } from './text/wrap.js';

/** How many sessions, and their bytes where those are known anyway. */
export interface Tally {
  sessions: number;
  bytes: number | null;
}

/** Figures that the lines below a list show. */
export interface FooterView {
  shown: number;
  listed: Tally;
  live: number;
  damaged: number;
  /** Listed sessions of the current folder; `null` where that is not worth a word. */
  here: number | null;
  reserve: Record<Reserve, Tally>;
  /** Listed sessions Claude Code's cleanup will take within 7 days. */
  expiring: number;
  /** The command to type next, where one follows from what is listed. */
  next: string | null;
  /** Resolved ages, as sentences. */
  resolved: readonly string[];
}

const WIDE_FROM = 70;

/**
 * The footer's lines, the empty one above it included: totals, what is not listed and how to list it, what is about to
 * go.
 */
export function footerLines(view: FooterView, width: number): string[] {
  const { shown, listed, live, damaged, here } = view;
  const wide = width >= WIDE_FROM;
  const reserve = reserveWords(view.reserve);
  const hasMore = shown < listed.sessions;
  const totals = [
    hasMore ? `${grouped(shown)} of ${counted(listed.sessions, 'session')}` : counted(listed.sessions, 'session'),
    ...(listed.bytes === null ? [] : [formatSize(listed.bytes)]),
    ...(wide && live > 0 ? [`${grouped(live)} live`] : []),
    ...(wide && damaged > 0 ? [`${grouped(damaged)} damaged`] : []),
    ...(wide && hasMore ? ['show all with -L 0'] : []),
    ...(wide && here !== null ? [`${grouped(here)} in this folder: -p .`] : []),
    ...(!wide && reserve !== '' ? [`${reserve}: -a`] : []),
  ];
  return [
    ...(wide ? [''] : []),
    ...joinFitting(totals, width),
    ...(wide && reserve !== '' ? joinFitting([`Not listed: ${reserve}`, 'show them with -a'], width) : []),
    ...(view.expiring > 0
      ? joinFitting(
          [`Claude Code's cleanup will delete ${counted(view.expiring, 'session')} within 7 days`, 'ccsess forecast'],
          width,
        )
      : []),
    ...view.resolved,
    ...(view.next === null ? [] : [`Next: ${view.next}`]),
  ];
}

function reserveWords({ headless, teammate, archived, notResumable }: Record<Reserve, Tally>): string {
  const parts: [Tally, string][] = [
    [headless, 'headless'],
    [teammate, teammate.sessions === 1 ? 'teammate' : 'teammates'],
    [archived, 'archived'],
    [notResumable, 'not resumable'],
  ];
  return parts
    .filter(([{ sessions }]) => sessions > 0)
    .map(
      ([{ sessions, bytes }, words]) =>
        `${grouped(sessions)} ${words}${bytes === null ? '' : ` (${formatSize(bytes)})`}`,
    )
    .join(', ');
}
