import { parseFutureTime } from '../grammar/age.js';
import { forecast as forecastCleanup, type Forecast } from '../retention/keep/forecast.js';
import { renewTimes, requireRenewable } from '../retention/keep/keep-times.js';
import { option } from '../system/phrase.js';
import { checkOptions, momentText, type WrittenMoment } from './support/options.js';
import { sessionsNamed, surroundingsFor, type NamedSessions } from './session.js';
import { LIBRARY_OPTIONS, openIndex, reportProblems, surroundingsOf, type LibraryOptions } from './surroundings.js';
import { isoTime } from '../system/time.js';

/** Result of protecting one session from Claude Code's cleanup. */
export interface Protected {
  id: string;
  /** Absolute path of its transcript. */
  path: string;
  /** Files and folders that got a newer time. */
  renewed: number;
  /** When that cleanup may delete the first part of it, ISO 8601; null if it deletes nothing of it. */
  safeUntil: string | null;
}

/**
 * The sessions that Claude Code's own cleanup will delete until then, with the times; `within` is an age ahead (`7d`,
 * the default) or a moment.
 */
export async function forecast(options: LibraryOptions & { within?: WrittenMoment } = {}): Promise<Forecast> {
  checkOptions(options, { ...LIBRARY_OPTIONS, within: true });
  const surroundings = surroundingsOf(options);
  const within = momentText(options.within ?? '7d', 'within');
  const untilMs = await parseFutureTime(within, surroundings.now(), option('within'));
  return forecastCleanup(await openIndex(surroundings), untilMs, surroundings);
}

/**
 * Renews the file times of sessions, so that Claude Code's cleanup passes them by for half a cleanup period; with
 * `dryRun` nothing is changed. Rejects as `getSession`, with NOT_FOUND for a name that no session has, and with IO,
 * before anything is changed, for a session that is reached through a link.
 */
export async function protect(
  sessions: NamedSessions,
  options: LibraryOptions & { dryRun?: boolean } = {},
): Promise<Protected[]> {
  checkOptions(options, { ...LIBRARY_OPTIONS, dryRun: true });
  const surroundings = surroundingsFor(sessions, options);
  const dryRun = options.dryRun === true;
  const index = await openIndex(surroundings, { readOnly: dryRun });
  const rows = await sessionsNamed(index, sessions, surroundings);
  for (const { file } of rows) requireRenewable(file);
  const { sessions: renewals, problems } = renewTimes(rows, index, surroundings, { dryRun });
  reportProblems(problems, surroundings);
  return renewals.map(({ row, renewed, safeUntilMs }) => ({
    id: row.file.id,
    path: row.file.path,
    renewed,
    safeUntil: isoTime(safeUntilMs),
  }));
}
