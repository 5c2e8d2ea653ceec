import { writeTitleSidecar } from '../../claude/write-sidecars.js';
import type { Workplace } from '../../claude/workplace.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { titleEntries } from '../../transcript/title-entries.js';
import { amendSession, unwritable, type Amending } from './amend.js';
import { checkTitle } from './title.js';

/**
 * Gives a session a title, or takes its given title away (`null`), as Claude Code's `/rename` does: both entries in one
 * write, then the sidecar. Returns the title as written. Throws as `checkTitle` and `amendSession`; and IO if only the
 * sidecar could not be written, which Claude Code needs where much is written after the title.
 */
export function renameSession(
  row: SessionRow,
  title: string | null,
  options: Amending,
  workplace: Workplace,
): string | null {
  const text = title === null ? null : checkTitle(title);
  amendSession(row, titleEntries(row.file.id, text), options, workplace);
  if (options.dryRun === true) return text;
  try {
    writeTitleSidecar(row.file, text);
  } catch (error) {
    throw unwritable(
      `session ${row.file.id} has its new title, but Claude Code may miss it in a long transcript: its custom-title.json`,
      error,
    );
  }
  return text;
}
