import type { SessionRecord } from '../session-index/record.js';
import type { SessionRow } from '../session-index/session-index.js';
import type { Problem } from '../system/problem.js';
import type { Range } from './query/model.js';
import type { PartKind } from './text/parts.js';

/** One part of a session that contains every term of the query. */
export interface Match {
  kind: PartKind;
  /** Number of the prompt it belongs to, as `show` numbers them; 0 before the first, null for a title. */
  prompt: number | null;
  messageUuid: string | null;
  /** Who wrote the message; null for a title. */
  role: 'user' | 'assistant' | 'system' | null;
  /** Name of the tool of a call or result. */
  tool: string | null;
  /** The subagent whose conversation it is in, with prompts numbered along that; null for the session itself. */
  agentId: string | null;
  timestamp: string | null;
  /** One line: the part of the text where the terms are closest. Its characters are those of the transcript. */
  snippet: string;
  /** Positions of the terms in the snippet, in UTF-16 code units. */
  ranges: Range[];
  /** Weight of the part by its kind and the nearness of the terms, above 0 and at most 1. */
  score: number;
  /** Messages before the match, if the query wants them; results, thinking and notes are left out. */
  before?: ContextMessage[];
  /** Messages after the match, as in `before`. */
  after?: ContextMessage[];
}

/** A message near a match, with the beginning of its text on one line. */
export type ContextMessage = Pick<Match, 'kind' | 'prompt' | 'messageUuid' | 'role' | 'tool' | 'timestamp' | 'snippet'>;

/** Number of matches by kind of part. */
export type Counts = Partial<Record<PartKind, number>>;

/** A session with matches. */
export interface SessionMatches {
  row: SessionRow;
  record: SessionRecord;
  /** The title first, then by position in the conversation; at most `SearchOptions.limit`, the best of them. */
  matches: Match[];
  /** All matches, including those that `matches` leaves out. */
  counts: Counts;
}

/** The parts of sessions that are searched. */
export interface SearchScope {
  /** By default all but `meta`. */
  kinds: readonly PartKind[];
  /** Also the conversations of subagents. */
  subagents: boolean;
  /** Also messages that are not on the active branch. */
  allBranches: boolean;
  /** Only matches of messages written at or after this moment, and before that one, in milliseconds. */
  sinceMs: number;
  beforeMs: number;
  /** Mask secrets of well-known forms before texts are compared with the query: what is masked is not found. */
  redact: boolean;
  /** Number of messages to return before and after each match; 0 for none. */
  context: number;
  /** Kinds whose matches are counted but not returned. */
  onlyCounted: readonly PartKind[];
  /** One match of a session is enough: the others are neither returned nor counted. */
  isOneEnough: boolean;
}

/** The outcome of a search that ran to its end. */
export interface SearchOutcome {
  sessions: number;
  bytes: number;
  problems: Problem[];
}
