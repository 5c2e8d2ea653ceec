import { basename } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { call, phrase } from '../../system/phrase.js';
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
 * trashed several times, the last entry counts. `entries` are as `readTrash` returns them. Throws NOT_FOUND, or
 * AMBIGUOUS with the keys as hints.
 */
export function findTrashed(entries: readonly TrashEntry[], name: string): TrashEntry[] {
  if (name === LAST_PRUNE) return entries.filter((entry) => runOf(entry) === runOf(entries[0]));
  const wanted = name.toLowerCase();
  const withKey = entries.filter((entry) => keyOf(entry) === name);
  const withId = entries.filter(({ session }) => session.id.toLowerCase() === wanted);
  if (withKey.length > 0) return withKey.slice(0, 1);
  const isNamed = ({ session: { id, title } }: TrashEntry): boolean =>
    (wanted.length >= MIN_PREFIX_LENGTH && id.toLowerCase().startsWith(wanted)) || title?.toLowerCase() === wanted;
  const found = lastOfEach(withId.length > 0 ? withId : entries.filter(isNamed));
  if (found.length === 1) return found;
  if (found.length === 0)
    throw new CcsessError('NOT_FOUND', `no session '${name}' in the trash.`, { hint: phrase`${call('listTrash')}` });
  throw new CcsessError('AMBIGUOUS', `${found.length} sessions in the trash answer to '${name}'. Name one:`, {
    hint: found
      .slice(0, MAX_HINTS)
      .map((entry) => described(entry, new Set(found.map(({ session }) => session.configDir)).size > 1))
      .join('\n'),
  });
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
