import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/built.js';
import { whyNoClaude } from '../support/claude-lab.js';

/** A selection of kinds; `node test/e2e/sessions-lab.mjs` tests all of them. */
const KINDS = [
  'screen next to a -p that resumes it',
  'screen with a skill',
  'title 5',
  'queued 1',
  'forked 1',
  'compacted 2',
];

describe.skipIf(whyNoClaude() !== null)('sessions created by the real Claude Code', () => {
  it('have the prompts, cost, title, expiry and branch that Claude Code reports, and so have their forks', async () => {
    const lab = spawn(process.execPath, [join(root, 'test/e2e/sessions-lab.mjs'), ...KINDS.map((name) => `=${name}`)]);
    let output = '';
    for (const stream of [lab.stdout, lab.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise<number | null>((ended) => void lab.once('close', ended));
    expect(output).toContain(`${KINDS.length} kinds, 7 sessions noted, 7 listed`);
    expect(output).toContain('7 sessions, 0 differences');
    expect(code).toBe(0);
  });
});
