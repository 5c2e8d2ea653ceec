import { describe, expect, it } from 'vitest';
import type { LedgerAbout } from '../../../src/session-index/format/ledger/session-ledger.js';
import { reportRelation, type ReportRelation } from '../../../src/usage/reported.js';
import { Sums } from '../../../src/usage/sums.js';
import { aRecord } from '../../support/builders.js';

/** Sums of responses of a thousand tokens each, which cost `usd` together. */
function sums(responses: number, usd: number): Sums {
  const all = new Sums();
  const amounts = { input: 1000, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearches: 0 };
  for (let at = 0; at < responses; at++) {
    all.addPriced({ model: 'm', amounts }, 1000, usd / responses);
  }
  return all;
}

interface Situation extends Partial<LedgerAbout> {
  reported: number;
  compactions?: number;
  isFork?: boolean;
  isOverridden?: boolean;
}

/** The relation for a session with four responses for $4, one of which was made by a fork. */
function relation({
  reported,
  compactions = 0,
  isFork = false,
  isOverridden = false,
  ...more
}: Situation): ReportRelation | null {
  const about: LedgerAbout = {
    models: ['m'],
    tools: [],
    cwd: null,
    repository: null,
    gitBranch: null,
    forkedFrom: null,
    answeredSinceReport: false,
    reportedTokens: null,
    isReportGuessed: false,
    renamedPrompts: [],
    ...more,
  };
  const record = { ...aRecord(), reportedCostUsd: reported, compactions };
  return reportRelation(record, { all: sums(4, 4), own: isFork ? sums(1, 1) : sums(4, 4), about, isOverridden });
}

describe("Claude Code's report and the list price", () => {
  it.each<[ReportRelation, Situation]>([
    ['same', { reported: 4 }],
    ['same', { reported: 4, isOverridden: true, reportedTokens: 9000 }],
    ['prices', { reported: 8, reportedTokens: 4000 }],
    ['prices', { reported: 2, reportedTokens: 4000, answeredSinceReport: true }],
    ['prices', { reported: 3, reportedTokens: 5000 }],
    ['prices', { reported: 5, reportedTokens: 3000 }],
    ['prices', { reported: 5, reportedTokens: 5000, isOverridden: true }],
    ['prices', { reported: 2, reportedTokens: 1000, isFork: true }],
    ['default-price', { reported: 5, reportedTokens: 4000, isReportGuessed: true }],
    ['side-calls', { reported: 5, reportedTokens: 5000 }],
    ['compactions', { reported: 5, reportedTokens: 5000, compactions: 1 }],
    ['parent', { reported: 5, reportedTokens: 5000, isFork: true }],
    ['less', { reported: 3, reportedTokens: 3000 }],
    ['older', { reported: 3, reportedTokens: 3000, answeredSinceReport: true }],
    ['from-fork', { reported: 1, isFork: true }],
    ['from-fork', { reported: 1.5, reportedTokens: 1500, isFork: true, compactions: 1 }],
    ['from-fork', { reported: 1.5, reportedTokens: 1500, isFork: true, forkedFrom: 'parent' }],
    ['more', { reported: 5 }],
    ['fewer', { reported: 3 }],
    ['older', { reported: 3, answeredSinceReport: true }],
  ])('%s: %j', (expected, situation) => {
    expect(relation(situation)).toBe(expected);
  });
});
