import { fileProblem, type Problem } from '../system/problem.js';
import type { SessionRecord } from '../session-index/record.js';
import type { LedgerAbout } from '../session-index/format/ledger/session-ledger.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { type Holder, holdersOf } from './holders.js';
import type { Prices } from './prices/prices.js';
import { Sums, roundUsd } from './sums.js';
import { responsesHeld, unionAround } from './union.js';

/** Costs of a session's responses: of all it holds, and of its own ones. */
export interface SessionCosts {
  all: Sums;
  own: Sums;
  /** The about of the session's ledger. */
  about: LedgerAbout;
  /** A price file sets the price of some of its models. */
  isOverridden: boolean;
}

const NO_HEAD: LedgerAbout = {
  models: [],
  tools: [],
  cwd: null,
  repository: null,
  gitBranch: null,
  forkedFrom: null,
  answeredSinceReport: false,
  reportedTokens: null,
  isReportGuessed: false,
};
const NOTHING: SessionCosts = { all: new Sums(), own: new Sums(), about: NO_HEAD, isOverridden: false };

/**
 * Costs of everything in each session, in their order; null where the price of a part is unknown. Reads only their
 * ledgers.
 */
export function inclusiveCosts(
  index: SessionIndex,
  rows: readonly SessionRow[],
  prices: Prices,
  nowMs: number,
): (number | null)[] {
  const sums = new Map(holdersOf(index, rows).map((holder) => [holder.row, inclusiveSums(holder, prices, nowMs)]));
  return rows.map((row) => (sums.get(row) ?? NOTHING.all).wholeUsd);
}

/**
 * Costs of sessions, in their order. To find out which responses are their own, all sessions that share one are read.
 */
export function sessionCosts(
  index: SessionIndex,
  rows: readonly SessionRow[],
  prices: Prices,
  nowMs: number,
): SessionCosts[] {
  const asked = new Set(rows);
  const union = unionAround(index, rows);
  const costs = new Map<SessionRow, SessionCosts>();
  union.holders.forEach((holder, at) => {
    if (!asked.has(holder.row)) return;
    const fallbackMs = timeOf(holder, nowMs);
    const own = new Sums();
    union.responses(at, (response) => own.add(response, prices, fallbackMs));
    const all = union.sharing.has(holder) ? inclusiveSums(holder, prices, nowMs) : own;
    const isOverridden = holder.about.models.some((model) => prices.isOverridden(model));
    costs.set(holder.row, { all, own, about: holder.about, isOverridden });
  });
  return rows.map((row) => costs.get(row) ?? NOTHING);
}

/** The record with `costUsd` and `own`, and with a problem for each model that has no price. */
export function withCosts(record: SessionRecord, { all, own }: SessionCosts): SessionRecord {
  const problems = [...all.unpriced].map(([model, tokens]) => unpricedProblem(record.transcript, model, tokens));
  return {
    ...record,
    costUsd: roundUsd(all.wholeUsd),
    own: { tokens: own.tokens, costUsd: roundUsd(own.wholeUsd) },
    problems: problems.length === 0 ? record.problems : [...record.problems, ...problems],
  };
}

/** Code of the problem that a model's price is not known. */
const UNPRICED = 'unknown-price';

function unpricedProblem(file: string, model: string, tokens: number): Problem {
  return fileProblem(UNPRICED, `no price is known for model ${model}: ${tokens} tokens`, file);
}

function inclusiveSums(holder: Holder, prices: Prices, nowMs: number): Sums {
  const sums = new Sums();
  const fallbackMs = timeOf(holder, nowMs);
  for (const response of responsesHeld(holder)) sums.add(response, prices, fallbackMs);
  return sums;
}

/** A response without a time is priced as of its session's last activity. */
function timeOf({ row }: Holder, nowMs: number): number {
  return row.lastActivityMs ?? nowMs;
}
