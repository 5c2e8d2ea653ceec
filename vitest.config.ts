import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { hungAfterMs } from './test/support/rounds.js';

const shared = {
  setupFiles: ['test/support/guard.ts'],
  env: { TZ: 'UTC' },
  pool: 'forks' as const,
  // A screen is waited for as long as a test may take: a busy machine draws it late.
  expect: { poll: { timeout: hungAfterMs(), interval: 20 } },
};

export default defineConfig({
  test: {
    // One worker a core; the default leaves a core out. Tests spend half of their time waiting for processes.
    maxWorkers: availableParallelism(),
    globalSetup: 'test/support/temporary-run.ts',
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: hungAfterMs() } },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: hungAfterMs(),
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          globalSetup: 'test/support/e2e-setup.ts',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: hungAfterMs(),
          hookTimeout: hungAfterMs(),
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e-older',
          env: { ...shared.env, CCSESS_E2E_VERSION: 'older' },
          globalSetup: 'test/support/e2e-older-setup.ts',
          // The core: what ccsess reads, and what Claude Code resumes and cleans up.
          include: ['test/e2e/{claude,keep}.test.ts'],
          testTimeout: hungAfterMs(),
          hookTimeout: hungAfterMs(),
        },
      },
    ],
  },
});
