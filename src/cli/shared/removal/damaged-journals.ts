import { dirname } from 'node:path';
import { findTranscripts } from '../../../claude/scan/find-transcript.js';
import { journalsAside, sessionsNamedIn } from '../../../sessions/move/journal.js';
import type { Context } from '../../context.js';
import { counted } from '../../render/text/number.js';
import { shortPath } from '../../render/text/path.js';
import { sanitize } from '../../render/text/sanitize.js';

/**
 * Returns lines about damaged journals that were set aside: the sessions each names and their current folders, so that
 * a person can check whether one is half moved.
 */
export function damagedJournalLines({ configDirs, home }: Pick<Context, 'configDirs' | 'home'>): string[] {
  return configDirs.flatMap((configDir) =>
    journalsAside(configDir).flatMap((journal) => {
      const ids = sessionsNamedIn(journal);
      const rows = ids.map((id) => {
        const folders = findTranscripts([configDir], id).map((path) => shortPath(dirname(path), home));
        return `  ${id}  ${folders.length === 0 ? 'has no transcript' : `in ${folders.join(' and in ')}`}`;
      });
      return [
        `A damaged journal of a move is kept as ${shortPath(journal, home)}.`,
        ids.length === 0 ? 'It names no session.' : `It names ${counted(ids.length, 'session')}:`,
        ...rows,
        'Delete it once each session is in one folder, with what belongs to it.',
      ].map((text) => sanitize(text));
    }),
  );
}
