import { describe, expect, test } from 'vitest';
import { colorLevel, isInteractive } from '../../../src/cli/terminal/color.js';
import type { ColorChoice } from '../../../src/cli/globals.js';

describe('colour', () => {
  test.each<[ColorChoice, Record<string, string>, boolean, number]>([
    ['auto', {}, true, 1],
    ['auto', { TERM: 'xterm-256color' }, true, 2],
    ['auto', { TERM: 'xterm-256color', COLORTERM: 'truecolor' }, true, 3],
    ['auto', { TERM: 'xterm-256color' }, false, 0],
    ['auto', { TERM: 'dumb' }, true, 0],
    ['auto', { NO_COLOR: '1', TERM: 'xterm' }, true, 0],
    ['auto', { NO_COLOR: '' }, true, 1],
    ['auto', { FORCE_COLOR: '' }, false, 1],
    ['auto', { FORCE_COLOR: '3' }, false, 3],
    ['auto', { FORCE_COLOR: '0' }, true, 0],
    ['auto', { FORCE_COLOR: 'false' }, true, 0],
    ['auto', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, 1],
    ['always', { NO_COLOR: '1', TERM: 'dumb' }, false, 1],
    ['never', { FORCE_COLOR: '3' }, true, 0],
  ])('--color %s with %j, terminal %s: level %i', (choice, env, isTerminal, level) => {
    expect(colorLevel(choice, env, isTerminal)).toBe(level);
  });
});

test.each<[Record<string, string>, boolean]>([
  [{}, true],
  [{ CI: 'true' }, false],
  [{ CI: 'false' }, true],
  [{ CI: '' }, true],
  [{ TERM: 'dumb' }, false],
])('with %j, cursor movement and a pager are allowed: %s', (env, welcome) => {
  expect(isInteractive(env)).toBe(welcome);
});
