import { MINUTE_MS } from '../../system/time.js';
import { type AgedSession, compareAge } from '../../usage/ownership/session-age.js';
import { compareText } from '../select/listing.js';
import type { PromptQuery } from './prompt-query.js';
import { promptTime, type PromptRecord } from './prompt-record.js';

/** Maximum difference between a prompt's time in the history and in the transcript, in milliseconds. */
const MAX_APART_MS = MINUTE_MS;

/** A prompt in one of the sessions that hold it. */
interface FoundPrompt {
  prompt: PromptRecord;
  /** True if the transcript names another session as the origin of the prompt. */
  isInherited: boolean;
  /** Null for a prompt of the history. */
  session: AgedSession | null;
}

/** Prompts found so far, each once. */
export class Found {
  readonly #limit: number;
  readonly #query: PromptQuery;
  readonly #prompts = new Map<string, FoundPrompt>();
  /** Uuids of prompts that are left out. */
  readonly #copies = new Set<string>();
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
    if (time < sinceMs || time >= beforeMs || this.#copies.has(prompt.messageUuid ?? '')) return;
    const text = words.length === 0 ? '' : prompt.text.toLowerCase();
    if (!words.every((word) => text.includes(word))) return;
    const shared = nthKey(prompt, nth);
    const key = isAnother(found, this.#prompts.get(shared)) ? `${shared} ${prompt.messageUuid}` : shared;
    const other = this.#prompts.get(key);
    if (other !== undefined && !isNearer(found, other)) return;
    this.#prompts.set(key, found);
    // A prompt that may turn out to be a copy does not count towards the limit.
    if (prompt.sessionId !== null && !isInherited && other?.isInherited !== false) this.#count(time);
  }

  /** Leaves out a prompt that is a copy under a new uuid, and its copies under that uuid, which forks may have. */
  leaveOut(prompt: PromptRecord, nth: number): void {
    const { messageUuid } = prompt;
    if (messageUuid === null) return;
    this.#copies.add(messageUuid);
    const shared = nthKey(prompt, nth);
    for (const key of [shared, `${shared} ${messageUuid}`]) {
      const found = this.#prompts.get(key);
      if (found?.prompt.messageUuid !== messageUuid) continue;
      this.#prompts.delete(key);
      const at = found.isInherited ? -1 : this.#newest.indexOf(promptTime(found.prompt));
      if (at >= 0) this.#newest.splice(at, 1);
    }
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

/**
 * Returns the time and text of a prompt, which a fork repeats. Prompts without a time are the same only within one
 * transcript.
 */
export function keyOf({ timestamp, text, messageUuid, sessionId, source }: PromptRecord): string {
  if (source === 'history') return `history ${timestamp ?? ''} ${sessionId ?? ''} ${text}`;
  return timestamp === null ? `@${sessionId ?? ''} ${messageUuid ?? ''} ${text}` : `${timestamp} ${text}`;
}

function nthKey(prompt: PromptRecord, nth: number): string {
  return nth === 0 ? keyOf(prompt) : `${keyOf(prompt)} #${nth}`;
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
