import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { isOwnTranscript } from '../../claude/layout.js';
import type { TranscriptFile } from '../../claude/model.js';
import type { Environment } from '../../claude/environment.js';
import { writeArchivedSidecar } from '../../claude/write-sidecars.js';
import { sessionGoneError, isGone, requireUnlinkedTranscript, unwritable } from './amend.js';
import { writeSidecarOf } from './sidecar.js';

/** Author of the sidecar; the Agent SDK writes `sdk` and accepts others. */
const BY = 'ccsess';

/**
 * Marks a session as archived or not archived, in every project dir that contains its id and is not a link, as the
 * Agent SDK does. The transcript is not touched; the next prompt that a person types unarchives the session. Safe while
 * it is live. Throws NOT_FOUND if it is gone, IO if the sidecar cannot be written without following a link.
 */
export function setArchived(file: TranscriptFile, archived: boolean, { now }: Environment): void {
  const { id, configDir } = file;
  const copies = findTranscripts([configDir], id);
  if (copies.length === 0) throw sessionGoneError(id);
  const undone = `session ${id} was not ${archived ? 'archived' : 'unarchived'}: the archived.json next to`;
  if (!isGone(file.path)) requireUnlinkedTranscript(file, `${undone} ${file.path}`);
  const mark = { archived, at: new Date(now()).toISOString(), by: BY };
  for (const path of markedTranscripts(file, copies)) {
    try {
      const copy = { id, path, configDir };
      writeSidecarOf(copy, 'archived.json', (transcript) => writeArchivedSidecar(transcript, mark));
    } catch (error) {
      throw unwritable(`${undone} ${path}`, error);
    }
  }
}

/**
 * Returns the transcripts whose session is marked: the given one, even if found through a link, and copies that are not
 * links.
 */
function markedTranscripts({ path }: TranscriptFile, copies: readonly string[]): string[] {
  const others = copies.filter((copy) => copy !== path && isOwnTranscript({ path: copy }));
  return isGone(path) ? others : [path, ...others];
}
