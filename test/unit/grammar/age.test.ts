import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CcsessError } from '../../../src/system/errors.js';
import { resolveAge, parseAge, parsePastTime } from '../../../src/grammar/age.js';

const NOW = Date.parse('2026-11-23T06:46:02.000Z');
const UNITS = [
  ['y', 12, 0],
  ['mo', 1, 0],
  ['w', 0, 604_800_000],
  ['d', 0, 86_400_000],
  ['h', 0, 3_600_000],
  ['min', 0, 60_000],
  ['s', 0, 1000],
] as const;

const momentAt = (text: string): Promise<number> => resolveAge(parseAge(text, '--since'), NOW, text, '--since');
const isoAt = async (text: string): Promise<string> => new Date(await momentAt(text)).toISOString();

describe('an age', () => {
  test.each([
    ['0s', '2026-11-23T06:46:02.000Z'],
    ['90s', '2026-11-23T06:44:32.000Z'],
    ['30min', '2026-11-23T06:16:02.000Z'],
    ['36h', '2026-11-21T18:46:02.000Z'],
    ['30d', '2026-10-24T06:46:02.000Z'],
    ['2w', '2026-11-09T06:46:02.000Z'],
    ['1d12h', '2026-11-21T18:46:02.000Z'],
    ['1mo', '2026-10-23T06:46:02.000Z'],
    ['9mo', '2026-02-23T06:46:02.000Z'],
    ['1y', '2025-11-23T06:46:02.000Z'],
    ['1y2mo3w', '2025-09-02T06:46:02.000Z'],
    ['3days', '2026-11-20T06:46:02.000Z'],
    ['3 days', '2026-11-20T06:46:02.000Z'],
    ['1 day ago', '2026-11-22T06:46:02.000Z'],
    ['2 weeks ago', '2026-11-09T06:46:02.000Z'],
    ['10 minutes', '2026-11-23T06:36:02.000Z'],
    ['5 mins', '2026-11-23T06:41:02.000Z'],
    ['1 month ago', '2026-10-23T06:46:02.000Z'],
    ['today', '2026-11-23T00:00:00.000Z'],
    ['yesterday', '2026-11-22T00:00:00.000Z'],
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01T08:30:00Z', '2026-11-01T08:30:00.000Z'],
    ['2026-11-01t08:30:00.250+02:00', '2026-11-01T06:30:00.250Z'],
    ['2026-11-01 08:30:00z', '2026-11-01T08:30:00.000Z'],
  ])('%s is %s', async (text, iso) => {
    expect(await isoAt(text)).toBe(iso);
  });

  test('of a month ends on a day that exists', async () => {
    const march = Date.parse('2026-03-31T12:00:00.000Z');
    expect(new Date(await resolveAge(parseAge('1mo', '-x'), march, '1mo', '-x')).toISOString()).toBe(
      '2026-02-28T12:00:00.000Z',
    );
  });

  test('adds up whatever units it names, largest first', () => {
    const spans = fc
      .subarray([...UNITS], { minLength: 1 })
      .chain((units) => fc.tuple(...units.map((unit) => fc.nat(5000).map((number) => ({ unit, number })))));
    fc.assert(
      fc.property(spans, (parts) => {
        const text = parts.map(({ unit, number }) => `${number}${unit[0]}`).join('');
        const months = parts.reduce((sum, { unit, number }) => sum + unit[1] * number, 0);
        const ms = parts.reduce((sum, { unit, number }) => sum + unit[2] * number, 0);
        expect(parseAge(text, '--since')).toEqual({ duration: { months, ms } });
      }),
    );
  });

  test.each([
    ['30', '--since 30: missing unit, for example 30d (units: s min h d w mo y).'],
    ['1m', '--since 1m: minutes or months? Write 1min or 1mo (units: s min h d w mo y).'],
    ['1h30m', '--since 1h30m: minutes or months? Write 30min or 30mo (units: s min h d w mo y).'],
    [
      '3 d',
      "--since 3 d: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or 2026-11-01.",
    ],
    [
      '3 fortnights ago',
      "--since 3 fortnights ago: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, " +
        'or 2026-11-01.',
    ],
    ['1h1d', '--since 1h1d: each unit once, the largest first.'],
    ['1d1d', '--since 1d1d: each unit once, the largest first.'],
    ['', "--since : not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or 2026-11-01."],
    [
      '-3d',
      "--since -3d: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or 2026-11-01.",
    ],
    [
      '1.5d',
      "--since 1.5d: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or 2026-11-01.",
    ],
    [
      '30D',
      "--since 30D: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or 2026-11-01.",
    ],
    [
      'last week',
      "--since last week: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, " +
        'or 2026-11-01.',
    ],
    [
      '2026-02-30',
      '--since 2026-02-30: no such date or time. Write 2026-11-01, or 2026-11-01T08:30:00Z (seconds and zone ' +
        'included).',
    ],
    [
      '2026-13-01',
      '--since 2026-13-01: no such date or time. Write 2026-11-01, or 2026-11-01T08:30:00Z (seconds and zone ' +
        'included).',
    ],
    [
      '2026-11-01T08:30:00',
      '--since 2026-11-01T08:30:00: no such date or time. Write 2026-11-01, or 2026-11-01T08:30:00Z (seconds and ' +
        'zone included).',
    ],
    [
      '2026-11-01T24:30:00Z',
      '--since 2026-11-01T24:30:00Z: no such date or time. Write 2026-11-01, or 2026-11-01T08:30:00Z (seconds ' +
        'and zone included).',
    ],
    ['9999y', '--since 9999y: further back than the calendar goes.'],
    ['99999999999999999999d', '--since 99999999999999999999d: further back than the calendar goes.'],
  ])('%j is refused', async (text, message) => {
    const refusal = await Promise.resolve()
      .then(() => momentAt(text))
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CcsessError);
    expect(refusal).toMatchObject({ code: 'USAGE', message });
  });

  test('is a moment of the calendar or a usage error, whatever the text', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[0-9smhdwoyin-]{0,12}$/),
      fc.stringMatching(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/),
    );
    await fc.assert(
      fc.asyncProperty(text, async (age) => {
        try {
          expect(await momentAt(age)).toBeTypeOf('number');
          expect(Number.isFinite(await momentAt(age))).toBe(true);
          expect(/[a-z]|-/i.test(age)).toBe(true); // a bare number is never taken
        } catch (error) {
          expect(error).toMatchObject({ code: 'USAGE' });
        }
      }),
    );
  });

  test.each(['0d', '0s', '2030-01-01', '2026-11-23T06:46:02Z'])(
    'of %s cannot select sessions to remove',
    async (text) => {
      await expect(parsePastTime(parseAge(text, '--older-than'), NOW, text, '--older-than')).rejects.toMatchObject({
        code: 'USAGE',
        message: `--older-than ${text}: not in the past, so it would select every session.`,
      });
    },
  );
});
