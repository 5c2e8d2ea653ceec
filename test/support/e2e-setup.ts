import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requireBuild, root } from './built.js';

/**
 * Prepares the end-to-end tests: fetches Claude Code, and throws with the reason if they cannot run. `CCSESS_E2E=skip`
 * leaves out the tests that need it.
 */
export function setup(): void {
  prepare('CCSESS_E2E_CLAUDE', []);
}

/**
 * Puts the path of a Claude Code into the named variable; `words` are arguments of `fetch-claude.mjs` that select its
 * version.
 */
export function prepare(variable: string, words: readonly string[]): void {
  requireBuild();
  if (process.env['CCSESS_E2E'] === 'skip') return;
  const script = join(root, 'test/e2e/fetch-claude.mjs');
  const fetched = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' });
  const reasons = [
    ...(fetched.status === 0 ? [] : [fetched.stderr.trim()]),
    ...(canRun('unshare', '-rn', 'true')
      ? []
      : ['network namespaces are not available (unshare -rn), and claude is never run with a network']),
    ...(canRun('tmux', '-V') ? [] : ['tmux is not installed']),
  ];
  if (reasons.length > 0)
    throw new Error(
      `the tests against the real Claude Code cannot run here: ${reasons.join('; ')}. CCSESS_E2E=skip leaves them out.`,
    );
  process.env[variable] = fetched.stdout.trim();
}

function canRun(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}
