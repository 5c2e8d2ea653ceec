import type { Worktree } from '../../claude/worktree.js';
import type { Problem } from '../../system/problem.js';

/** Everything the fold knows of one transcript. Plain data: it can be stored and gone on from (`TranscriptFold`). */
export interface TranscriptFacts {
  /** Entries read, damaged ones not counted. */
  entries: number;
  /** Last custom title; '' if it was cleared, null if there never was one. */
  customTitle: string | null;
  aiTitle: string | null;
  /** The last one of this conversation. */
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
  /** The worktree it works in, by its last `worktree-state` entry. */
  worktree: Worktree | null;
  tag: string | null;
  entrypoint: string | null;
  gitBranch: string | null;
  version: string | null;
  /** Some entry belongs to a background session. */
  background: boolean;
  /** The team of a team mate's own session, and its name there. */
  team: { name: string; agent: string } | null;
  /** Some entry comes from Claude Desktop or Cowork. */
  desktop: boolean;
  /** Prompts that did not come through an `sdk-…` entrypoint. */
  typedPrompts: number;
  models: string[];
  createdMs: number | null;
  lastActivityMs: number | null;
  prompts: number;
  turns: number;
  toolCalls: number;
  /** Calls by the tool's name, in order of the first call. */
  tools: [name: string, calls: number][];
  compactions: number;
  /** Entries of the main thread that a resume could show. */
  chainEntries: number;
  /** uuid of the first chain entry: forks share it. */
  rootUuid: string | null;
  forkedFrom: { id: string; messageUuid: string | null } | null;
  /** Session that made an inherited request, where forks leave only that trace. */
  requestedBy: { id: string; messageUuid: string | null } | null;
  /** Cost in Claude Code's last cost-state; null without one. */
  reportedCostUsd: number | null;
  /** Tokens it counted there; null if it says none. */
  reportedTokens: number | null;
  /** It knew no price for some model, and took a default. */
  isReportGuessed: boolean;
  /** Some answer is newer than that. */
  answeredSinceReport: boolean;
  /** Why the last answer of the main thread ended; null after an API error. */
  lastStopReason: string | null;
  /** Text of the API error that stands in the place of the last answer. */
  lastError: string | null;
  /** Entry types this version does not know, counted: the first hundred. */
  unknownTypes: [type: string, count: number][];
  problems: Problem[];
  problemCount: number;
}

/** The facts of a transcript without entries. */
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
