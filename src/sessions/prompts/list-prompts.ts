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
import { AgedSession, compareAge } from '../../usage/ownership/session-age.js';
import { compareText } from '../select/listing.js';
import { select } from '../select/select.js';
import { promptTime, type PromptRecord } from './prompt-record.js';
import type { PromptQuery } from './prompt-query.js';
import { MINUTE_MS, isoTime } from '../../system/time.js';

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

/** Maximum difference between a prompt's time in the history and in the transcript, in milliseconds. */
const MAX_APART_MS = MINUTE_MS;

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
      if (renamedFrom !== null && renamedFrom !== record.id && readable.has(renamedFrom)) continue;
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
      found.add({ prompt, isInherited, session }, nth);
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

/** A prompt in one of the sessions that hold it. */
interface FoundPrompt {
  prompt: PromptRecord;
  /** True if the transcript names another session as the origin of the prompt. */
  isInherited: boolean;
  /** Null for a prompt of the history. */
  session: AgedSession | null;
}

/** Prompts found so far, each once. */
class Found {
  readonly #limit: number;
  readonly #query: PromptQuery;
  readonly #prompts = new Map<string, FoundPrompt>();
  /** Times of the newest prompts, oldest first, at most as many as the limit; unused without one. */
  readonly #newest: number[] = [];

  constructor(limit: number, query: PromptQuery) {
    this.#limit = limit;
    this.#query = query;
  }

  /** Time in milliseconds before which a prompt cannot be among the newest. */
  get oldestWanted(): number {
    return this.#newest.length < this.#limit ? -Infinity : (this.#newest[0] ?? Infinity);
  }

  /**
   * Adds a prompt of the query, unless it is known from the session that it was typed in. `nth` is its number among the
   * prompts with the same time and text in its transcript.
   */
  add(found: FoundPrompt, nth = 0): void {
    const { prompt, isInherited } = found;
    const { sinceMs, beforeMs, words } = this.#query;
    const time = promptTime(prompt);
    if (time < sinceMs || time >= beforeMs) return;
    const text = words.length === 0 ? '' : prompt.text.toLowerCase();
    if (!words.every((word) => text.includes(word))) return;
    const shared = nth === 0 ? keyOf(prompt) : `${keyOf(prompt)} #${nth}`;
    const key = isAnother(found, this.#prompts.get(shared)) ? `${shared} ${prompt.messageUuid}` : shared;
    const other = this.#prompts.get(key);
    if (other !== undefined && !isNearer(found, other)) return;
    this.#prompts.set(key, found);
    // A prompt that may turn out to be a copy does not count towards the limit.
    if (prompt.sessionId !== null && !isInherited && other?.isInherited !== false) this.#count(time);
  }

  /** The newest prompts, up to the limit. */
  newest(): PromptRecord[] {
    const kept = withoutCopies([...this.#prompts.values()]).sort(
      (a, b) => compareNumbers(promptTime(b), promptTime(a)) || compareText(keyOf(a), keyOf(b)),
    );
    return kept.slice(0, this.#limit);
  }

  #count(time: number): void {
    if (this.#limit === Infinity) return;
    if (this.#newest.length >= this.#limit) {
      if (!(time > (this.#newest[0] ?? Infinity))) return;
      this.#newest.shift();
    }
    const at = this.#newest.findLastIndex((other) => other <= time);
    this.#newest.splice(at + 1, 0, time);
  }
}

/**
 * True if the prompt was more likely typed in the session of `a`: copies come later, many with a mark, some without.
 */
function isNearer(a: FoundPrompt, b: FoundPrompt): boolean {
  if (a.isInherited !== b.isInherited) return b.isInherited;
  return a.session !== null && b.session !== null && compareAge(a.session, b.session) < 0;
}

/**
 * True if two prompts with one time and text were typed in two sessions: programs that start several at once make such.
 * Copies have the same uuid, or a mark.
 */
function isAnother(a: FoundPrompt, b: FoundPrompt | undefined): boolean {
  if (b === undefined || a.isInherited || b.isInherited) return false;
  const [one, two] = [a.prompt.messageUuid, b.prompt.messageUuid];
  return one !== null && two !== null && one !== two;
}

/** A fork repeats time and text. Prompts without a time are the same only within one transcript. */
function keyOf({ timestamp, text, messageUuid, sessionId, source }: PromptRecord): string {
  if (source === 'history') return `history ${timestamp ?? ''} ${sessionId ?? ''} ${text}`;
  return timestamp === null ? `@${sessionId ?? ''} ${messageUuid ?? ''} ${text}` : `${timestamp} ${text}`;
}

function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

/**
 * Leaves out lines of the history that repeat a prompt of a transcript at about the same time: lines that name no
 * session, and lines of a session that is gone if a fork has a copy of the prompt.
 */
function withoutCopies(found: readonly FoundPrompt[]): PromptRecord[] {
  const times = new Map<string, { time: number; isInherited: boolean }[]>();
  for (const { prompt, isInherited } of found) {
    if (prompt.source === 'history') continue;
    const known = times.get(prompt.text);
    const entry = { time: promptTime(prompt), isInherited };
    if (known === undefined) times.set(prompt.text, [entry]);
    else known.push(entry);
  }
  const isCopy = (prompt: PromptRecord): boolean =>
    prompt.source === 'history' &&
    times
      .get(prompt.text)
      ?.some(
        ({ time, isInherited }) =>
          (isInherited || prompt.sessionId === null) && Math.abs(time - promptTime(prompt)) < MAX_APART_MS,
      ) === true;
  return found.map(({ prompt }) => prompt).filter((prompt) => !isCopy(prompt));
}
