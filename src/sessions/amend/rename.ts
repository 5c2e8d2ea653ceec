import { requireOwnTranscript, sideFolderOf } from '../../claude/layout.js';
import { removeTitleSidecar, writeTitleSidecar } from '../../claude/write-sidecars.js';
import { requirePlainFolder } from '../../system/safe-path.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { titleEntries } from '../../transcript/title-entries.js';
import { amendSession, unwritable, type ChangeOptions } from './amend.js';
import { writeSidecarOf } from './sidecar.js';
import { checkTitle } from './title.js';

/**
 * Gives a session a title, or removes the given one (`null`), as Claude Code's `/rename` does: both entries in one
 * write, then the sidecar. Resolves to the title as written. Rejects as `checkTitle` and `amendSession` and with IO if
 * its side folder is a link, or if only the sidecar could not be written.
 */
export async function renameSession(
  row: SessionRow,
  title: string | null,
  options: ChangeOptions,
  environment: Environment,
): Promise<string | null> {
  const text = title === null ? null : checkTitle(title);
  requireOwnSideFolder(row);
  await amendSession(row, titleEntries(row.file.id, text), options, environment);
  if (options.dryRun === true) return text;
  try {
    writeSidecarOf(row.file, 'custom-title.json', (transcript) => {
      if (text === null) removeTitleSidecar(transcript);
      else writeTitleSidecar(transcript, { title: text, by: 'user', atMs: environment.now() });
    });
  } catch (error) {
    throw unwritable(
      `session ${row.file.id} has its new title, but Claude Code may miss it in a long transcript: its ` +
        'custom-title.json',
      error,
    );
  }
  return text;
}

/**
 * Throws IO for a linked side folder before anything is written: the sidecar would be outside, where no scan finds it.
 */
function requireOwnSideFolder({ file }: SessionRow): void {
  try {
    requireOwnTranscript(file);
    requirePlainFolder(sideFolderOf(file));
  } catch (error) {
    throw unwritable(`session ${file.id} was not renamed: its custom-title.json`, error);
  }
}
