import type { ColorSupportLevel } from 'chalk';
import type { ColorChoice } from '../globals.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Returns the number of colours to use: 0 none, 1 sixteen, 2 two hundred and fifty-six, 3 all. `--color` takes
 * precedence over `FORCE_COLOR`, a non-empty `NO_COLOR`, and the abilities of the terminal.
 */
export function colorLevel(choice: ColorChoice, env: Env, isTerminal: boolean): ColorSupportLevel {
  if (choice === 'never') return 0;
  if (choice === 'always') return capability(env);
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forcedLevel(forced, env);
  if ((env['NO_COLOR'] ?? '') !== '' || !isTerminal || env['TERM'] === 'dumb') return 0;
  return capability(env);
}

function forcedLevel(forced: string, env: Env): ColorSupportLevel {
  if (forced === '0' || forced === 'false') return 0;
  if (forced === '1') return 1;
  if (forced === '2') return 2;
  return forced === '3' ? 3 : capability(env);
}

function capability(env: Env): 1 | 2 | 3 {
  if (/^(?:truecolor|24bit)$/.test(env['COLORTERM'] ?? '')) return 3;
  return /-256(?:color)?$/.test(env['TERM'] ?? '') ? 2 : 1;
}

/** True if a terminal supports cursor movements and a pager: not in CI, and not a dumb one. */
export function isInteractive(env: Env): boolean {
  const ci = env['CI'] ?? '';
  return (ci === '' || ci === 'false' || ci === '0') && env['TERM'] !== 'dumb';
}
