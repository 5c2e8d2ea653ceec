import { readCleanupPolicies } from '../../src/claude/cleanup/cleanup-policies.js';
import type { ConfigDir, Live } from '../../src/claude/model.js';
import type { Problem } from '../../src/system/problem.js';
import type { SessionKind, SessionRecord, TitleSource } from '../../src/session-index/record.js';
import { noSums } from '../../src/session-index/sums/stored-sums.js';
import type { SessionIndex, SessionRow } from '../../src/session-index/session-index.js';
import { encodeLedger } from '../../src/session-index/format/ledger/encode-ledger.js';
import { SessionLedger } from '../../src/session-index/format/ledger/session-ledger.js';
import type { SentPrompt } from '../../src/transcript/fold/prompt-fold.js';
import type { LedgerRow } from '../../src/transcript/fold/ledger.js';
import type { Usage } from '../../src/transcript/scanner/scanner.js';

/** Current time in all tests that build their sessions with this module. */
export const NOW = Date.parse('2026-11-23T06:46:02.000Z');

/** Home folder in these tests; it does not exist. */
export const HOME = '/home/me';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `~/.claude` below `HOME`. */
const CONFIG_DIR: ConfigDir = {
  path: `${HOME}/.claude`,
  projectsRoot: `${HOME}/.claude/projects`,
  explicit: false,
  isDefault: true,
};

/** Properties of a session that matter to a test; omitted ones get ordinary values. Times are in milliseconds. */
export interface Sketch {
  id?: string;
  configDir?: ConfigDir;
  title?: string | null;
  titleSource?: TitleSource;
  firstPrompt?: string | null;
  lastPrompt?: string | null;
  cwd?: string | null;
  gone?: boolean;
  kind?: SessionKind;
  branch?: string | null;
  models?: string[];
  tag?: string | null;
  active?: number | null;
  created?: number | null;
  mtime?: number;
  prompts?: number;
  turns?: number;
  tokens?: number;
  bytes?: number;
  empty?: boolean;
  resumable?: boolean;
  archived?: boolean;
  pinned?: boolean;
  problems?: Problem[];
  unreadable?: boolean;
  forked?: boolean;
  live?: Live | null;
  responses?: LedgerRow[];
  sent?: SentPrompt[];
  forkedFrom?: string | null;
  reportedUsd?: number | null;
}

/** Returns a response: by default by `claude-opus-5-5`, two hours ago, with a million tokens of output. */
export function aResponse(
  id: string,
  differences: Partial<Omit<LedgerRow, 'usage'>> & { usage?: Partial<Usage> } = {},
): LedgerRow {
  const { usage, ...rest } = differences;
  const none = {
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    cacheWrite1h: 0,
    webSearches: 0,
    tier: 'standard' as const,
    isUsOnly: false,
    odd: 0,
  };
  const row = {
    id,
    requestId: `req ${id}`,
    model: 'claude-opus-5-5',
    timeMs: NOW - 2 * 60 * 60 * 1000,
    main: true,
    tools: [],
    inherited: false,
  };
  return { ...row, ...rest, usage: { ...none, output: 1_000_000, ...usage } };
}

/** Returns the ledger of a session as the index stores it; null if it has no responses and no prompts. */
export function ledgerBytes(
  { responses = [], sent = [], forkedFrom = null, branch = null, cwd = `${HOME}/code/app` }: Sketch,
  id: string,
): Buffer | null {
  if (responses.length + sent.length === 0) return null;
  return encodeLedger({
    responses,
    prompts: sent,
    sessionId: id,
    about: {
      cwd,
      repository: null,
      gitBranch: branch,
      forkedFrom,
      answeredSinceReport: false,
      reportedTokens: null,
      isReportGuessed: false,
      renamedPrompts: [],
    },
  });
}

function ledgerOf(sketch: Sketch, id: string): SessionLedger | null {
  const bytes = ledgerBytes(sketch, id);
  return bytes === null ? null : new SessionLedger(bytes);
}

/** The columns of a session. */
function aRow(sketch: Sketch = {}): SessionRow {
  const { id = '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33', configDir = CONFIG_DIR, cwd = `${HOME}/code/app` } = sketch;
  const projectDir = (cwd ?? '/nowhere').replace(/[^A-Za-z0-9]/g, '-');
  const active = sketch.active === undefined ? NOW - 2 * 60 * 60 * 1000 : sketch.active;
  return {
    file: {
      configDir,
      projectDir,
      id,
      path: `${configDir.projectsRoot}/${projectDir}/${id}.jsonl`,
      stamp: { size: 1000, mtimeMs: sketch.mtime ?? active ?? NOW, ctimeMs: NOW, ino: 1 },
      isPlain: true,
      agents: [],
      sideEntries: [],
    },
    kind: sketch.kind ?? 'interactive',
    lastActivityMs: active,
    createdMs: sketch.created === undefined ? active : sketch.created,
    prompts: sketch.prompts ?? 1,
    turns: sketch.turns ?? 1,
    tokens: sketch.tokens ?? 0,
    empty: sketch.empty ?? false,
    resumable: sketch.resumable ?? true,
    archived: sketch.archived ?? false,
    pinned: sketch.pinned ?? false,
    damaged: (sketch.problems ?? []).length > 0,
    unreadable: sketch.unreadable ?? false,
    forked: sketch.forked ?? false,
    plain: true,
    mayBeDesktop: false,
    expiresMs: (sketch.mtime ?? active ?? NOW) + 30 * DAY_MS,
    expiryUnder: ({ days }) => (days === null ? null : (sketch.mtime ?? active ?? NOW) + days * DAY_MS),
    live: sketch.live ?? null,
  };
}

/** The full record of a session, sizes included. */
export function aRecord(sketch: Sketch = {}, row: SessionRow = aRow(sketch)): SessionRecord {
  const {
    cwd = `${HOME}/code/app`,
    title = 'A title',
    responses = [],
    tokens = responses.reduce((sum, { usage }) => sum + usage.output, 0),
  } = sketch;
  return {
    schemaVersion: 1,
    configDir: row.file.configDir.path,
    id: row.file.id,
    title,
    titleSource: title === null ? null : (sketch.titleSource ?? 'custom'),
    firstPrompt: sketch.firstPrompt ?? null,
    lastPrompt: sketch.lastPrompt ?? null,
    cwd,
    cwds: cwd === null ? [] : [cwd],
    cwdExists: cwd === null ? null : sketch.gone !== true,
    repository: null,
    projectDir: row.file.projectDir,
    transcript: row.file.path,
    kind: row.kind,
    entrypoint: 'cli',
    gitBranch: sketch.branch ?? null,
    version: '2.1.330',
    models: sketch.models ?? [],
    createdAt: isoTime(row.createdMs),
    lastActivityAt: isoTime(row.lastActivityMs),
    modifiedAt: new Date(row.file.stamp.mtimeMs).toISOString(),
    expiresAt: isoTime(row.expiresMs),
    prompts: row.prompts,
    turns: row.turns,
    messageCount: 2,
    toolCalls: 0,
    tools: {},
    compactions: 0,
    subagents: 0,
    tokens: { input: tokens, output: 0, cacheRead: 0, cacheWrite: 0, total: tokens },
    costUsd: null,
    own: null,
    reportedCostUsd: sketch.reportedUsd ?? null,
    lastStopReason: 'end_turn',
    lastError: null,
    transcriptBytes: row.file.stamp.size,
    footprintBytes: sketch.bytes ?? 1000,
    tag: sketch.tag ?? null,
    pinned: row.pinned,
    archived: row.archived,
    live: row.live,
    forkedFrom:
      sketch.forkedFrom === undefined || sketch.forkedFrom === null
        ? null
        : { id: sketch.forkedFrom, messageUuid: null },
    team: null,
    problems: sketch.problems ?? [],
  };
}

function isoTime(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString();
}

/** An index in memory that records the calls of `records`. */
export interface FakeIndex extends SessionIndex {
  /** One entry per call of `records`: the number of rows, and whether footprints were requested. */
  readonly asked: { rows: number; footprint: boolean }[];
}

/** An index over sketched sessions. */
export function fakeIndex(sketches: readonly Sketch[], problems: readonly Problem[] = []): FakeIndex {
  const records = new Map(
    sketches.map((sketch) => {
      const row = aRow(sketch);
      return [row, aRecord(sketch, row)];
    }),
  );
  const ledgers = new Map([...records.keys()].map((row, at) => [row, ledgerOf(sketches[at] ?? {}, row.file.id)]));
  const asked: FakeIndex['asked'] = [];
  return {
    rows: [...records.keys()],
    problems,
    cleanup: readCleanupPolicies([], undefined, NOW),
    asked,
    names: () => ({ isIn: () => true, read: () => {}, save: () => {} }),
    candidatesByTitle: () => [...records.keys()],
    footprintBytes: (rows) => rows.map(({ file }) => file.stamp.size),
    folderSums: noSums,
    measure: () => null,
    ids: () => Array.from(records.keys(), ({ file }) => file.id),
    cwds: () => [...new Set([...records.values()].flatMap(({ cwd, cwds }) => (cwd === null ? cwds : [cwd, ...cwds])))],
    withIdPrefix: (start) => [...records.keys()].filter((row) => row.file.id.startsWith(start)),
    withId: (id) => [...records.keys()].filter((row) => row.file.id === id),
    withSharedResponses: () => [...records.keys()],
    touching: () => new Set(),
    touchedPaths: () => [],
    totals: () => [...records.keys()].map(() => null),
    ledgers: (rows) => rows.map((row) => ledgers.get(row) ?? null),
    records(rows, { footprint }) {
      asked.push({ rows: rows.length, footprint });
      return rows.map((row) => {
        const record = records.get(row);
        if (record === undefined) throw new Error('a row of another index');
        return { ...record, footprintBytes: footprint ? record.footprintBytes : null };
      });
    },
  };
}
