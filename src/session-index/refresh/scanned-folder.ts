import type { NewFolder, UnchangedFolder, TranscriptFile } from '../../claude/model.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';

/** A project dir as the scan found it: listed anew, or as the index knows it. */
export type ScannedFolder = NewFolder | UnchangedFolder<StoredFolder>;

/** Positions of the transcripts whose side folder has a name. */
export function sidesWith(transcripts: readonly TranscriptFile[], name: string): number[] {
  return transcripts.flatMap(({ sideEntries }, at) => (sideEntries.includes(name) ? [at] : []));
}
