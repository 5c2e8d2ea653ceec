import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/built.js';
import { whyNoClaude } from '../support/claude-lab.js';

/** One home of each kind; `node test/e2e/cleanup-lab.mjs` runs all of test/e2e/cleanup-homes.mjs. */
const HOMES = [
  'user-bom',
  'user-permissions-text',
  'user-empty-new',
  'drop-in-90-base-10',
  'desktop-kinds',
  'parts-of-fresh',
];

describe.skipIf(whyNoClaude() !== null)('the cleanup of the real Claude Code', () => {
  it('deletes exactly what was forecast for each home', async () => {
    const lab = spawn(process.execPath, [join(root, 'test/e2e/cleanup-lab.mjs'), ...HOMES.map((name) => `=${name}`)]);
    let output = '';
    for (const stream of [lab.stdout, lab.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise<number | null>((ended) => void lab.once('close', ended));
    expect(output).toContain(`${HOMES.length} homes, 0 differences`);
    expect(code).toBe(0);
  });
});
