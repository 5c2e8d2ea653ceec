import type { SessionId } from '../../claude/scan/scan.js';
import type { SafeName } from '../../system/safe-path.js';

/** A file as it was before a rewind replaced it. */
export interface SavedState {
  bytes: number;
  /** Permission bits. */
  mode: number;
  /** Milliseconds with their fraction. */
  mtimeMs: number;
  /** Hexadecimal SHA-256 of its content. */
  sha256: string;
}

/** One file of an undo copy; its content is stored under the file's number. */
export interface SavedFile {
  /** The tracked path; the session's transcript says which file it is. */
  path: string;
  /** Null: the file did not exist. */
  before: SavedState | null;
  /** Number of parent folders that were created for the file. */
  madeFolders: number;
}

/** The manifest of an undo copy, `manifest.json`, which is written before any file is replaced. */
export interface UndoManifest {
  schemaVersion: 1;
  id: string;
  /** An undo can be undone as well. */
  kind: 'rewind' | 'undo';
  /** The undo copy that an undo restores; null for a rewind. */
  undoes: string | null;
  savedAt: string;
  configDir: string;
  sessionId: SessionId;
  projectDir: SafeName;
  cwd: string;
  title: string | null;
  /** The prompt that was rewound to; null for other messages. */
  prompt: number | null;
  messageUuid: string;
  files: SavedFile[];
}

/**
 * State of an undo copy, recorded as the suffix of its folder's name.
 *
 * - `saving`: being made. No file was replaced yet, so it is useless after a kill.
 * - `applying`: files are being replaced. After a kill, only an undo by its id puts them back.
 * - `done`: all files are replaced (no suffix).
 * - `undone`: the files were put back.
 * - `emptying`: being deleted.
 */
export type UndoState = (typeof UNDO_STATES)[number];

/** The states of undo copies, as their folders' names end. */
export const UNDO_STATES = ['saving', 'applying', 'done', 'undone', 'emptying'] as const;
