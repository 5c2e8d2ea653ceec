import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import type { SessionIndex } from '../../src/session-index/session-index.js';
import { ledgerSessions } from '../../src/usage/ownership/ledger-session.js';
import { listPrices } from '../../src/usage/prices/list-prices.js';
import { reportRelation } from '../../src/usage/reported.js';
import { sessionCosts, withCosts } from '../../src/usage/session-costs.js';
import { countUsage } from '../../src/usage/stats.js';
import { responsesIn } from '../../src/usage/ownership/union.js';
import { parseZone } from '../../src/usage/zone.js';
import { NOW } from '../support/builders.js';
import { fixtureHome, fixtureNames } from '../support/fixtures.js';

/**
 * Reasons why the cost that Claude Code reported differs from the list price of the responses, by the end of the
 * session's id; for all other sessions both are equal.
 */
const DIFFERENT: Record<string, Record<string, string>> = {
  bg: { '1a5': 'from-fork' },
  final: { '002': 'parent', ad5: 'parent' },
  // Resumed after lines were added by hand, all with one id and no request: they belong to the first session that has
  // them.
  hand: {
    '004': 'from-fork',
    '009': 'less',
    '010': 'less',
    '012': 'from-fork',
    '013': 'from-fork',
    '014': 'from-fork',
    '015': 'from-fork',
    '016': 'from-fork',
    '018': 'from-fork',
    '019': 'less',
    '024': 'from-fork',
  },
  // Killed, interrupted, written to by two processes at once, and its transcript deleted while it ran.
  live: { '001': 'less', '003': 'less', '007': 'less', '010': 'side-calls' },
  misc: { '003': 'parent', '011': 'compactions', '012': 'less', '10e': 'parent', '177': 'from-fork' },
  pick: { '002': 'from-fork' },
  print: { '001': 'compactions' },
  // A branch, and a session that two processes wrote to.
  screens: { '3f8': 'from-fork', b82: 'less' },
  // Claude Code generated a title, with a call that leaves no line.
  title: { '001': 'side-calls', '006': 'side-calls', '7fb': 'from-fork' },
  // A compacted session and its fork, and one whose run was killed.
  turns: { '97e': 'compactions', '5af': 'compactions', dd2: 'less' },
  ui2: { '096': 'from-fork' },
};

const prices = listPrices();

describe.each(fixtureNames('recorded'))('usage of recorded/%s', (name) => {
  it('equals the figures of Claude Code, or differs for a known reason; own usage adds up to the union', async () => {
    const index = await open(fixtureHome(`recorded/${name}`));
    const costs = sessionCosts(index, index.rows, prices, NOW);
    const records = index.records(index.rows, { footprint: false }).map((record, at) => withCosts(record, costs[at]!));

    index.rows.forEach((row, at) => expect(sessionCosts(index, [row], prices, NOW)).toEqual([costs[at]]));
    const relations = records.flatMap((record, at) => {
      const relation = reportRelation(record, costs[at]!);
      if (relation === 'same') {
        expect(record.costUsd).toBeCloseTo(record.reportedCostUsd ?? NaN, 9);
        expect(usageByModel(index, at), record.id).toEqual(reportedByModel(record.transcript));
      }
      return relation === null || relation === 'same' ? [] : [[record.id.slice(-3), relation]];
    });
    expect(Object.fromEntries(relations)).toEqual(DIFFERENT[name] ?? {});

    const { totals } = countUsage(index, { zone: parseZone('UTC', '--tz'), prices, nowMs: NOW }, []);
    expect(records.reduce((sum, { own }) => sum + (own?.tokens.total ?? NaN), 0)).toBe(totals.sums.tokens.total);
    expect(costs.reduce((sum, { own }) => sum + own.pricedUsd, 0)).toBeCloseTo(totals.sums.pricedUsd, 9);
  });
});

async function open(home: string): Promise<SessionIndex> {
  return openSessionIndex({
    configDirs: resolveConfigDirs({ explicit: [home], env: {}, home: '/nowhere', cwd: '/' }),
    cacheDir: null,
    now: () => NOW,
  });
}

/** Input, output, cache read, cache write, of that for an hour, web searches. */
type Figures = [number, number, number, number, number, number];

function usageByModel(index: SessionIndex, at: number): Record<string, Figures> {
  const figures: Record<string, Figures> = {};
  for (const session of ledgerSessions(index, [index.rows[at]!])) {
    for (const { model, amounts } of responsesIn(session)) {
      const { input, output, cacheRead, cacheWrite, cacheWrite1h, webSearches } = amounts;
      const sums = (figures[model ?? ''] ??= [0, 0, 0, 0, 0, 0]);
      [input, output, cacheRead, cacheWrite, cacheWrite1h, webSearches].forEach((count, i) => (sums[i]! += count));
    }
  }
  return figures;
}

function reportedByModel(transcript: string): Record<string, Figures> {
  const last = readFileSync(transcript, 'utf8')
    .split('\n')
    .findLast((line) => line.startsWith('{"type":"cost-state"'));
  const { modelUsage } = JSON.parse(last ?? '{}') as { modelUsage: Record<string, Record<string, number>> };
  return Object.fromEntries(
    Object.entries(modelUsage).map(([model, usage]) => {
      const of = (member: string): number => usage[member] ?? NaN;
      return [
        model,
        [
          of('inputTokens'),
          of('outputTokens'),
          of('cacheReadInputTokens'),
          of('cacheCreationInputTokens'),
          of('cacheCreationEphemeral1hInputTokens'),
          of('webSearchRequests'),
        ],
      ];
    }),
  );
}
