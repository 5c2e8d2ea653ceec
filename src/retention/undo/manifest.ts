import { isAbsolute, join } from 'node:path';
import { isSessionId } from '../../claude/scan/scan.js';
import { isSafeName } from '../../system/safe-path.js';
import { parseObject, readPlainFile } from '../../system/small-file.js';
import { replaceFile } from '../../system/write-file.js';
import type { SavedFile, SavedState, UndoManifest } from './model.js';

const MANIFEST = 'manifest.json';
/** Pattern of an undo copy's id: the second it was made in, with a number if there are several. */
export const UNDO_ID = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(?:-\d{1,6})?$/;

/** Writes the manifest of an undo copy, flushed to the disk. Throws Node's error. */
export function writeUndoManifest(folder: string, manifest: UndoManifest): void {
  replaceFile(join(folder, MANIFEST), `${JSON.stringify(manifest)}\n`);
}

/**
 * Reads the manifest of an undo copy; null if it is missing or not as ccsess writes it. Its paths are not trusted, but
 * compared with the session's transcript. Throws Node's error, and `UnsafePath` for anything but a file.
 */
export function readUndoManifest(folder: string, id: string): UndoManifest | null {
  const text = readPlainFile(join(folder, MANIFEST));
  const value = text === null ? null : parseObject(text);
  if (value === null || value['schemaVersion'] !== 1 || value['id'] !== id) return null;
  const { kind, undoes, savedAt, configDir, sessionId, projectDir, cwd, title, prompt, messageUuid, files } = value;
  if (kind !== 'rewind' && kind !== 'undo') return null;
  if (typeof savedAt !== 'string' || Number.isNaN(Date.parse(savedAt))) return null;
  if (typeof configDir !== 'string' || !isAbsolute(configDir) || configDir.includes('\0')) return null;
  if (typeof sessionId !== 'string' || !isSessionId(sessionId) || !isSafeName(projectDir)) return null;
  if (typeof cwd !== 'string' || typeof messageUuid !== 'string') return null;
  if (!Array.isArray(files) || !files.every(isSavedFile)) return null;
  return {
    schemaVersion: 1,
    id,
    kind,
    undoes: typeof undoes === 'string' && UNDO_ID.test(undoes) ? undoes : null,
    savedAt: new Date(savedAt).toISOString(),
    configDir,
    sessionId,
    projectDir,
    cwd,
    title: typeof title === 'string' ? title : null,
    prompt: Number.isSafeInteger(prompt) ? (prompt as number) : null,
    messageUuid,
    files,
  };
}

function isSavedFile(value: unknown): value is SavedFile {
  const { path, before, madeFolders } = membersOf(value);
  return typeof path === 'string' && isCount(madeFolders) && (before === null || isSavedState(before));
}

function isSavedState(value: unknown): value is SavedState {
  const { bytes, mode, mtimeMs, sha256 } = membersOf(value);
  return isCount(bytes) && isCount(mode) && Number.isFinite(mtimeMs) && typeof sha256 === 'string';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
