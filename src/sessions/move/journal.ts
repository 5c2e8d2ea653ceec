import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { makeFolders } from '../../system/make-folders.js';
import type { ConfigDir } from '../../claude/model.js';
import { agentIdOf } from '../../claude/scan/agent-name.js';
import { isSessionId, type SessionId } from '../../claude/scan/scan.js';
import { sortedNames, statOrNull } from '../../system/stat.js';
import { isSafeName, UnsafePath, type SafeName } from '../../system/safe-path.js';
import { parseObject, readPlainFile, readStart } from '../../system/small-file.js';
import { replaceFile } from '../../system/write-file.js';
import { ownFolder } from '../../retention/lock.js';
import { removeTemporaries } from './carry.js';
import type { MemoryStep, DependentFork, SessionStep, MoveJournal } from './model.js';

const JOURNAL = 'move.journal';
const VERSION = 1;
const DAMAGED = '.damaged';
/** Bytes of a damaged journal that are searched for session ids. */
const MAX_NAMING_BYTES = 1024 * 1024;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Writes the steps of a move to its journal in `<config dir>/.ccsess/`, which stays until all of them are done. Nothing
 * is added later, since the disk shows which steps are done.
 */
export function writeJournal({ configDir, ...steps }: MoveJournal): void {
  makeFolders(ownFolder(configDir));
  replaceFile(journalPath(configDir), `${JSON.stringify({ version: VERSION, ...steps })}\n`);
}

/** True if there is a journal: a move is under way, or was killed. */
export function hasJournal(configDir: ConfigDir): boolean {
  return statOrNull(journalPath(configDir)) !== null;
}

/**
 * Returns the steps of an interrupted move; null if there is no journal, `damaged` for one that ccsess never writes.
 * Throws IO for the journal of a newer ccsess, and for one that cannot be read.
 */
export function readJournal(configDir: ConfigDir): MoveJournal | 'damaged' | null {
  const path = journalPath(configDir);
  const text = textOf(path);
  if (text === null || text === 'damaged') return text;
  const { version, sessions, memory, readers } = parseObject(text) ?? {};
  if (typeof version === 'number' && version > VERSION)
    throw new CcsessError('IO', `a newer ccsess was interrupted while it moved sessions: ${path}.`, {
      hint: 'run that version again: this one does not know what has moved',
    });
  if (version !== VERSION || !isListOf(sessions, isSessionStep) || !isListOf(memory, isMemoryStep)) return 'damaged';
  return isListOf(readers, isDependentFork) ? { configDir, sessions, memory, readers } : 'damaged';
}

/**
 * Renames a damaged journal, so that it blocks no other change and can still be inspected. Returns its new path. Throws
 * Node's error.
 */
export function setJournalAside(configDir: ConfigDir): string {
  const path = `${journalPath(configDir)}${DAMAGED}`;
  let free = path;
  for (let number = 2; statOrNull(free) !== null; number++) free = `${path}-${number}`;
  renameSync(journalPath(configDir), free);
  return free;
}

/** Paths of damaged journals that were set aside and are still there, sorted. Never throws. */
export function journalsAside(configDir: ConfigDir): string[] {
  const start = `${JOURNAL}${DAMAGED}`;
  return sortedNames(ownFolder(configDir))
    .filter((name) => name.startsWith(start))
    .map((name) => join(ownFolder(configDir), name));
}

/** Returns the ids of sessions in the first MiB of a damaged journal, each once. Never throws. */
export function sessionsNamedIn(journal: string): SessionId[] {
  const { text } = readStart(journal, MAX_NAMING_BYTES) ?? { text: '' };
  return [...new Set(text.match(UUID))].filter(isSessionId);
}

/** Removes the journal of a finished move, and half-written files of killed runs. */
export function dropJournal(configDir: ConfigDir): void {
  rmSync(journalPath(configDir), { force: true });
  removeTemporaries(ownFolder(configDir), JOURNAL);
}

function journalPath(configDir: ConfigDir): string {
  return join(ownFolder(configDir), JOURNAL);
}

function textOf(path: string): string | null {
  try {
    return readPlainFile(path);
  } catch (error) {
    // A move never leaves a link, a pipe or a folder at this path.
    if (error instanceof UnsafePath) return 'damaged';
    throw error;
  }
}

/** Accepts plain names only, so that nothing outside the projects root can be named; `divideSteps` looks for links. */
function isSessionStep(value: unknown): value is SessionStep {
  const { id, from, to, cwd, size, mtimeMs, agents } = (value ?? {}) as Partial<Record<keyof SessionStep, unknown>>;
  const isPlaced = isId(id) && isSafeName(from) && isSafeName(to);
  return (
    isPlaced &&
    typeof cwd === 'string' &&
    typeof size === 'number' &&
    typeof mtimeMs === 'number' &&
    isListOf(agents, isAgentFile)
  );
}

function isMemoryStep(value: unknown): value is MemoryStep {
  const { from, to } = (value ?? {}) as Partial<Record<keyof MemoryStep, unknown>>;
  return isSafeName(from) && isSafeName(to);
}

function isDependentFork(value: unknown): value is DependentFork {
  const { id, projectDir } = (value ?? {}) as Partial<Record<keyof DependentFork, unknown>>;
  return isId(id) && isSafeName(projectDir);
}

function isId(value: unknown): value is SessionId {
  return typeof value === 'string' && isSessionId(value);
}

function isAgentFile(value: unknown): value is SafeName {
  return isSafeName(value) && agentIdOf(value) !== null;
}

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isOne);
}
