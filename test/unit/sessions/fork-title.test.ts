import { expect, test } from 'vitest';
import { forkTitle } from '../../../src/sessions/amend/fork-title.js';

test.each([
  ['Rate limiter', [], 'Rate limiter (fork)'],
  ['Rate limiter', ['rate limiter (fork)', 'rate limiter (fork 2)'], 'Rate limiter (fork 3)'],
  ['Rate limiter (fork)', ['rate limiter (fork)'], 'Rate limiter (fork 2)'],
  ['Rate limiter (fork 2)', [], 'Rate limiter (fork)'],
  ['👩'.repeat(200), [], `${'👩'.repeat(193)} (fork)`],
])('a fork of %j, with %j taken, is titled %j', (title, taken, expected) => {
  expect(forkTitle(title, new Set(taken))).toBe(expected);
});
