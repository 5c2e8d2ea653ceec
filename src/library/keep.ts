import { parseFutureTime } from '../grammar/age.js';
import { forecast as forecastCleanup, type Forecast } from '../retention/keep/forecast.js';
import { renewTimes, requireRenewable } from '../retention/keep/keep-times.js';
import { option } from '../system/phrase.js';
import { checkOptions, momentText, type WrittenMoment } from './support/options.js';
import { sessionsNamed, contextFor, type NamedSessions } from './session.js';
import { LIBRARY_OPTIONS, openIndex, reportProblems, contextOf, type LibraryOptions } from './context.js';
import { isoTime } from '../system/time.js';

/** Result of protecting a session from Claude Code's cleanup. */
export interface Protected {
  id: string;
  /** Absolute path of its transcript. */
  path: string;
  /** Number of files and folders whose times were renewed. */
  renewed: number;
  /** When the cleanup may delete the first file of the session, ISO 8601; null if it never does. */
  safeUntil: string | null;
}

/**
 * Resolves to the sessions that Claude Code's cleanup will delete, with the times, up to a time: an age ahead (`7d`,
 * the default) or a date.
 */
export async function forecast(options: LibraryOptions & { within?: WrittenMoment } = {}): Promise<Forecast> {
  checkOptions(options, { ...LIBRARY_OPTIONS, within: 'other' });
  const context = contextOf(options);
  const within = momentText(options.within ?? '7d', 'within');
  const untilMs = await parseFutureTime(within, context.now(), option('within'));
  return forecastCleanup(await openIndex(context), untilMs, context);
}

/**
 * Renews the file times of sessions, so that Claude Code's cleanup keeps them for half a cleanup period; with `dryRun`
 * nothing is changed. Rejects, before anything is changed, with NOT_FOUND or AMBIGUOUS for a name, and with IO for a
 * session that is reached through a link.
 */
export async function protect(
  sessions: NamedSessions,
  options: LibraryOptions & { dryRun?: boolean } = {},
): Promise<Protected[]> {
  checkOptions(options, { ...LIBRARY_OPTIONS, dryRun: 'boolean' });
  const context = contextFor(sessions, options);
  const dryRun = options.dryRun === true;
  const index = await openIndex(context, { readOnly: dryRun });
  const rows = await sessionsNamed(index, sessions, context);
  for (const { file } of rows) requireRenewable(file);
  const { sessions: renewals, problems } = renewTimes(rows, index, context, { dryRun });
  reportProblems(problems, context);
  return renewals.map(({ row, renewed, safeUntilMs }) => ({
    id: row.file.id,
    path: row.file.path,
    renewed,
    safeUntil: isoTime(safeUntilMs),
  }));
}
