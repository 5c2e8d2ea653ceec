/** The library's public face. Importing it reads nothing, registers nothing and starts nothing. */
export { CcsessError, type ErrorCode } from './system/errors.js';
export type { ConfigDir, Live } from './claude/model.js';
export type { Problem } from './system/problem.js';
export {
  applyPrune,
  forecast,
  planPrune,
  removeSession,
  restore,
  type PruneOptions,
  type TrashOptions,
} from './library/forget.js';
export { listPrompts, type PromptOptions } from './library/prompts.js';
export { Session, type MessageOptions, type TouchOption, type Transcript } from './library/session.js';
export {
  createSession,
  getOrCreateSession,
  getSession,
  listSessions,
  moveProject,
  type ListOptions,
} from './library/sessions.js';
export { searchSessions, type SearchMatch, type SearchOptions } from './library/search.js';
export { stats, type StatsOptions } from './library/stats.js';
export type { LibraryOptions } from './library/surroundings.js';
export type { Forecast, ForecastPart, ForecastSession, ForecastWarning } from './retention/keep/forecast.js';
export type {
  Expiry,
  GoCode,
  Kept,
  PlanTotals,
  PolicyRecord,
  PrunePlan,
  Reason,
  Removal,
  StayCode,
} from './retention/model.js';
export type { PartKind } from './search/text/parts.js';
export type { SessionKind, SessionRecord, TitleSource, Tokens } from './session-index/record.js';
export type { CreateOptions } from './sessions/create/create.js';
export type { Filters } from './sessions/select/filters.js';
export type { ForkOptions } from './sessions/fork/fork.js';
export type { MemoryMove, MovePlan, SessionMove, Staying } from './sessions/move/move.js';
export type { PromptRecord } from './sessions/prompts/prompt-record.js';
export type { ProjectRecord } from './sessions/select/projects.js';
export type { SortKey } from './sessions/select/select.js';
export type { PriceSource } from './usage/prices/prices.js';
export type { UsageFigures, UsageReport, UsageRow } from './usage/report.js';
export type { Grouping } from './usage/stats.js';
export type { SessionMessage } from './transcript/messages/message.js';
