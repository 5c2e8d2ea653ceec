import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { sep } from 'node:path';
import { sessionRoots, sideFolderOf, type SessionRoot, type Shelves } from './layout.js';
import type { TranscriptFile } from './model.js';

/** One file, folder or link of a session, as it is now. */
export interface FootprintEntry extends SessionRoot {
  stats: Stats;
}

/**
 * Everything of a session that has a modification time, transcript first: files, links, and all folders, the side folder
 * itself included. Links are not followed. What vanished or cannot be read is left out. Pass `shelves` when asking for
 * many sessions. Never throws.
 */
export function* footprintEntries(file: TranscriptFile, shelves?: Shelves): Generator<FootprintEntry> {
  for (const { part, path } of sessionRoots(file, shelves)) yield* entriesOf(part, path);
  const sideFolder = sideFolderOf(file);
  const stats = statOf(sideFolder);
  if (stats?.isDirectory() === true) yield { part: 'side-folder', path: sideFolder, stats };
}

function* entriesOf(part: string, path: string): Generator<FootprintEntry> {
  const stats = statOf(path);
  if (stats === null) return;
  yield { part, path, stats };
  if (stats.isDirectory()) for (const name of namesIn(path)) yield* entriesOf(part, path + sep + name);
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
