import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sideFolderOf } from '../../claude/layout.js';
import type { TranscriptFile } from '../../claude/model.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { isGone } from './amend.js';

/** Maximum number of moves of one session that a write follows. */
const MAX_MOVES = 3;

/**
 * Writes a file into the side folder of a session, and follows the session if a `move` takes it elsewhere meanwhile; no
 * side folder is left at its old path. Stops if the session is gone. Throws as `write`.
 */
export function writeSidecarOf(
  { id, path, configDir }: Pick<TranscriptFile, 'id' | 'path' | 'configDir'>,
  name: string,
  write: (transcript: { path: string }) => void,
): void {
  let at: string | undefined = path;
  for (let moves = 0; at !== undefined && moves <= MAX_MOVES; moves++) {
    const transcript = { path: at };
    try {
      write(transcript);
    } catch (error) {
      if (!isGone(at)) throw error;
    }
    if (!isGone(at)) return;
    removeLeftover(sideFolderOf(transcript), name);
    at = findTranscripts([configDir], id)[0];
  }
}

function removeLeftover(folder: string, name: string): void {
  try {
    rmSync(join(folder, name), { force: true });
    rmdirSync(folder);
  } catch {
    // The folder is in use: the rest of it has not moved yet, or it is already gone.
  }
}
