import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sideFolderOf } from './layout.js';
import type { TranscriptFile } from './model.js';
import { errorCode } from '../system/problem.js';
import { requirePlainFolder } from '../system/safe-path.js';
import { sweepTemporaries } from '../system/temporaries.js';
import { PRIVATE_FOLDER, replaceFile } from '../system/write-file.js';

/** The title of a sidecar: `by` is "user" where somebody chose it, "auto" where a program made it up. */
export interface TitleSidecar {
  title: string;
  by: 'user' | 'auto';
  atMs: number;
}

/**
 * Writes `<id>/custom-title.json` byte for byte as Claude Code's `/rename` does, so that it finds the title however
 * long the transcript grows. Source: docs/storage.md, "Titles". Throws Node's error, and `UnsafePath` for a side folder
 * that is a link.
 */
export function writeTitleSidecar(transcript: Pick<TranscriptFile, 'path'>, { title, by, atMs }: TitleSidecar): void {
  writeSidecar(transcript, 'custom-title.json', { customTitle: title, by, at: new Date(atMs).toISOString() });
}

/** Removes `<id>/custom-title.json`, if it is there. Throws as `writeTitleSidecar`. */
export function removeTitleSidecar(transcript: Pick<TranscriptFile, 'path'>): void {
  requirePlainFolder(sideFolderOf(transcript));
  rmSync(join(sideFolderOf(transcript), 'custom-title.json'), { force: true });
}

/** Content of `<id>/archived.json`; `at` is ISO 8601. */
export interface ArchivedSidecar {
  archived: boolean;
  at: string;
  by: string;
}

/**
 * Writes `<id>/archived.json` as the Agent SDK does. Source: docs/storage.md, "Archive". Throws as `writeTitleSidecar`.
 */
export function writeArchivedSidecar(
  transcript: Pick<TranscriptFile, 'path'>,
  { archived, at, by }: ArchivedSidecar,
): void {
  writeSidecar(transcript, 'archived.json', { archived, at, by });
}

/** Its folder is made for its owner alone; one that is there stays as it is. */
function writeSidecar(transcript: Pick<TranscriptFile, 'path'>, name: string, content: object): void {
  const folder = sideFolderOf(transcript);
  try {
    // Not recursive: a project dir that has gone must not come back for a sidecar.
    mkdirSync(folder, PRIVATE_FOLDER);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    requirePlainFolder(folder);
  }
  sweepTemporaries(folder, (meant) => meant === name);
  replaceFile(join(folder, name), JSON.stringify(content));
}
