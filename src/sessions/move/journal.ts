import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { makeFolders } from '../../system/make-folders.js';
import type { ConfigDir } from '../../claude/model.js';
import { agentIdOf } from '../../claude/scan/agent-name.js';
import { isSessionId, type SessionId } from '../../claude/scan/scan.js';
import { isSafeName, UnsafePath, type SafeName } from '../../system/safe-path.js';
import { parseObject, readPlainFile } from '../../system/small-file.js';
import { replaceFile } from '../../system/write-file.js';
import { ownFolder } from '../../retention/lock.js';
import { removeTemporaries } from './carry.js';
import type { MemoryStep, Reader, Step, Steps } from './model.js';

const JOURNAL = 'move.journal';
const VERSION = 1;

/**
 * Notes what is about to move; it is in `<config dir>/.ccsess/` until all of it is done. Which of it is done already
 * can be seen on the disk itself, so nothing is added later.
 */
export function writeJournal({ configDir, ...steps }: Steps): void {
  makeFolders(ownFolder(configDir));
  replaceFile(journalPath(configDir), `${JSON.stringify({ version: VERSION, ...steps })}\n`);
}

/** True if there is a journal: a move is under way, or was killed. */
export function hasJournal(configDir: ConfigDir): boolean {
  return existsSync(journalPath(configDir));
}

/** Steps of an interrupted move; `null` if there is none. Throws IO if the journal cannot be understood. */
export function readJournal(configDir: ConfigDir): Steps | null {
  const path = journalPath(configDir);
  const text = textOf(path);
  if (text === null) return null;
  const { version, sessions, memory, readers } = parseObject(text) ?? {};
  if (
    version === VERSION &&
    isListOf(sessions, isStep) &&
    isListOf(memory, isMemoryStep) &&
    isListOf(readers, isReader)
  ) {
    return { configDir, sessions, memory, readers };
  }
  throw new CcsessError('IO', `the journal of an interrupted move cannot be read: ${path}`, {
    hint: 'a newer ccsess may have written it; remove it once every session is where it belongs',
  });
}

/** Forgets what has moved, and what killed runs left half written here. */
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
    if (error instanceof UnsafePath)
      throw new CcsessError('IO', `${error.message}.`, { hint: 'remove it', cause: error });
    throw error;
  }
}

/** Names only, so that nothing outside the projects root can be meant; `divideSteps` looks for links. */
function isStep(value: unknown): value is Step {
  const { id, from, to, cwd, size, mtimeMs, agents } = (value ?? {}) as Partial<Record<keyof Step, unknown>>;
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

function isReader(value: unknown): value is Reader {
  const { id, projectDir } = (value ?? {}) as Partial<Record<keyof Reader, unknown>>;
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
