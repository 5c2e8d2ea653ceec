import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sideFolderOf } from './layout.js';
import type { TranscriptFile } from './model.js';
import { errorCode } from '../system/problem.js';
import { requirePlainFolder } from '../system/safe-path.js';
import { sweepTemporaries } from '../system/temporaries.js';
import { PRIVATE_FOLDER, replaceFile } from '../system/write-file.js';

/** Content of a title sidecar: `by` is "user" if a person chose the title, "auto" if a program generated it. */
export interface TitleSidecar {
  title: string;
  by: 'user' | 'auto';
  atMs: number;
}

/**
 * Writes `<id>/custom-title.json` exactly as Claude Code's `/rename` does, so that Claude Code finds the title however
 * long the transcript is (docs/storage.md, "Titles"). Throws Node's error, and `UnsafePath` if the side folder is a
 * link.
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

/** Writes a sidecar. A new side folder is private to its owner; an existing one keeps its mode. */
function writeSidecar(transcript: Pick<TranscriptFile, 'path'>, name: string, content: object): void {
  const folder = sideFolderOf(transcript);
  try {
    // Not recursive, so that a sidecar does not create a project dir that was removed.
    mkdirSync(folder, PRIVATE_FOLDER);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    requirePlainFolder(folder);
  }
  sweepTemporaries(folder, (meant) => meant === name);
  replaceFile(join(folder, name), JSON.stringify(content));
}
