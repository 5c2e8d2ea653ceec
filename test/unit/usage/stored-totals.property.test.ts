import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionIndex } from '../../../src/session-index/session-index.js';
import { GROUPINGS, type StatsQuery } from '../../../src/usage/groups.js';
import { listPrices } from '../../../src/usage/prices/list-prices.js';
import { costAt, type Prices } from '../../../src/usage/prices/prices.js';
import { overviewOf } from '../../../src/usage/overview.js';
import { usageReport } from '../../../src/usage/report.js';
import { countUsage } from '../../../src/usage/stats.js';
import { parseZone } from '../../../src/usage/zone.js';
import type { LedgerRow } from '../../../src/transcript/fold/ledger.js';
import { aResponse, fakeIndex, HOME, NOW, type Sketch } from '../../support/builders.js';
import { keptIndex } from '../../support/kept-index.js';
import { rounds } from '../../support/rounds.js';

const QUARTER_MS = 15 * 60 * 1000;
const HOUR_MS = 4 * QUARTER_MS;
/** Until this day, claude-opus-4-6 had a higher list price for requests of over 200,000 tokens. */
const CHANGE_MS = Date.parse('2026-03-13T00:00:00Z');
const prices = listPrices();

/** Times near the start of quarter hours, days and prices; some with fractions, some unknown. */
const timeMs = fc.oneof(
  fc.constant(null),
  fc.nat(3 * HOUR_MS).map((ms) => NOW - ms),
  fc.integer({ min: -2000, max: 2000 }).map((ms) => Date.parse('2026-11-23T00:00:00Z') + ms),
  fc.integer({ min: -2000, max: 2000 }).map((ms) => CHANGE_MS + ms),
  fc.constant(NOW - HOUR_MS + 0.5),
  fc.constant(-1),
);

const response: fc.Arbitrary<LedgerRow> = fc
  .record({
    id: fc.nat(30),
    timeMs,
    model: fc.constantFrom(
      null,
      'claude-opus-5-5',
      'claude-haiku-5-5',
      'claude-opus-4-6',
      'gemini-2.5-pro',
      'deepseek-chat',
      'unheard-of',
    ),
    tier: fc.constantFrom('standard' as const, 'fast' as const, 'batch' as const),
    isUsOnly: fc.boolean(),
    input: fc.constantFrom(0, 0, 7, 60_000, 150_000, 250_000),
    output: fc.constantFrom(0, 0, 11, 70_000),
    isHuge: fc.boolean(),
    cacheWrite: fc.constantFrom(0, 1000),
    cacheWrite1h: fc.constantFrom(0, 400, 5000),
    webSearches: fc.constantFrom(0, 2),
    inherited: fc.boolean(),
    tools: fc.array(fc.constantFrom('Bash', 'Read', ''), { maxLength: 2 }),
  })
  .map(({ id, timeMs: time, model, inherited, tools, isHuge, ...usage }) => {
    // Sums above 32 bits only for a model without a price: the last digits of large costs depend on the order of sums.
    const output = isHuge && model === 'unheard-of' ? 4_000_000_000 : usage.output;
    return aResponse(`msg_${id}`, { timeMs: time, model, inherited, tools, usage: { ...usage, output } });
  });

const ID = (at: number): string => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;

/** Any sessions: some with responses and prompts of others, some that were forked, some that are copies. */
const sketches: fc.Arbitrary<Sketch[]> = fc.uniqueArray<Sketch, string | undefined>(
  fc.record({
    id: fc.nat(9).map(ID),
    cwd: fc.constantFrom(null, `${HOME}/code/app`, `${HOME}/code/other`),
    branch: fc.constantFrom(null, 'main', 'fix'),
    active: fc.constantFrom(null, NOW, NOW - HOUR_MS),
    created: fc.constantFrom(NOW - HOUR_MS, NOW - 3 * HOUR_MS),
    forkedFrom: fc.option(fc.nat(9).map(ID), { nil: null }),
    responses: fc
      .uniqueArray(response, { maxLength: 5, selector: ({ id }) => id })
      .map((rows) => rows.map((row) => ({ ...row }))),
    sent: fc.uniqueArray(fc.record({ uuid: fc.nat(30).map((n) => `uuid ${n}`), timeMs }), {
      maxLength: 3,
      selector: ({ uuid }) => uuid,
    }),
  }),
  { maxLength: 8, selector: ({ id }) => id },
);

const range = fc.record(
  {
    sinceMs: fc.oneof(
      fc.nat(3 * HOUR_MS).map((ms) => NOW - ms),
      fc.constant(Math.floor(NOW / QUARTER_MS - 3) * QUARTER_MS),
    ),
    beforeMs: fc.nat(2 * HOUR_MS).map((ms) => NOW - ms),
  },
  { requiredKeys: [] },
);
const zone = fc.constantFrom('UTC', '+05:45', '+00:07', '-11:00', 'Europe/Berlin');

/** Returns reports by day and by session for each value of `tools`, which says where tool calls are counted. */
function toolCalls(index: SessionIndex, query: StatsQuery): Record<string, { totals: unknown; rows: unknown[] }[]> {
  const frame = { since: null, until: null, timeZone: null, prices: [] };
  const countedAt = (tools: NonNullable<StatsQuery['tools']>): { totals: unknown; rows: unknown[] }[] => {
    const stats = countUsage(index, { ...query, tools }, ['day', 'session']);
    return (['day', 'session'] as const).map((by) => {
      const { totals, rows } = usageReport(stats, [by], index, frame);
      return { totals, rows };
    });
  };
  return { groups: countedAt('groups'), totals: countedAt('totals'), nowhere: countedAt('nowhere') };
}

/** All reports, as one value. */
function everything(index: SessionIndex, query: StatsQuery): unknown {
  const groupings = [...GROUPINGS, ['day', 'model'], ['project', 'kind', 'branch']] as const;
  const stats = countUsage(index, query, groupings);
  const frame = { since: null, until: null, timeZone: null, prices: [] };
  return {
    reports: GROUPINGS.map((by) => usageReport(stats, [by], index, frame)),
    pairs: usageReport(stats, ['day', 'model'], index, frame),
    triples: usageReport(stats, ['project', 'kind', 'branch'], index, frame),
    overview: overviewOf(stats, query.zone.dayOf(NOW), index),
  };
}

function queryOf(ends: object, name: string, of: Prices = prices): StatsQuery {
  return { ...ends, zone: parseZone(name, '--tz'), prices: of, nowMs: NOW };
}

describe('usage counted from stored totals', () => {
  it('equals the sum of all responses, whatever was added, removed and changed since they were stored', () => {
    let used = 0;
    fc.assert(
      fc.property(
        fc.array(sketches, { minLength: 1, maxLength: 4 }),
        range,
        zone,
        fc.array(fc.nat(7), { maxLength: 1 }),
        (states, ends, name, doubtful) => {
          let file: Buffer | null = null;
          let before: Sketch[] = [];
          for (const state of states) {
            // Most sessions stay as they were.
            const ids = new Set(before.slice(1).map(({ id }) => id));
            const now = [...before.slice(1), ...state.filter(({ id }) => !ids.has(id))];
            const kept = keptIndex(now, file, doubtful);
            const query = queryOf(ends, name);
            expect(everything(kept.index, query)).toEqual(everything(fakeIndex(now), query));
            used += kept.used;
            file = kept.file;
            before = now;
          }
        },
      ),
      { numRuns: rounds(300) },
    );
    expect(used).toBeGreaterThan(300);
  });

  it('is the same with a price file, which may have any model and tier', () => {
    const inputOnly = { input: 3, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearch: 0 };
    const flat: Prices = {
      ...prices,
      sources: [],
      cost: (model, _, __, amounts) => (model === 'unheard-of' ? null : costAt(inputOnly, amounts)),
      during: (model) => (model === 'unheard-of' ? null : { rates: inputOnly, factor: 1, maxSent: Infinity }),
      price: () => null,
      isOverridden: () => true,
    };
    fc.assert(
      fc.property(sketches, (state) => {
        const query = queryOf({}, 'UTC', flat);
        expect(everything(keptIndex(state, null).index, query)).toEqual(everything(fakeIndex(state), query));
      }),
      { numRuns: rounds(50) },
    );
  });
});

describe('tool calls', () => {
  it('are counted in groups, in totals or nowhere, as requested, which changes no other figure', () => {
    fc.assert(
      fc.property(sketches, (state) => {
        const without = (value: unknown): unknown =>
          JSON.parse(JSON.stringify(value, (key, one: unknown) => (key === 'tools' ? undefined : one)));
        const query = queryOf({}, 'UTC');
        for (const index of [keptIndex(state, null).index, fakeIndex(state)]) {
          const { groups = [], totals = [], nowhere = [] } = toolCalls(index, query);
          expect(totals.map((report) => report.totals)).toEqual(groups.map((report) => report.totals));
          for (const { rows } of [...totals, ...nowhere])
            for (const row of rows) expect(row).toMatchObject({ tools: {} });
          for (const report of nowhere) expect(report.totals).toMatchObject({ tools: {} });
          expect(without(totals)).toEqual(without(groups));
          expect(without(nowhere)).toEqual(without(groups));
        }
      }),
      { numRuns: rounds(50) },
    );
  });
});

describe('stored totals', () => {
  const session = (at: number, ...names: string[]): Sketch => ({
    id: ID(at),
    responses: names.map((name) => aResponse(name, { usage: { output: 10 } })),
  });
  const many = Array.from({ length: 12 }, (_, at) => session(at, `own ${at}`));

  it('are used for sessions that share no response, whose ledgers are then not read', () => {
    const first = keptIndex(many, null);
    expect([first.used, first.read]).toEqual([12, 12]);
    const second = keptIndex(many, first.file);
    expect([second.used, second.read, second.file]).toEqual([12, 0, first.file]);
  });

  it('compare a new session with the stored ones, and do not compare those again', () => {
    const { file } = keptIndex(many, null);
    const alone = keptIndex([...many, session(12, 'new')], file);
    expect([alone.used, alone.read]).toEqual([13, 1]);
    const fork = keptIndex([...many, session(12, 'own 3', 'new')], file);
    expect([fork.used, fork.read]).toEqual([11, 2]);
    const again = keptIndex([...many, session(12, 'own 3', 'new')], fork.file);
    expect([again.used, again.read]).toEqual([11, 0]);
  });

  it('are dropped for a session that changed and for those that shared responses with it', () => {
    const sharing = [...many.slice(0, -1), session(11, 'own 0')];
    const { file, used } = keptIndex(sharing, null);
    expect(used).toBe(10);
    const changed = keptIndex([...sharing.slice(0, -1), session(11, 'other')], file);
    expect([changed.used, changed.read]).toEqual([11, 1]);
  });

  it('are not used for two copies of a session, although their ledgers are equal', () => {
    const { file } = keptIndex(many, null);
    const copied = keptIndex([...many, { ...session(3, 'own 3'), cwd: `${HOME}/code/app` }], file);
    expect([copied.used, copied.read]).toEqual([11, 0]);
  });

  it('are not stored for a ledger that is not in the index yet, which is compared each time', () => {
    const { file } = keptIndex(many, null);
    const state = [...many, session(12, 'own 3', 'new')];
    for (let turn = 0; turn < 2; turn++) {
      const doubtful = keptIndex(state, file, [12]);
      expect([doubtful.used, doubtful.read]).toEqual([11, 2]);
    }
  });

  it('are computed anew if many sessions are not in the file', () => {
    const { file } = keptIndex(many.slice(0, 8), null);
    const grown = keptIndex(many, file);
    expect([grown.used, grown.read]).toEqual([12, 12]);
  });
});
