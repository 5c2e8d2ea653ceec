import { findTranscripts } from '../../claude/scan/find-transcript.js';
import type { TranscriptFile } from '../../claude/model.js';
import type { Workplace } from '../../claude/workplace.js';
import { writeArchivedSidecar } from '../../claude/write-sidecars.js';
import { goneSession, unwritable } from './amend.js';
import { writeSidecarOf } from './sidecar.js';

/** Who set the mark; the Agent SDK writes `sdk` and does not mind others. */
const BY = 'ccsess';

/**
 * Marks a session as archived, or as not, in every project dir that holds its id, as the Agent SDK does. The transcript
 * is not touched; the next prompt of a person takes an archived session out again. Safe while it is live. Throws
 * NOT_FOUND if it is gone, IO if the mark cannot be written.
 */
export function setArchived({ id, configDir }: TranscriptFile, archived: boolean, { now }: Workplace): void {
  const copies = findTranscripts([configDir], id);
  if (copies.length === 0) throw goneSession(id);
  const mark = { archived, at: new Date(now()).toISOString(), by: BY };
  for (const path of copies) {
    try {
      const file = { id, path, configDir };
      writeSidecarOf(file, 'archived.json', (transcript) => writeArchivedSidecar(transcript, mark));
    } catch (error) {
      throw unwritable(
        `session ${id} was not ${archived ? 'archived' : 'unarchived'}: the archived.json next to ${path}`,
        error,
      );
    }
  }
}
