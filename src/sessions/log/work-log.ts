import { setImmediate } from 'node:timers/promises';
import type { ConfigDir } from '../../claude/model.js';
import { cachedExists, projectFolderOf, repositoryOfPath } from '../../claude/worktree.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { Problem } from '../../system/problem.js';
import type { Prices } from '../../usage/prices/prices.js';
import { AgedSession, compareAge } from '../../usage/ownership/session-age.js';
import { spanUsage, type SpanUsage } from '../../usage/span-usage.js';
import { roundUsd } from '../../usage/sums.js';
import { listPrompts } from '../prompts/list-prompts.js';
import type { PromptRecord } from '../prompts/prompt-record.js';
import { compareText } from '../select/listing.js';
import { select } from '../select/select.js';
import { ChangedFiles } from './changed-files.js';
import type { LogQuery } from './log-query.js';
import { logTotals, type LogPrompt, type LogProject, type LogSession, type WorkLog } from './log-record.js';

/** Conditions of a log in addition to its query. */
export interface LogConditions {
  configDirs: readonly ConfigDir[];
  prices: Prices;
  nowMs: number;
  /** Maximum number of sessions: the newest ones. */
  limit: number;
  /** Sessions of the query that are left out. */
  isLeftOut?: (row: SessionRow) => boolean;
  signal?: AbortSignal | null;
}

/** A log, and the files that could not be read. */
export interface FoundLog {
  log: WorkLog;
  problems: Problem[];
}

/** A session of the log before its files are read. */
interface LogDraft {
  /** Null for a session that is gone. */
  row: SessionRow | null;
  prompts: PromptRecord[];
  usage: SpanUsage | null;
  firstMs: number;
  lastMs: number;
}

/**
 * Returns the work in the span of a query: the sessions in which a prompt was sent or answered, by folder and newest
 * first, with prompts, cost and changed files. Work that a fork inherited counts for the session that did it. Rejects
 * when aborted.
 */
export async function workLog(index: SessionIndex, query: LogQuery, conditions: LogConditions): Promise<FoundLog> {
  const { limit, prices, signal } = conditions;
  const { prompts, problems } = await listPrompts(index, query, { ...conditions, limit: Infinity });
  const all = sessionsWorkedIn(index, query, prompts.filter(({ state }) => state === 'sent').reverse(), conditions);
  all.sort((a, b) => b.lastMs - a.lastMs || b.firstMs - a.firstMs || compareText(keyOf(a), keyOf(b)));
  const worked = all.slice(0, limit);
  const files = await changedFiles(worked, query, problems, signal ?? null);
  const rows = worked.flatMap(({ row }) => row ?? []);
  const records = new Map(index.records(rows, { footprint: false }).map((record, at) => [rows[at], record]));
  const exists = cachedExists();
  const projects = new Map<string, LogProject>();
  const sessions: LogSession[] = [];
  for (const one of worked) {
    const record = one.row === null ? null : (records.get(one.row) ?? null);
    const session = sessionOf(one, record);
    if (session === null) continue;
    session.files = (one.row === null ? undefined : files.get(one.row)) ?? [];
    sessions.push(session);
    const configDir = record?.configDir ?? one.prompts[0]?.configDir ?? '';
    const repository = record?.repository ?? (session.cwd === null ? null : repositoryOfPath(session.cwd));
    const cwd = projectFolderOf({ cwd: session.cwd, repository }, exists);
    const key = JSON.stringify([configDir, cwd, cwd === null ? session.projectDir : null]);
    const project = projects.get(key) ?? { configDir, cwd, sessions: [] };
    projects.set(key, project);
    project.sessions.push(session);
  }
  const log: WorkLog = {
    schemaVersion: 1,
    since: new Date(query.sinceMs).toISOString(),
    until: query.isOpen ? null : new Date(query.beforeMs).toISOString(),
    prices: [...prices.sources],
    projects: [...projects.values()],
    totals: logTotals(sessions),
    omitted: all.length - worked.length,
  };
  return { log, problems };
}

/** Sessions of the query in which something was done in the span. `prompts` are the oldest first. */
function sessionsWorkedIn(
  index: SessionIndex,
  query: LogQuery,
  prompts: readonly PromptRecord[],
  { prices, nowMs, isLeftOut = () => false }: LogConditions,
): LogDraft[] {
  const { sinceMs, beforeMs } = query;
  const rows = select(index, query.sessions).rows.filter(
    (row) => (row.lastActivityMs ?? -Infinity) >= sinceMs && (row.createdMs ?? -Infinity) < beforeMs && !isLeftOut(row),
  );
  const usages = spanUsage(index, rows, query, prices, nowMs);
  const ofSession = bySession(prompts);
  const worked = rows.flatMap((row, at): LogDraft[] => {
    const own = ofSession.get(rowKey(row)) ?? [];
    ofSession.delete(rowKey(row));
    const usage = usages[at] ?? null;
    const [firstMs, lastMs] = timesOf(own, usage);
    if (firstMs > lastMs) return [];
    const isLastIn = row.lastActivityMs !== null && row.lastActivityMs < beforeMs;
    return [{ row, prompts: own, usage, firstMs, lastMs: isLastIn ? Math.max(lastMs, row.lastActivityMs) : lastMs }];
  });
  for (const own of ofSession.values()) {
    // A session that was written to since the index was opened has no figures yet.
    if (own[0]?.source !== 'history') continue;
    const [firstMs, lastMs] = timesOf(own, null);
    if (firstMs <= lastMs) worked.push({ row: null, prompts: own, usage: null, firstMs, lastMs });
  }
  return worked;
}

function bySession(prompts: readonly PromptRecord[]): Map<string, PromptRecord[]> {
  const groups = new Map<string, PromptRecord[]>();
  for (const prompt of prompts) {
    const key = promptKey(prompt);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [prompt]);
    else group.push(prompt);
  }
  return groups;
}

/** Returns the first and the last time; without any, the first is greater than the last. */
function timesOf(prompts: readonly PromptRecord[], usage: SpanUsage | null): [firstMs: number, lastMs: number] {
  const times = prompts.flatMap(({ timestamp }) => (timestamp === null ? [] : [Date.parse(timestamp)]));
  return [
    times.reduce((first, time) => Math.min(first, time), usage?.firstMs ?? Infinity),
    times.reduce((last, time) => Math.max(last, time), usage?.lastMs ?? -Infinity),
  ];
}

async function changedFiles(
  worked: readonly LogDraft[],
  query: LogQuery,
  problems: Problem[],
  signal: AbortSignal | null,
): Promise<ReturnType<ChangedFiles['files']>> {
  const changed = new ChangedFiles(query, problems);
  const sessions = worked.flatMap(({ row }) => (row === null ? [] : new AgedSession(row)));
  for (const { row } of sessions.sort(compareAge)) {
    // Reading is synchronous, so this lets an abort or Ctrl-C take effect.
    await setImmediate();
    signal?.throwIfAborted();
    changed.add(row);
  }
  return changed.files();
}

/** Returns the session without its files; null if its row no longer has a record. */
function sessionOf(
  { row, prompts, usage, firstMs, lastMs }: LogDraft,
  record: SessionRecord | null,
): LogSession | null {
  const [first] = prompts;
  if (row !== null && record === null) return null;
  const id = record?.id ?? first?.sessionId ?? null;
  return {
    id,
    projectDir: record?.projectDir ?? null,
    title: record?.title ?? null,
    titleSource: record?.titleSource ?? null,
    cwd: record === null ? (first?.cwd ?? null) : record.cwd,
    kind: record?.kind ?? null,
    gitBranch: record?.gitBranch ?? null,
    firstAt: new Date(firstMs).toISOString(),
    lastAt: new Date(lastMs).toISOString(),
    costUsd: usage === null ? null : roundUsd(usage.sums.knownUsd),
    unpricedTokens: usage === null ? 0 : [...usage.sums.unpriced.values()].reduce((sum, tokens) => sum + tokens, 0),
    tokens: { ...(usage?.sums.tokens ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 }) },
    prompts: prompts.map(({ prompt, timestamp, text }): LogPrompt => ({ prompt, timestamp, text })),
    files: [],
    source: record === null ? 'history' : 'transcript',
  };
}

function promptKey({ configDir, projectDir, sessionId, source, cwd }: PromptRecord): string {
  // Lines of old versions name no session: those of one folder are together.
  return JSON.stringify([configDir, projectDir, sessionId, source === 'history' && sessionId === null ? cwd : null]);
}

function rowKey({ file: { configDir, projectDir, id } }: SessionRow): string {
  return JSON.stringify([configDir.path, projectDir, id, null]);
}

function keyOf({ row, prompts: [first] }: LogDraft): string {
  return row === null ? (first === undefined ? '' : promptKey(first)) : rowKey(row);
}
