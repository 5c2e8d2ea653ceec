import { setImmediate } from 'node:timers/promises';
import type { ConfigDir } from '../../claude/model.js';
import { repositoryOfPath } from '../../claude/worktree.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { unreadable, type Problem } from '../../system/problem.js';
import { isLocalCommand } from '../../transcript/messages/title-text.js';
import { readPromptHistory, type HistoryLine } from '../../transcript/prompts/prompt-history.js';
import { readTranscriptPrompts } from '../../transcript/prompts/transcript-prompts.js';
import { LineScanner } from '../../transcript/scanner/scanner.js';
import { AgedSession } from '../../usage/ownership/session-age.js';
import { select } from '../select/select.js';
import { Found, keyOf } from './found-prompts.js';
import type { PromptRecord } from './prompt-record.js';
import type { PromptQuery } from './prompt-query.js';
import { isoTime } from '../../system/time.js';

/** Prompts, and the files that could not be read. */
export interface ListedPrompts {
  prompts: PromptRecord[];
  problems: Problem[];
}

/** Conditions of a listing, in addition to its query. */
export interface PromptListing {
  configDirs: readonly ConfigDir[];
  /** Maximum number of prompts: older sessions are then not read at all. */
  limit: number;
  /** Returns true for sessions to leave out. */
  isLeftOut?: (row: SessionRow) => boolean;
  signal?: AbortSignal | null;
}

/**
 * Returns the prompts that a query describes, newest first, each once: in the session it was typed in, not in its
 * forks. Reads the newest transcripts first, and no more than the limit needs. Rejects when aborted.
 */
export async function listPrompts(
  index: SessionIndex,
  query: PromptQuery,
  { configDirs, limit, isLeftOut = () => false, signal }: PromptListing,
): Promise<ListedPrompts> {
  const problems: Problem[] = [];
  const found = new Found(limit, query);
  if (!query.isSessionOnly) addHistory(found, index, query, configDirs, problems);
  const rows = select(index, query.sessions).rows.filter((row) => !isLeftOut(row));
  const scanner = new LineScanner();
  const readable = new Set<string>(rows.filter((row) => !row.unreadable).map(({ file }) => file.id));
  for (const { row, newestMs } of newestFirst(rows)) {
    if (newestMs < Math.max(query.sinceMs, found.oldestWanted)) break;
    if ((row.createdMs ?? -Infinity) >= query.beforeMs) continue;
    // Reading is synchronous, so this lets an abort or Ctrl-C take effect.
    await setImmediate();
    signal?.throwIfAborted();
    addTranscript(found, index, row, { scanner, readable, problems });
  }
  return { prompts: found.newest(), problems };
}

/** Returns sessions in the order of the latest time that a prompt in them can have. */
function newestFirst(rows: readonly SessionRow[]): { row: SessionRow; newestMs: number }[] {
  return rows
    .map((row) => ({ row, newestMs: Math.max(row.lastActivityMs ?? -Infinity, row.file.stamp.mtimeMs) }))
    .sort((a, b) => b.newestMs - a.newestMs);
}

/** State that is shared by all transcripts of a listing. */
interface TranscriptReading {
  scanner: LineScanner;
  /** Ids of the sessions whose prompts are listed. */
  readable: ReadonlySet<string>;
  problems: Problem[];
}

function addTranscript(
  found: Found,
  index: SessionIndex,
  row: SessionRow,
  { scanner, readable, problems }: TranscriptReading,
): void {
  // A session without prompts may still have a queue; an unreadable one is reported by the index.
  const [record] = row.unreadable ? [] : index.records([row], { footprint: false });
  if (record === undefined) return;
  try {
    const { prompts, undelivered } = readTranscriptPrompts(row.file.path, scanner);
    const session = new AgedSession(row);
    const counts = new Map<string, number>();
    for (const { text, timeMs, number, uuid, isInherited, renamedFrom } of prompts) {
      const isCopy = renamedFrom !== null && renamedFrom !== record.id && readable.has(renamedFrom);
      const prompt = {
        ...recordOfSession(record),
        text,
        timestamp: isoTime(timeMs),
        prompt: number,
        messageUuid: uuid,
      };
      const key = keyOf(prompt);
      const nth = counts.get(key) ?? 0;
      counts.set(key, nth + 1);
      if (isCopy) found.leaveOut(prompt, nth);
      else found.add({ prompt, isInherited, session }, nth);
    }
    const state = row.live === null ? 'undelivered' : 'queued';
    for (const { text, timeMs } of undelivered)
      found.add({
        prompt: { ...recordOfSession(record), text, timestamp: isoTime(timeMs), state },
        isInherited: false,
        session,
      });
  } catch (error) {
    problems.push(unreadable(row.file.path, error));
  }
}

function recordOfSession({ configDir, id, projectDir, title, cwd }: SessionRecord): PromptRecord {
  return {
    schemaVersion: 1,
    configDir,
    sessionId: id,
    projectDir,
    title,
    cwd,
    prompt: null,
    messageUuid: null,
    timestamp: null,
    text: '',
    state: 'sent',
    source: 'transcript',
  };
}

function addHistory(
  found: Found,
  index: SessionIndex,
  { sessions: { project } }: PromptQuery,
  configDirs: readonly ConfigDir[],
  problems: Problem[],
): void {
  for (const configDir of configDirs) {
    for (const line of readPromptHistory(configDir, problems)) {
      const { sessionId, text, cwd } = line;
      if (isLocalCommand(text) || (sessionId !== null && index.withId(sessionId).length > 0)) continue;
      if (project?.({ cwd, repository: cwd === null ? null : repositoryOfPath(cwd), projectDir: null }) === false)
        continue;
      found.add({ prompt: ofHistory(line, configDir), isInherited: false, session: null });
    }
  }
}

function ofHistory({ text, timeMs, cwd, sessionId }: HistoryLine, { path }: ConfigDir): PromptRecord {
  return {
    schemaVersion: 1,
    configDir: path,
    sessionId,
    projectDir: null,
    title: null,
    cwd,
    prompt: null,
    messageUuid: null,
    timestamp: isoTime(timeMs),
    text,
    state: 'sent',
    source: 'history',
  };
}
