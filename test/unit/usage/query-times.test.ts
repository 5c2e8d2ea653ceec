import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE, QUARTER_MS } from '../../../src/session-index/totals/totals-layout.js';
import { QueryTimes } from '../../../src/usage/quarters/query-times.js';
import { parseZone } from '../../../src/usage/zone.js';

const START_MS = Date.parse('2026-11-23T22:30:00Z');
const QUARTER = START_MS / QUARTER_MS;

/** Times in and around the quarter hour. */
const near = fc.integer({ min: -10, max: QUARTER_MS + 10 }).map((ms) => START_MS + ms);
const query = fc.record(
  {
    sinceMs: near,
    beforeMs: near,
    zone: fc.constantFrom('UTC', '+05:45', '+00:07', '+01:30').map((name) => parseZone(name, '--tz')),
  },
  { requiredKeys: ['zone'] },
);

describe('a quarter hour', () => {
  it('is uncut only if all or none of its times are in the range, and all are in one day', () => {
    fc.assert(
      fc.property(query, fc.array(near, { minLength: 1, maxLength: 20 }), (request, times) => {
        const queryTimes = new QueryTimes(request);
        const { isInRange, day, isUncut } = queryTimes.quarter(QUARTER);
        if (!isUncut) return;
        for (const timeMs of times.filter((time) => Math.floor(time / QUARTER_MS) === QUARTER))
          expect([queryTimes.isInRange(timeMs), queryTimes.day(timeMs)]).toEqual([isInRange, day]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    { what: 'without a range', range: {}, expected: { isInRange: true, isUncut: true } },
    {
      what: 'that ends with it',
      range: { beforeMs: START_MS + QUARTER_MS },
      expected: { isInRange: true, isUncut: true },
    },
    { what: 'that ends before it', range: { beforeMs: START_MS }, expected: { isInRange: false, isUncut: true } },
    {
      what: 'that begins after it',
      range: { sinceMs: START_MS + QUARTER_MS },
      expected: { isInRange: false, isUncut: true },
    },
    { what: 'that begins in it', range: { sinceMs: START_MS + 1 }, expected: { isInRange: false, isUncut: false } },
    { what: 'that ends in it', range: { beforeMs: START_MS + 1 }, expected: { isInRange: true, isUncut: false } },
    {
      what: 'that begins and ends in it',
      range: { sinceMs: START_MS + 1, beforeMs: START_MS + 9 },
      expected: { isInRange: false, isUncut: false },
    },
  ])('is judged by a range $what', ({ range, expected }) => {
    const queryTimes = new QueryTimes({ ...range, zone: parseZone('UTC', '--tz') });
    expect(queryTimes.quarter(QUARTER)).toMatchObject(expected);
    // Another quarter does not change the answer.
    queryTimes.quarter(QUARTER + 7);
    expect(queryTimes.quarter(QUARTER)).toMatchObject(expected);
  });

  it('of an unknown time has no day and is in no range', () => {
    const zone = parseZone('UTC', '--tz');
    expect(new QueryTimes({ zone }).quarter(NONE)).toEqual({ isInRange: true, day: null, isUncut: true });
    expect(new QueryTimes({ zone, sinceMs: 0 }).quarter(NONE)).toEqual({ isInRange: false, day: null, isUncut: true });
  });
});
