import type { Live, OpenText } from '../claude/model.js';
import type { ProjectFolders } from '../claude/worktree.js';
import type { Problem } from '../system/problem.js';

/** Source of a title; `null` when there is none. */
export type TitleSource = 'custom' | 'ai' | 'summary' | 'prompt' | null;

/** How a session was run: see docs/json.md. */
export type SessionKind = 'interactive' | 'headless' | 'background' | 'teammate';

/** Reason why an answer ended, from the API. */
export type StopReason = OpenText<
  'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'pause_turn' | 'refusal' | 'model_context_window_exceeded'
>;

/** Tokens of the transcript and its subagents, each response counted once. */
export interface Tokens {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  total: number;
}

/**
 * One session as JSON shows it (schema version 1, docs/schema/session.schema.json).
 * Times are ISO 8601 UTC, sizes are bytes; what is absent is `null`, never left out.
 */
export interface SessionRecord {
  schemaVersion: 1;
  configDir: string;
  id: string;
  title: string | null;
  titleSource: TitleSource;
  firstPrompt: string | null;
  lastPrompt: string | null;
  cwd: string | null;
  cwds: string[];
  cwdExists: boolean | null;
  repository: string | null;
  projectDir: string;
  transcript: string;
  kind: SessionKind;
  entrypoint: string | null;
  gitBranch: string | null;
  version: string | null;
  models: string[];
  createdAt: string | null;
  lastActivityAt: string | null;
  modifiedAt: string;
  expiresAt: string | null;
  prompts: number;
  turns: number;
  messageCount: number;
  toolCalls: number;
  tools: Record<string, number>;
  compactions: number;
  subagents: number;
  tokens: Tokens;
  costUsd: number | null;
  own: { tokens: Tokens; costUsd: number | null } | null;
  reportedCostUsd: number | null;
  lastStopReason: StopReason | null;
  lastError: string | null;
  transcriptBytes: number;
  footprintBytes: number | null;
  tag: string | null;
  pinned: boolean;
  archived: boolean;
  live: Live | null;
  forkedFrom: { id: string; messageUuid: string | null } | null;
  team: { name: string; agent: string; leader: string | null } | null;
  problems: Problem[];
}

/**
 * Returns true if a session has a given title or a tag and Claude Code can open it. Such a session does not count as
 * empty, even before its first prompt.
 */
export function isNamed(resumable: boolean, { titleSource, tag }: Pick<SessionRecord, 'titleSource' | 'tag'>): boolean {
  return resumable && (titleSource === 'custom' || tag !== null);
}

/** Fields that decide which project a session belongs to; a session record has them. */
export interface ProjectMember extends ProjectFolders {
  /** Used if the session's folder is unknown; null excludes such a session. */
  projectDir: string | null;
}

/** Tests if a session belongs to the wanted projects. */
export type ProjectFilter = (session: ProjectMember) => boolean;
