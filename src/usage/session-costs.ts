import { fileProblem } from '../claude/problem.js';
import type { Problem } from '../claude/model.js';
import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SessionLedger } from '../session-index/session-ledger.js';
import { type Holder, holdersOf, Lineage } from './holders.js';
import type { Prices } from './prices.js';
import { Sums } from './sums.js';
import { responsesHeld, Union } from './union.js';

/** What a session's responses cost: all it holds, and of that what is its own. */
export interface SessionCosts {
  all: Sums;
  own: Sums;
  /** Its head says so; see `SessionLedger`. */
  answeredSinceReport: boolean;
}

const NOTHING: SessionCosts = { all: new Sums(), own: new Sums(), answeredSinceReport: false };

/** Costs of all that each session holds, in their order; null where the price of some of it is not known. Reads their ledgers alone. */
export function inclusiveCosts(index: SessionIndex, rows: readonly SessionRow[], prices: Prices, nowMs: number): (number | null)[] {
  const sums = new Map(holdersOf(index, rows).map((holder) => [holder.row, inclusiveSums(holder, prices, nowMs)]));
  return rows.map((row) => (sums.get(row) ?? NOTHING.all).wholeUsd);
}

/** Costs of sessions, in their order; to tell what is their own, the ledgers of all sessions of the index are looked through. */
export function sessionCosts(index: SessionIndex, rows: readonly SessionRow[], prices: Prices, nowMs: number): SessionCosts[] {
  const everything = holdersOf(index, index.rows);
  const asked = new Set(rows);
  const union = new Union(sharers(everything, asked), new Lineage(everything));
  const costs = new Map<SessionRow, SessionCosts>();
  union.holders.forEach((holder, at) => {
    if (!asked.has(holder.row)) return;
    const fallbackMs = timeOf(holder, nowMs);
    const own = new Sums();
    for (const response of union.responses(at)) own.add(response, prices, fallbackMs);
    const all = union.sharing.has(holder) ? inclusiveSums(holder, prices, nowMs) : own;
    costs.set(holder.row, { all, own, answeredSinceReport: holder.head.answeredSinceReport });
  });
  return rows.map((row) => costs.get(row) ?? NOTHING);
}

/** The record with `costUsd` and `own`, and with a problem for each model that has no price. */
export function withCosts(record: SessionRecord, { all, own }: SessionCosts): SessionRecord {
  const problems = [...all.unpriced].map(([model, tokens]) => unpricedProblem(record.transcript, model, tokens));
  return {
    ...record,
    costUsd: all.wholeUsd,
    own: { tokens: own.tokens, costUsd: own.wholeUsd },
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

/** The asked sessions and all that hold one of their responses. */
function sharers(holders: readonly Holder[], asked: ReadonlySet<SessionRow>): Holder[] {
  if (holders.every(({ row }) => asked.has(row))) return [...holders];
  const ids = new Set<number>();
  for (const { row, ledger } of holders) if (asked.has(row)) for (const id of idsOf(ledger)) ids.add(id);
  return holders.filter(({ row, ledger }) => asked.has(row) || idsOf(ledger).some((id) => ids.has(id)));
}

/** Fifty-three bits of each id: the few sessions that agree in these by chance are told apart later. */
function idsOf({ ids, length }: SessionLedger): Float64Array {
  const numbers = new Float64Array(length);
  for (let at = 0; at < length; at++) numbers[at] = (ids[2 * at] ?? 0) * 0x200000 + ((ids[2 * at + 1] ?? 0) >>> 11);
  return numbers;
}
