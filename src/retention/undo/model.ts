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
  /** The path as Claude Code tracks it; only the session's transcript says which file that is. */
  path: string;
  /** Null: the file did not exist. */
  before: SavedState | null;
  /** Number of folders above the file that had to be made for it. */
  madeFolders: number;
}

/**
 * The files that a rewind is about to replace, written before anything is replaced: `manifest.json` of an undo copy.
 */
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
 * State of an undo copy, as the end of its folder's name.
 *
 * - `saving`: being made; nothing was replaced yet, so that it is worthless after a kill.
 * - `applying`: files are being replaced. After a kill only an undo by its id puts them back.
 * - `done`: all of them are replaced (no ending).
 * - `undone`: they were put back.
 * - `emptying`: being deleted for good.
 */
export type UndoState = (typeof UNDO_STATES)[number];

/** The states of undo copies, as their folders' names end. */
export const UNDO_STATES = ['saving', 'applying', 'done', 'undone', 'emptying'] as const;
