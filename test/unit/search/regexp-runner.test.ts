import { Script } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { BacktrackingRunner } from '../../../src/search/query/regexp-runner.js';

/** Takes longer than a limit of 1 ms, and far less than the limit of a thread that waits for a processor. */
const SLOW = { source: '^(?:a+)+$|needle', flags: '' };
const SLOW_TEXT = `${'a'.repeat(20)}!needle`;
/** Takes longer than any time limit. */
const ENDLESS_TEXT = `${'a'.repeat(60)}!needle`;

/** The time of a thread that never had a processor. */
const waiting = (): number => 0;

describe('time limits of a regular expression', () => {
  test('a text is tried again as long as its thread had to wait for a processor', () => {
    const runner = new BacktrackingRunner(SLOW, { groupMs: 1, textMs: 1 }, waiting);
    expect({ found: runner.test([SLOW_TEXT]), ranges: runner.find([SLOW_TEXT], 9), skipped: runner.skipped }).toEqual({
      found: [true],
      ranges: [[[21, 27]]],
      skipped: 0,
    });
  });

  test('a text that took the time of the limit is given up, the others of its group are not', () => {
    const runner = new BacktrackingRunner(SLOW, { groupMs: 1, textMs: 100 });
    expect({ found: runner.test([ENDLESS_TEXT, 'needle']), skipped: runner.skipped }).toEqual({
      found: [false, true],
      skipped: 1,
    });
    expect({ ranges: runner.find([ENDLESS_TEXT], 9), skipped: runner.skipped }).toEqual({ ranges: [[]], skipped: 2 });
  });

  test('falls to a tenth for later texts where many were given up', () => {
    const runInContext = vi.spyOn(Script.prototype, 'runInContext').mockImplementation(() => {
      throw Object.assign(new Error(), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
    });
    let now = 0;
    const runner = new BacktrackingRunner(SLOW, { groupMs: 1, textMs: 300 }, () => (now += 1000));
    runner.test(Array.from({ length: 1000 }, () => ENDLESS_TEXT));
    const limits = runInContext.mock.calls.slice(1).map(([, options]) => (options as { timeout: number }).timeout);
    runInContext.mockRestore();
    expect([limits[0], limits[20], limits[60], limits[999]]).toEqual([300, 150, 75, 30]);
    expect(runner.skipped).toBe(1000);
  });
});

describe('matches of a regular expression', () => {
  test('are found in each text of a group, up to the limit for a text', () => {
    const runner = new BacktrackingRunner({ source: 'b*', flags: '' });
    expect(runner.find(['ab abb', 'none', 'b b b'], 2)).toEqual([
      [
        [1, 2],
        [4, 6],
      ],
      [],
      [
        [0, 1],
        [2, 3],
      ],
    ]);
  });
});
