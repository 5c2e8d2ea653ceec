import { prepare } from './e2e-setup.js';

/** Prepares the end-to-end tests that also run an older Claude Code. */
export function setup(): void {
  prepare('CCSESS_E2E_CLAUDE_OLDER', ['older']);
}
