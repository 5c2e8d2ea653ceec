import type { Stats } from 'node:fs';
import { sep } from 'node:path';
import { sessionRoots, sideFolderOf, type SessionPart, type IdArtifacts } from './layout.js';
import { sortedNames, statOrNull } from '../system/stat.js';
import type { TranscriptFile } from './model.js';

/** One existing file, folder or link of a session. */
export interface FootprintEntry {
  part: SessionPart | 'side-folder';
  path: string;
  stats: Stats;
  /** The topmost file or folder that contains it, or itself. */
  root: { path: string; stats: Stats };
}

/**
 * Yields everything of a session that has a modification time, transcript first: files, links and folders, including
 * the side folder. Links are not followed, vanished and unreadable files are left out. Pass `idArtifacts` when asking
 * for many sessions.
 */
export function* footprintEntries(file: TranscriptFile, idArtifacts?: IdArtifacts): Generator<FootprintEntry> {
  for (const { part, path } of sessionRoots(file, idArtifacts)) {
    const stats = statOrNull(path);
    if (stats !== null) yield* entriesOf({ part, path, stats, root: { path, stats } });
  }
  const path = sideFolderOf(file);
  const stats = statOrNull(path);
  if (stats?.isDirectory() === true) yield { part: 'side-folder', path, stats, root: { path, stats } };
}

function* entriesOf(entry: FootprintEntry): Generator<FootprintEntry> {
  yield entry;
  if (!entry.stats.isDirectory()) return;
  for (const name of sortedNames(entry.path)) {
    const path = entry.path + sep + name;
    const stats = statOrNull(path);
    if (stats !== null) yield* entriesOf({ ...entry, path, stats });
  }
}
