import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sideFolderOf } from './layout.js';
import type { TranscriptFile } from './model.js';
import { errorCode } from '../system/problem.js';
import { requirePlainFolder } from '../system/safe-path.js';
import { sweepTemporaries } from '../system/temporaries.js';
import { PRIVATE_FOLDER, replaceFile } from '../system/write-file.js';

/** The content of a title sidecar: `by` is "user" if a person chose the title, "auto" if a program generated it. */
export interface TitleSidecar {
  title: string;
  by: 'user' | 'auto';
  atMs: number;
}

/**
 * Writes `<id>/custom-title.json` byte for byte as Claude Code's `/rename` does, which finds the title there even in a
 * session with a long transcript. Source: docs/storage.md, "Titles". Throws Node's error, and `UnsafePath` for a side
 * folder that is a link.
 */
export function writeTitleSidecar(transcript: Pick<TranscriptFile, 'path'>, { title, by, atMs }: TitleSidecar): void {
  writeSidecar(transcript, 'custom-title.json', { customTitle: title, by, at: new Date(atMs).toISOString() });
}

/** Removes `<id>/custom-title.json` if it exists. Throws as `writeTitleSidecar`. */
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

/** A new side folder is private to its owner; an existing one keeps its mode. */
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
