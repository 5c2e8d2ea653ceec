import { fileProblem, type Problem } from '../system/problem.js';
import type { SessionRecord } from '../session-index/record.js';
import type { LedgerAbout } from '../session-index/format/ledger/session-ledger.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { type LedgerSession, ledgerSessions } from './ownership/ledger-session.js';
import type { Prices } from './prices/prices.js';
import { Sums, roundUsd } from './sums.js';
import { responsesIn, unionAround } from './ownership/union.js';

/** Costs of a session: of all responses it contains, and of those it owns. */
export interface SessionCosts {
  all: Sums;
  own: Sums;
  /** Facts stored with the session's ledger. */
  about: LedgerAbout;
  /** A price file sets the price of some of its models. */
  isOverridden: boolean;
}

const NO_FACTS: LedgerAbout = {
  models: [],
  tools: [],
  cwd: null,
  repository: null,
  gitBranch: null,
  forkedFrom: null,
  answeredSinceReport: false,
  reportedTokens: null,
  isReportGuessed: false,
  renamedPrompts: [],
};
const NO_COSTS: SessionCosts = { all: new Sums(), own: new Sums(), about: NO_FACTS, isOverridden: false };

/**
 * Returns the cost of all responses in each session, copied ones included; null if one has no known price. Reads only
 * the ledgers of these sessions.
 */
export function inclusiveCosts(
  index: SessionIndex,
  rows: readonly SessionRow[],
  prices: Prices,
  nowMs: number,
): (number | null)[] {
  const sums = new Map(
    ledgerSessions(index, rows).map((session) => [session.row, inclusiveSums(session, prices, nowMs)]),
  );
  return rows.map((row) => (sums.get(row) ?? NO_COSTS.all).wholeUsd);
}

/**
 * Returns the costs of sessions, in the order of `rows`. Reads all sessions that share a response with them, to find
 * the owners.
 */
export function sessionCosts(
  index: SessionIndex,
  rows: readonly SessionRow[],
  prices: Prices,
  nowMs: number,
): SessionCosts[] {
  const requested = new Set(rows);
  const union = unionAround(index, rows);
  const costs = new Map<SessionRow, SessionCosts>();
  union.sessions.forEach((session, at) => {
    if (!requested.has(session.row)) return;
    const fallbackMs = fallbackTime(session, nowMs);
    const own = new Sums();
    union.forEachResponse(at, (response) => own.add(response, prices, fallbackMs));
    const all = union.sharing.has(session) ? inclusiveSums(session, prices, nowMs) : own;
    const isOverridden = session.about.models.some((model) => prices.isOverridden(model));
    costs.set(session.row, { all, own, about: session.about, isOverridden });
  });
  return rows.map((row) => costs.get(row) ?? NO_COSTS);
}

/** Returns the record with `costUsd` and `own`, and with a problem for each model without a price. */
export function withCosts(record: SessionRecord, { all, own }: SessionCosts): SessionRecord {
  const problems = [...all.unpriced].map(([model, tokens]) => unpricedProblem(record.transcript, model, tokens));
  return {
    ...record,
    costUsd: roundUsd(all.wholeUsd),
    own: { tokens: own.tokens, costUsd: roundUsd(own.wholeUsd) },
    problems: problems.length === 0 ? record.problems : [...record.problems, ...problems],
  };
}

/** Code of the problem that a model's price is unknown. */
const UNPRICED = 'unknown-price';

function unpricedProblem(file: string, model: string, tokens: number): Problem {
  return fileProblem(UNPRICED, `no price is known for model ${model}: ${tokens} tokens`, file);
}

function inclusiveSums(session: LedgerSession, prices: Prices, nowMs: number): Sums {
  const sums = new Sums();
  const fallbackMs = fallbackTime(session, nowMs);
  for (const response of responsesIn(session)) sums.add(response, prices, fallbackMs);
  return sums;
}

/** Responses without a time are priced as of the session's last activity. */
function fallbackTime({ row }: LedgerSession, nowMs: number): number {
  return row.lastActivityMs ?? nowMs;
}
