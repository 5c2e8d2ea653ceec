import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ccsess } from '../support/built.js';
import { temporaryFolder } from '../support/temporary.js';
import { makeHome, writeSessions } from './sample-home.js';

const ID = '11111111-2222-4333-8444-555555555555';

/** A module that reports on stderr, when the process ends, which slow modules and objects were loaded or created. */
const REPORT = `
const made = [];
const Segmenter = Intl.Segmenter;
Intl.Segmenter = function (...args) { made.push('Intl.Segmenter'); return new Segmenter(...args); };
process.on('exit', () => {
  const slow = ['NativeModule crypto', 'NativeModule child_process', 'NativeModule v8', 'NativeModule worker_threads'];
  const loaded = slow.filter((name) => process.moduleLoadList.includes(name));
  process.stderr.write([...made, ...loaded].join(', '));
});
`;

/** Runs ccsess in a home with one session, and returns what it loaded. */
async function loaded(args: string[], title = 'Sky'): Promise<string> {
  const home = makeHome();
  writeSessions(home, [{ id: ID, prompt: 'Why is the sky blue?', at: '2026-11-20T10:00:00.000Z', title }]);
  const report = join(temporaryFolder('start'), 'report.cjs');
  writeFileSync(report, REPORT);
  const run = await ccsess(args, { home, env: { NODE_OPTIONS: `--require ${report}` } });
  expect(run.code).toBe(0);
  return run.stderr;
}

test.each(['--version', '--help', 'statusline', 'list --table', 'show 11111111'])(
  '%s loads nothing slow that it does not need',
  async (line) => {
    expect(await loaded(line.split(' '))).toBe('');
  },
);

test('a title of emoji needs the segmenter, and the report names it', async () => {
  expect(await loaded(['list', '--table'], 'Sky 👩‍👩‍👧')).toContain('Intl.Segmenter');
});
