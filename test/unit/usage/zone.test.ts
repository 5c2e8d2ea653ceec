import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayName, firstOfMonth, mondayOf, parseZone } from '../../../src/usage/zone.js';

const day = (zone: string, time: string): string => dayName(parseZone(zone, '--tz').dayOf(Date.parse(time)));

describe('days of a zone', () => {
  it.each([
    ['UTC', '2026-11-20T23:59:59.999Z', '2026-11-20'],
    ['Europe/Berlin', '2026-11-20T22:59:59.999Z', '2026-11-20'],
    ['Europe/Berlin', '2026-11-20T23:00:00.000Z', '2026-11-21'],
    ['Europe/Berlin', '2026-07-20T22:00:00.000Z', '2026-07-21'],
    ['Asia/Kathmandu', '2026-11-20T18:15:00.000Z', '2026-11-21'],
    ['Asia/Kathmandu', '2026-11-20T18:14:59.999Z', '2026-11-20'],
    ['-03:30', '2026-11-21T03:29:59.000Z', '2026-11-20'],
    ['+14:00', '2026-11-20T10:00:00.000Z', '2026-11-21'],
    ['America/New_York', '1969-12-31T23:00:00.000Z', '1969-12-31'],
  ])('in %s, the day at %s is %s', (zone, time, expected) => expect(day(zone, time)).toBe(expected));

  it('begin at their first moment, over changes of the clock too', () => {
    const berlin = parseZone('Europe/Berlin', '--tz');
    const start = (name: string): string => new Date(berlin.startOf(Date.parse(name) / 86_400_000)).toISOString();
    expect([start('2026-03-29'), start('2026-03-30'), start('2026-10-25'), start('2026-10-26')]).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
    // There is no midnight on this day: clocks are set from 23:59 to 01:00.
    const beirut = parseZone('Asia/Beirut', '--tz');
    expect(new Date(beirut.startOf(Date.parse('2026-03-29') / 86_400_000)).toISOString()).toBe(
      '2026-03-28T22:00:00.000Z',
    );
  });

  it('follow each other without a gap', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC'].map((name) =>
      parseZone(name, '--tz'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 24_000 }), (zone, at) => {
        const start = zone.startOf(at);
        expect([zone.dayOf(start - 1), zone.dayOf(start)]).toEqual([at - 1, at]);
      }),
      { numRuns: 300 },
    );
  });

  it('belong to weeks that begin on Monday, and to months', () => {
    const at = Date.parse('2026-11-22') / 86_400_000;
    expect([
      dayName(mondayOf(at)),
      dayName(mondayOf(at + 1)),
      dayName(firstOfMonth(at)),
      dayName(mondayOf(-1)),
    ]).toEqual(['2026-11-16', '2026-11-23', '2026-11-01', '1969-12-29']);
  });

  it('an unknown zone is refused', () => {
    expect(() => parseZone('Mars/Base', '--tz')).toThrow(
      '--tz Mars/Base: unknown time zone; examples: Europe/Berlin, UTC, +02:00.',
    );
  });
});
