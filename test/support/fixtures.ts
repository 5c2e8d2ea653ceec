import { cpSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary.js';

/** Small config dirs, never written to (fixtures/README.md). */
const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** Modification time of every file of a fixture home: git keeps none, and tests need one. */
export const FIXTURE_MTIME = '2026-11-23T07:00:00.000Z';

/** Names of the config dirs below `fixtures/recorded` or `fixtures/old`, sorted. */
export function fixtureNames(group: 'recorded' | 'old'): string[] {
  return readdirSync(join(FIXTURES, group), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * Copies a fixture (`recorded/print`, `old/v1`) to a temporary config dir and returns its real path. Every file's
 * mtime is `FIXTURE_MTIME`. Inside a test it is removed when the test ends; outside, with the system's temporary files.
 */
export function fixtureHome(name: string): string {
  const home = temporaryFolder('fixture');
  cpSync(join(FIXTURES, name), home, { recursive: true });
  setTimes(home, new Date(FIXTURE_MTIME));
  removeAfterTest(home);
  return home;
}

function setTimes(dir: string, time: Date): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) setTimes(path, time);
    else utimesSync(path, time, time);
  }
}

function removeAfterTest(dir: string): void {
  try {
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  } catch {
    // Called from a hook or at collection time: there is no test to end.
  }
}
