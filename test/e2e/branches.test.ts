import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { branchTranscriptPath, branchTranscripts } from '../support/branch-transcripts.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';

/** One transcript of each kind; `sent.json` has them all. */
const NAMES = [
  'abandoned-longer',
  'leaf-of-other-branch',
  'leaf-with-children-elsewhere',
  'leaf-above-last-leaf',
  'leaf-zero',
  'unknown-after-leaf',
  'leafless-after-leaf',
  'boundary-with-parent',
  'leaf-before-boundary',
  'preserved-branch-before-it',
  'preserved-then-plain-branch-before',
  'self-parent-answer',
  'cycle-of-three',
  'cycle-leaf-named',
  'forward-acyclic',
  'missing-parent-5-seconds',
  'missing-parent-over-5-seconds',
  'order-between',
  'parent-is-sidechain',
  'same-uuid-twice',
];

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! Active branches NOT COMPARED with the real Claude Code: ${reason}\n\n`);

describe.skipIf(reason !== null)('the real Claude Code sends the messages recorded in fixtures/branches', () => {
  let lab: ClaudeLab;
  beforeAll(async () => {
    lab = await openClaudeLab();
    mkdirSync(join(lab.configDir, 'projects/-home-u-app'), { recursive: true });
    for (const name of NAMES)
      copyFileSync(
        branchTranscriptPath(name),
        join(lab.configDir, `projects/-home-u-app/${branchTranscripts()[name]!.id}.jsonl`),
      );
  });
  afterAll(async () => lab?.close());

  it.each(NAMES)('%s', async (name) => {
    const { id, sent } = branchTranscripts()[name]!;
    const before = (await lab.asked()).length;
    expect(await lab.run(['-p', 'And on', '--resume', id, '--fork-session'])).toMatchObject({ code: 0 });
    const { messages } = (await lab.asked()).slice(before)[0]!;
    // The texts of these transcripts are a letter and a number each.
    expect(messages.flatMap(({ text }) => text.split('\n')).filter((text) => /^[a-z]\d$/.test(text))).toEqual(sent);
  });
});
