/** The library's public API. Importing it has no side effects. */
export { CcsessError, type ErrorCode } from './system/errors.js';
export type { SkippedCleanup } from './claude/cleanup/cleanup-policy.js';
export type { SessionFile } from './claude/footprint-paths.js';
export type { SessionPart } from './claude/layout.js';
export type { ConfigDir, Live, LiveStatus, OpenText } from './claude/model.js';
export type { Problem, ProblemCode, SystemErrorCode } from './system/problem.js';
export type { MessageOptions } from './library/conversation.js';
export { clearIndex, indexStatus, type IndexFiles } from './library/index-files.js';
export { forecast, protect, type Protected } from './library/keep.js';
export type { OneOrMore, WrittenMoment, WrittenSize } from './library/support/options.js';
export { listProjects, type ProjectOptions } from './library/projects.js';
export {
  applyPrune,
  planPrune,
  removeSession,
  removeSessions,
  type PruneOptions,
  type RemoveOptions,
} from './library/prune.js';
export { Session, type NamedSessions } from './library/session.js';
export type {
  ResumeCommand,
  ResumeOptions,
  SessionForkOptions,
  Subagent,
  TouchOption,
  Transcript,
} from './library/session-options.js';
export { listTouchedFiles, readFileVersion } from './library/files/touched-files.js';
export { listPrompts, type PromptOptions } from './library/prompts.js';
export { workLog, type LogOptions } from './library/log.js';
export {
  createSession,
  currentSession,
  getOrCreateSession,
  getSession,
  listSessions,
  moveProject,
  type FilterOptions,
  type ListOptions,
} from './library/sessions.js';
export { orphanedHistory, type OrphanedHistoryOptions } from './library/files/orphaned-history.js';
export {
  applyRewind,
  listCheckpoints,
  planRewind,
  undoRewind,
  type CheckpointListOptions,
  type RewindApplyOptions,
  type RewindPlanOptions,
  type UndoOptions,
} from './library/files/rewind.js';
export { searchSessions, type SearchMatch, type SearchOptions } from './library/search.js';
export { listPrices, stats, type PriceList, type StatsOptions } from './library/stats.js';
export type { LibraryOptions, StopSignal } from './library/context.js';
export {
  emptyTrash,
  listTrash,
  recover,
  restore,
  type EmptiedTrash,
  type TrashListOptions,
  type TrashOptions,
} from './library/trash.js';
export type { OrphanedCopy, OrphanedFile, OrphanedHistory } from './checkpoints/orphans/find-orphans.js';
export type { Absence } from './checkpoints/absence.js';
export type { CheckpointRecord, CheckpointRow, CheckpointsReport, LineCounts } from './checkpoints/report.js';
export type { RewindPlan, RewindWarning, RewoundFile, SkippedFile, SkipReason } from './checkpoints/rewind/model.js';
export type { UndoneFile, UndoPlan } from './checkpoints/rewind/undo.js';
export type {
  Forecast,
  ForecastPart,
  ForecastPeriod,
  ForecastSession,
  ForecastWarning,
} from './retention/keep/forecast.js';
export type {
  Expiry,
  FailureCode,
  RemovalCode,
  Kept,
  PlanTotals,
  PolicyRecord,
  PrunePlan,
  Reason,
  Removal,
  KeepCode,
} from './retention/model.js';
export type { PartKind } from './search/text/parts.js';
export type { Recovered } from './retention/restore/recover.js';
export type { TrashedRecord } from './retention/trash/trashed-record.js';
export type { SessionKind, SessionRecord, StopReason, TitleSource, Tokens } from './session-index/record.js';
export type { CreateOptions } from './sessions/create/create.js';
export type { Filters } from './sessions/select/filters.js';
export type { MemoryMove, MovePlan, SessionMove, Staying } from './sessions/move/move.js';
export type { FileVersion, TouchedFile } from './sessions/files/file-record.js';
export type {
  LogFile,
  LogProject,
  LogPrompt,
  LogSession,
  LogTotals,
  WorkLog,
} from './sessions/log/log-record.js';
export type { PromptRecord } from './sessions/prompts/prompt-record.js';
export type { ProjectRecord, ProjectSortKey } from './sessions/select/projects.js';
export type { SortKey } from './sessions/select/select.js';
export type { PriceRecord } from './usage/prices/priced-model.js';
export type { LongRequests, PriceSource, Rates } from './usage/prices/prices.js';
export type { UsageFigures, UsageReport, UsageRow } from './usage/report.js';
export type { Grouping } from './usage/groups.js';
export type {
  BlockSource,
  ContentBlock,
  DocumentBlock,
  ImageBlock,
  OtherBlock,
  RedactedThinkingBlock,
  TextBlock,
  ThinkingBlock,
  ToolResultBlock,
  ToolUseBlock,
} from './transcript/messages/content-block.js';
export type { SessionMessage } from './transcript/messages/message.js';
