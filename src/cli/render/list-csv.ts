import type { SessionRecord } from '../../session-index/record.js';
import { plainUsd } from './money.js';
import { csvLine } from './text/csv.js';

type Field = string | number | null;

/** The columns of `list --csv` (docs/json.md), named like members of a record where possible. */
const COLUMNS: readonly (readonly [name: string, field: (record: SessionRecord) => Field])[] = [
  ['id', ({ id }) => id],
  ['title', ({ title }) => title],
  ['kind', ({ kind }) => kind],
  ['cwd', ({ cwd }) => cwd],
  ['projectDir', ({ projectDir }) => projectDir],
  ['configDir', ({ configDir }) => configDir],
  ['gitBranch', ({ gitBranch }) => gitBranch],
  ['models', ({ models }) => models.join(' ')],
  ['createdAt', ({ createdAt }) => createdAt],
  ['lastActivityAt', ({ lastActivityAt }) => lastActivityAt],
  ['expiresAt', ({ expiresAt }) => expiresAt],
  ['prompts', ({ prompts }) => prompts],
  ['turns', ({ turns }) => turns],
  ['toolCalls', ({ toolCalls }) => toolCalls],
  ['subagents', ({ subagents }) => subagents],
  ['inputTokens', ({ tokens }) => tokens.input],
  ['outputTokens', ({ tokens }) => tokens.output],
  ['cacheReadTokens', ({ tokens }) => tokens.cacheRead],
  ['cacheWriteTokens', ({ tokens }) => tokens.cacheWrite],
  ['totalTokens', ({ tokens }) => tokens.total],
  ['costUsd', ({ costUsd }) => plainUsd(costUsd)],
  ['ownCostUsd', ({ own }) => plainUsd(own?.costUsd ?? null)],
  ['reportedCostUsd', ({ reportedCostUsd }) => plainUsd(reportedCostUsd)],
  ['lastStopReason', ({ lastStopReason }) => lastStopReason],
  ['lastError', ({ lastError }) => lastError],
  ['footprintBytes', ({ footprintBytes }) => footprintBytes],
  ['tag', ({ tag }) => tag],
  ['pinned', ({ pinned }) => String(pinned)],
  ['archived', ({ archived }) => String(archived)],
  ['livePid', ({ live }) => live?.pid ?? null],
  ['liveStatus', ({ live }) => live?.status ?? null],
];

/** Yields sessions as comma-separated values, with a heading. */
export function* sessionCsv(records: Iterable<SessionRecord>): Generator<string> {
  yield csvLine(COLUMNS.map(([name]) => name));
  for (const record of records) yield csvLine(COLUMNS.map(([, field]) => field(record)));
}
