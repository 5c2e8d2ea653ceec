import type { SessionRecord } from '../../session-index/record.js';
import type { Context } from '../context.js';
import { formatAge } from './text/age.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { oneLine } from './text/sanitize.js';

const MAX_TITLE = 40;

/** A session that can be reopened. */
export interface Reopenable {
  record: SessionRecord;
  shortId: string;
  /** The process that held it. */
  pid: number;
  updatedAtMs: number;
  /** As `CrashedSession.isBeforeBoot`. */
  isBeforeBoot: boolean | null;
  /** The shell command that resumes it; null if its folder is gone and it has no messages. */
  command: string | null;
}

/** Returns a session as a choice: `3f2a91c0  2h  ~/code/ccsess  Fix prune race · before this boot`. */
export function reopenLabel(
  { record, shortId, updatedAtMs, isBeforeBoot }: Reopenable,
  { home, now }: Context,
): string {
  const folder = record.cwd === null ? '' : shortPath(record.cwd, home);
  const title = [...oneLine(record.title ?? '')];
  const shown = title.length <= MAX_TITLE ? title.join('') : `${title.slice(0, MAX_TITLE - 1).join('')}…`;
  const age = formatAge(updatedAtMs, now());
  return [shortId, age.padEnd(4), folder, shown + (isBeforeBoot === true ? ' · before this boot' : '')]
    .filter((part) => part !== '')
    .join('  ');
}

/** Returns the sessions as lines for pipes: id, time, `before-boot` or nothing, process, folder, title. */
export function reopenLines(sessions: readonly Reopenable[]): string[] {
  return sessions.map(({ record, pid, updatedAtMs, isBeforeBoot }) =>
    tabbed([
      record.id,
      new Date(updatedAtMs).toISOString(),
      isBeforeBoot === true ? 'before-boot' : '',
      pid,
      record.cwd ?? '',
      record.title ?? '',
    ]),
  );
}

/** Returns the JSON of `reopen` (docs/schema/reopen.schema.json). */
export function reopenedJson(sessions: readonly Reopenable[]): object {
  return {
    schemaVersion: 1,
    sessions: sessions.map(({ record, pid, updatedAtMs, isBeforeBoot, command }) => ({
      session: record,
      pid,
      updatedAt: new Date(updatedAtMs).toISOString(),
      isBeforeBoot,
      command,
    })),
  };
}
