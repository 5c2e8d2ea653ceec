import type { HiddenReason } from '../../sessions/select/listing.js';
import { counted, grouped } from './text/number.js';
import { formatSize } from './text/size.js';
import type { Screen } from './text/screen.js';
import { joinFitting } from './text/wrap.js';

/** Number of sessions, and their bytes if known without further reading. */
export interface Tally {
  sessions: number;
  bytes: number | null;
}

/** Values shown below a list. */
export interface FooterView {
  shown: number;
  listed: Tally;
  live: number;
  damaged: number;
  /** Number of listed sessions of the current folder; null if it need not be mentioned. */
  here: number | null;
  hidden: Record<HiddenReason, Tally>;
  /** Number of listed sessions that Claude Code's cleanup will delete within 7 days. */
  expiring: number;
  /** The next command to type, if the list suggests one. */
  next: string | null;
  /** Resolved ages, as sentences. */
  resolved: readonly string[];
}

const WIDE_FROM = 70;

/** Returns the lines of the footer: totals, how to list hidden sessions, and sessions that will soon be deleted. */
export function footerLines(view: FooterView, { width, invocation }: Pick<Screen, 'width' | 'invocation'>): string[] {
  const { shown, listed, live, damaged, here } = view;
  const wide = width >= WIDE_FROM;
  const hidden = hiddenWords(view.hidden);
  const hasMore = shown < listed.sessions;
  const totals = [
    hasMore ? `${grouped(shown)} of ${counted(listed.sessions, 'session')}` : counted(listed.sessions, 'session'),
    ...(listed.bytes === null ? [] : [formatSize(listed.bytes)]),
    ...(wide && live > 0 ? [`${grouped(live)} live`] : []),
    ...(wide && damaged > 0 ? [`${grouped(damaged)} damaged`] : []),
    ...(wide && hasMore ? ['show all with -L 0'] : []),
    ...(wide && here !== null ? [`${grouped(here)} in this folder: -p .`] : []),
    ...(!wide && hidden !== '' ? [`${hidden}: -a`] : []),
  ];
  return [
    ...(wide ? [''] : []),
    ...joinFitting(totals, width),
    ...(wide && hidden !== '' ? joinFitting([`Not listed: ${hidden}`, 'show them with -a'], width) : []),
    ...(view.expiring > 0
      ? joinFitting(
          [
            `Claude Code's cleanup will delete ${counted(view.expiring, 'session')} within 7 days`,
            `${invocation} forecast`,
          ],
          width,
        )
      : []),
    ...view.resolved,
    ...(view.next === null ? [] : [`Next: ${view.next}`]),
  ];
}

function hiddenWords({ headless, teammate, archived, notResumable }: Record<HiddenReason, Tally>): string {
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
