import type { SessionKind, TitleSource, Tokens } from '../../session-index/record.js';
import type { PriceSource } from '../../usage/prices/prices.js';
import { roundUsd } from '../../usage/sums.js';

/** A prompt of a session in the log. */
export interface LogPrompt {
  /** Number that `show --at` and `fork --at` take; null outside the active branch. */
  prompt: number | null;
  timestamp: string | null;
  text: string;
}

/** A file that the tools of a session changed. */
export interface LogFile {
  /** As the tools name it, absolute; links are not resolved. */
  path: string;
  writes: number;
  edits: number;
}

/** A session in the log: the part of it that is in the span, without inherited work. */
export interface LogSession {
  /** Null in lines of `history.jsonl` that old versions wrote. */
  id: string | null;
  /** Null if the session is gone. */
  projectDir: string | null;
  title: string | null;
  titleSource: TitleSource;
  cwd: string | null;
  /** Null if the session is gone. */
  kind: SessionKind | null;
  gitBranch: string | null;
  firstAt: string;
  lastAt: string;
  /** US dollars at list prices, as far as they are known; null if none is, and for a session that is gone. */
  costUsd: number | null;
  /** Tokens of responses without a price. */
  unpricedTokens: number;
  tokens: Tokens;
  /** Oldest first. */
  prompts: LogPrompt[];
  /** By path. */
  files: LogFile[];
  /** `history`: the session is gone, and its prompts are known from `history.jsonl`. */
  source: 'transcript' | 'history';
}

/** The sessions of one folder in the log. */
export interface LogProject {
  configDir: string;
  /** Null if no session records one; then there is a project per project dir. */
  cwd: string | null;
  sessions: LogSession[];
}

/** Sums over the sessions of a log or of one of its projects. */
export interface LogTotals {
  sessions: number;
  prompts: number;
  costUsd: number | null;
  unpricedTokens: number;
  /** Number of paths, each counted once. */
  filesChanged: number;
}

/** The work of a span of time (schema version 1, docs/schema/log.schema.json). */
export interface WorkLog {
  schemaVersion: 1;
  since: string;
  /** Null: up to now. */
  until: string | null;
  prices: PriceSource[];
  /** The project with the newest session first. */
  projects: LogProject[];
  totals: LogTotals;
  /** Sessions left out by a limit. */
  omitted: number;
}

/** Returns the sums over sessions. */
export function logTotals(sessions: readonly LogSession[]): LogTotals {
  const sum = (value: (session: LogSession) => number): number =>
    sessions.reduce((total, session) => total + value(session), 0);
  const isPriced = sessions.some(({ costUsd }) => costUsd !== null);
  return {
    sessions: sessions.length,
    prompts: sum(({ prompts }) => prompts.length),
    costUsd: isPriced ? roundUsd(sum(({ costUsd }) => costUsd ?? 0)) : null,
    unpricedTokens: sum(({ unpricedTokens }) => unpricedTokens),
    filesChanged: new Set(sessions.flatMap(({ files }) => files.map(({ path }) => path))).size,
  };
}
