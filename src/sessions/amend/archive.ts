import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { isOwnTranscript } from '../../claude/layout.js';
import type { TranscriptFile } from '../../claude/model.js';
import type { Workplace } from '../../claude/workplace.js';
import { writeArchivedSidecar } from '../../claude/write-sidecars.js';
import { goneSession, isGone, requireOwnPlace, unwritable } from './amend.js';
import { writeSidecarOf } from './sidecar.js';

/** Who set the mark; the Agent SDK writes `sdk` and does not mind others. */
const BY = 'ccsess';

/**
 * Marks a session as archived, or as not, in every project dir that holds its id and is not a link, as the Agent SDK
 * does. The transcript is not touched; the next prompt of a person takes an archived session out again. Safe while it
 * is live. Throws NOT_FOUND if it is gone, IO if the mark cannot be written, or only through a link.
 */
export function setArchived(file: TranscriptFile, archived: boolean, { now }: Workplace): void {
  const { id, configDir } = file;
  const copies = findTranscripts([configDir], id);
  if (copies.length === 0) throw goneSession(id);
  const undone = `session ${id} was not ${archived ? 'archived' : 'unarchived'}: the archived.json next to`;
  if (!isGone(file.path)) requireOwnPlace(file, `${undone} ${file.path}`);
  const mark = { archived, at: new Date(now()).toISOString(), by: BY };
  for (const path of placesOf(file, copies)) {
    try {
      const copy = { id, path, configDir };
      writeSidecarOf(copy, 'archived.json', (transcript) => writeArchivedSidecar(transcript, mark));
    } catch (error) {
      throw unwritable(`${undone} ${path}`, error);
    }
  }
}

/** The session itself, and its copies that no link leads to; it may have been found through one. */
function placesOf({ path }: TranscriptFile, copies: readonly string[]): string[] {
  const others = copies.filter((copy) => copy !== path && isOwnTranscript({ path: copy }));
  return isGone(path) ? others : [path, ...others];
}
