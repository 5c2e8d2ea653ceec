import { basename } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { call, phrase } from '../../system/phrase.js';
import type { TrashReading } from './read-trash.js';
import { runNameIn } from './trash-dir.js';
import type { TrashEntry } from './trash-entry.js';

/** The name of all sessions of the last run that moved anything. */
export const LAST_PRUNE = '@last-prune';

const MIN_PREFIX_LENGTH = 4;
const MAX_HINTS = 5;

/** The unique name of a trashed session, `<run>/<entry>`: the trash may hold several of one id. */
export function keyOf({ runFolder, session }: TrashEntry): string {
  return `${basename(runFolder)}/${session.entry}`;
}

/**
 * Returns the trashed sessions that a name means: all of the last run for `@last-prune` (none if nothing is left of
 * it), else the one with this id, key (`keyOf`), start of an id (4 characters or more) or title (any case). If it was
 * trashed several times, the last entry counts. The trash is as `inspectTrash` returns it. Throws NOT_FOUND, AMBIGUOUS
 * with the keys as hints, or IO if the last run cannot be read.
 */
export function findTrashed(trash: TrashReading, name: string): TrashEntry[] {
  const { entries } = trash;
  if (name === LAST_PRUNE) return entriesOfLastRun(trash);
  const wanted = name.toLowerCase();
  const withKey = entries.filter((entry) => keyOf(entry) === name);
  const withId = entries.filter(({ session }) => session.id.toLowerCase() === wanted);
  if (withKey.length > 0) return withKey.slice(0, 1);
  const isNamed = ({ session: { id, title } }: TrashEntry): boolean =>
    (wanted.length >= MIN_PREFIX_LENGTH && id.toLowerCase().startsWith(wanted)) || title?.toLowerCase() === wanted;
  const found = lastOfEach(withId.length > 0 ? withId : entries.filter(isNamed));
  if (found.length === 1) return found;
  if (found.length === 0) {
    const hint = name.startsWith('@')
      ? phrase`${call('restore', [LAST_PRUNE])}  (all that the last run moved)\n${call('listTrash')}`
      : phrase`${call('listTrash')}`;
    throw new CcsessError('NOT_FOUND', `no session '${name}' in the trash.`, { hint });
  }
  throw new CcsessError('AMBIGUOUS', `${found.length} sessions in the trash answer to '${name}'. Name one:`, {
    hint: found
      .slice(0, MAX_HINTS)
      .map((entry) => described(entry, new Set(found.map(({ session }) => session.configDir)).size > 1))
      .join('\n'),
  });
}

/** Length of the time in a run's name, in seconds: `2026-11-02T00-00-00Z`. */
const TIME_LENGTH = 20;

/** Throws IO if another run that may be the last cannot be read: an earlier one must not be taken for it. */
function entriesOfLastRun({ entries, problems }: TrashReading): TrashEntry[] {
  const last = runOf(entries[0]);
  const isLater = (run: string): boolean => run !== last && run.slice(0, TIME_LENGTH) >= last.slice(0, TIME_LENGTH);
  const hidden = problems.find(({ code, file }) => code === 'unreadable' && isLater(runNameIn(file)));
  if (hidden !== undefined)
    throw new CcsessError('IO', `the last run in the trash cannot be read: ${hidden.file}.`, {
      hint: phrase`sessions of earlier runs: ${call('listTrash')}`,
    });
  return entries.filter((entry) => runOf(entry) === last);
}

/** A run has a folder of the same name in the trash of each config dir. */
function runOf(entry: TrashEntry | undefined): string {
  return basename(entry?.runFolder ?? '');
}

function lastOfEach(entries: readonly TrashEntry[]): TrashEntry[] {
  const bySession = new Map<string, TrashEntry>();
  for (const entry of entries) {
    const { configDir, projectDir, id } = entry.session;
    const key = `${configDir}\0${projectDir}\0${id}`;
    if (!bySession.has(key)) bySession.set(key, entry);
  }
  return [...bySession.values()];
}

function described(entry: TrashEntry, withConfigDir: boolean): string {
  const { configDir, cwd, projectDir, title, trashedAt } = entry.session;
  const folder = (cwd ?? projectDir) + (withConfigDir ? ` [${configDir}]` : '');
  return [keyOf(entry), trashedAt, folder, title ?? ''].join('  ').trimEnd();
}
