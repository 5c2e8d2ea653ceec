import { footprintEntries } from '../../claude/footprint-entries.js';
import { listIdArtifacts, sideFolderOf, type SessionPart, type IdArtifacts } from '../../claude/layout.js';
import { isShorter } from '../../claude/cleanup/cleanup-policies.js';
import type { CleanupPolicy, SkippedCleanup } from '../../claude/cleanup/cleanup-policy.js';
import { partExpiry } from '../../claude/cleanup/expiry.js';
import type { ConfigDir, Live } from '../../claude/model.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionKind } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { readPeriods, type Periods } from './cleanup-periods.js';

/** Part of a session's footprint that Claude Code's cleanup deletes before the end of the forecast. */
export interface ForecastPart {
  /** `side-folder`: the folder `<id>/` itself. */
  part: SessionPart | 'side-folder';
  deleteFiles: number;
  deleteBytes: number;
  /** When the first file of it is deleted. */
  expiresAt: string;
}

/** A session that the cleanup deletes, whole or in part. Times are ISO 8601 UTC. */
export interface ForecastSession {
  id: string;
  configDir: string;
  projectDir: string;
  cwd: string | null;
  title: string | null;
  kind: SessionKind;
  lastActivityAt: string | null;
  modifiedAt: string;
  pinned: boolean;
  live: Live | null;
  /** The whole session is deleted, not only parts of it. */
  whole: boolean;
  /** When it is deleted, or the first of its parts; a time in the past means the next cleanup. */
  expiresAt: string;
  /** Number of files that are deleted. */
  deleteFiles: number;
  /** Bytes of these files. */
  deleteBytes: number;
  parts: ForecastPart[];
}

/** A folder in which a start of Claude Code deletes sooner, in all projects. */
export interface ForecastWarning {
  folder: string;
  /** The settings file that sets the period. */
  file: string;
  days: number;
  /** Number of sessions that a start there would delete now. */
  sessions: number;
}

/** Policy of Claude Code's cleanup in a config dir. */
export interface ForecastPeriod {
  configDir: string;
  /** Days after which it deletes; null if it is skipped. */
  days: number | null;
  /** The reason why it is skipped; null if it runs. */
  skipped: SkippedCleanup | null;
}

/** The deletions of Claude Code's own cleanup, with their times. JSON as docs/schema/forecast.schema.json. */
export interface Forecast {
  schemaVersion: 1;
  now: string;
  until: string;
  /** Policy of the cleanup in each config dir. */
  periods: ForecastPeriod[];
  /** Soonest first, whole sessions before those that lose parts. */
  sessions: ForecastSession[];
  warnings: ForecastWarning[];
  totals: { sessions: number; deleteBytes: number; partly: number; partlyDeleteBytes: number };
}

/**
 * Predicts the deletions of Claude Code's own cleanup until a time (milliseconds), from modification times and the
 * user's and managed settings. Source: docs/storage.md, "Cleanup". Never throws.
 */
export function forecast(index: SessionIndex, untilMs: number, environment: Environment): Forecast {
  const now = environment.now();
  const periods = readPeriods(index, environment.configDirs);
  const { cleanup } = index;
  const idArtifacts = listIdArtifacts(environment.configDirs);
  const losses = index.rows.flatMap((row) => {
    const loss = lossOf(row, { policy: cleanup.of(row.file.configDir), idArtifacts, now, untilMs });
    return loss === null ? [] : [loss];
  });
  losses.sort(
    (a, b) =>
      Number(b.whole) - Number(a.whole) || a.expiresMs - b.expiresMs || (a.row.file.id < b.row.file.id ? -1 : 1),
  );
  const sessions = describe(index, losses);
  const partly = sessions.filter(({ whole }) => !whole);
  return {
    schemaVersion: 1,
    now: new Date(now).toISOString(),
    until: new Date(untilMs).toISOString(),
    periods: environment.configDirs.map((configDir) => periodOf(configDir, cleanup.of(configDir))),
    sessions,
    warnings: warningsOf(index, periods, now),
    totals: {
      sessions: sessions.length - partly.length,
      deleteBytes: sum(sessions.filter(({ whole }) => whole)),
      partly: partly.length,
      partlyDeleteBytes: sum(partly),
    },
  };
}

function periodOf({ path }: ConfigDir, { days, skipped }: CleanupPolicy): ForecastPeriod {
  return { configDir: path, days, skipped };
}

interface Loss {
  row: SessionRow;
  whole: boolean;
  expiresMs: number;
  parts: ForecastPart[];
}

interface LossOptions {
  policy: CleanupPolicy;
  idArtifacts: IdArtifacts;
  now: number;
  untilMs: number;
}

/** Returns the parts of a session that are deleted until then; null if there are none. */
function lossOf(row: SessionRow, { policy, idArtifacts, now, untilMs }: LossOptions): Loss | null {
  if (policy.days === null) return null;
  const { expiresMs: sessionMs, mayBeDesktop } = row;
  const aging = { policy, sessionMs, sideFolder: sideFolderOf(row.file), mayBeDesktop, now };
  const parts = new Map<string, ForecastPart>();
  const counted = new Set<number>();
  let firstMs = Infinity;
  for (const entry of footprintEntries(row.file, idArtifacts)) {
    if (!entry.stats.isFile() || counted.has(entry.stats.ino)) continue;
    const expiresMs = partExpiry(entry, aging);
    if (expiresMs === null || expiresMs > untilMs) continue;
    if (entry.stats.nlink > 1) counted.add(entry.stats.ino);
    firstMs = Math.min(firstMs, expiresMs);
    const known = parts.get(entry.part);
    const expiresAt = new Date(expiresMs).toISOString();
    parts.set(entry.part, {
      part: entry.part,
      deleteFiles: (known?.deleteFiles ?? 0) + 1,
      deleteBytes: (known?.deleteBytes ?? 0) + entry.stats.size,
      expiresAt: known !== undefined && known.expiresAt < expiresAt ? known.expiresAt : expiresAt,
    });
  }
  if (parts.size === 0) return null;
  const whole = sessionMs !== null && sessionMs <= untilMs;
  return { row, whole, expiresMs: whole ? sessionMs : firstMs, parts: [...parts.values()] };
}

function describe(index: SessionIndex, losses: readonly Loss[]): ForecastSession[] {
  const records = index.records(
    losses.map(({ row }) => row),
    { footprint: false },
  );
  return losses.flatMap(({ row, whole, expiresMs, parts }, at) => {
    const record = records[at];
    if (record === undefined) return [];
    const { id, configDir, projectDir, cwd, title, kind, lastActivityAt, modifiedAt } = record;
    const figures = {
      deleteFiles: parts.reduce((total, { deleteFiles }) => total + deleteFiles, 0),
      deleteBytes: sum(parts),
    };
    const state = { pinned: row.pinned, live: row.live, whole, expiresAt: new Date(expiresMs).toISOString() };
    return [{ id, configDir, projectDir, cwd, title, kind, lastActivityAt, modifiedAt, ...state, ...figures, parts }];
  });
}

function warningsOf({ rows, cleanup }: SessionIndex, { shorter }: Periods, now: number): ForecastWarning[] {
  return shorter.map(({ folder, file, days, policyOf }) => {
    const deleted = rows.filter((row) => {
      const policy = policyOf(row.file.configDir);
      return isShorter(policy, cleanup.of(row.file.configDir)) && (row.expiryUnder(policy) ?? Infinity) <= now;
    });
    return { folder, file, days, sessions: deleted.length };
  });
}

function sum(items: readonly { deleteBytes: number }[]): number {
  return items.reduce((total, { deleteBytes }) => total + deleteBytes, 0);
}
