import type { Worktree } from '../../claude/worktree.js';
import type { Problem } from '../../system/problem.js';

/** Everything the fold finds out about one transcript, as plain data that can be stored. */
export interface TranscriptFacts {
  /** Number of entries, without damaged ones. */
  entries: number;
  /** Last custom title; '' if it was cleared, null if there never was one. */
  customTitle: string | null;
  aiTitle: string | null;
  /** The last summary of this conversation. */
  summary: string | null;
  /** Text of the last `last-prompt` entry. */
  lastPromptEntry: string | null;
  firstPrompt: string | null;
  lastPrompt: string | null;
  /** Time of the newest prompt. */
  lastPromptMs: number | null;
  /** A slash or shell command that can name a session without prompts. */
  command: string | null;
  /** The first prompt or custom command with words in it. */
  name: string | null;
  cwds: string[];
  /** The last recorded working directory. */
  lastCwd: string | null;
  relocatedCwd: string | null;
  /** The worktree of the session, by its last `worktree-state` entry. */
  worktree: Worktree | null;
  tag: string | null;
  entrypoint: string | null;
  gitBranch: string | null;
  version: string | null;
  /** True if any entry belongs to a background session. */
  background: boolean;
  /** The team of a teammate's own session, and its name there. */
  team: { name: string; agent: string } | null;
  /** True if any entry comes from Claude Desktop or Cowork. */
  desktop: boolean;
  /** Prompts that did not come through an `sdk-…` entrypoint. */
  typedPrompts: number;
  models: string[];
  createdMs: number | null;
  lastActivityMs: number | null;
  prompts: number;
  turns: number;
  toolCalls: number;
  /** Calls by tool name, in the order of first calls. */
  tools: [name: string, calls: number][];
  compactions: number;
  /** Number of entries of the main thread that a resume could show. */
  chainEntries: number;
  /** Uuid of the first chain entry, which forks keep. */
  rootUuid: string | null;
  forkedFrom: { id: string; messageUuid: string | null } | null;
  /** Session that made an inherited request, in forks without any other trace of their origin. */
  requestedBy: { id: string; messageUuid: string | null } | null;
  /** Cost in the last `cost-state` entry of Claude Code; null without one. */
  reportedCostUsd: number | null;
  /** Tokens counted in that entry; null if it has none. */
  reportedTokens: number | null;
  /** True if Claude Code knew no price for some model and used a default. */
  isReportGuessed: boolean;
  /** True if any answer is newer than the report. */
  answeredSinceReport: boolean;
  /** Reason why the last answer of the main thread ended; null after an API error. */
  lastStopReason: string | null;
  /** Text of the API error, if one took the place of the last answer. */
  lastError: string | null;
  /** Entry types that this version does not know, with their number; at most a hundred types. */
  unknownTypes: [type: string, count: number][];
  problems: Problem[];
  problemCount: number;
}

/** Returns the facts of a transcript without entries. */
export function noFacts(): TranscriptFacts {
  return {
    entries: 0,
    customTitle: null,
    aiTitle: null,
    summary: null,
    lastPromptEntry: null,
    firstPrompt: null,
    lastPrompt: null,
    lastPromptMs: null,
    command: null,
    name: null,
    cwds: [],
    lastCwd: null,
    relocatedCwd: null,
    worktree: null,
    tag: null,
    entrypoint: null,
    gitBranch: null,
    version: null,
    background: false,
    team: null,
    desktop: false,
    typedPrompts: 0,
    models: [],
    createdMs: null,
    lastActivityMs: null,
    prompts: 0,
    turns: 0,
    toolCalls: 0,
    tools: [],
    compactions: 0,
    chainEntries: 0,
    rootUuid: null,
    forkedFrom: null,
    requestedBy: null,
    reportedCostUsd: null,
    reportedTokens: null,
    isReportGuessed: false,
    answeredSinceReport: false,
    lastStopReason: null,
    lastError: null,
    unknownTypes: [],
    problems: [],
    problemCount: 0,
  };
}
