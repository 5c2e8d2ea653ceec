import type { NewFolder, UnchangedFolder, TranscriptFile } from '../../claude/model.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';

/** A scanned project dir: one that was listed again, or one that is stored in the index. */
export type ScannedFolder = NewFolder | UnchangedFolder<StoredFolder>;

/** Positions of the transcripts whose side folder has a name. */
export function sidesWith(transcripts: readonly TranscriptFile[], name: string): number[] {
  return transcripts.flatMap(({ sideEntries }, at) => (sideEntries.includes(name) ? [at] : []));
}
