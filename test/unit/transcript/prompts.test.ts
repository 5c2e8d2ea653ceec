import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { branchUpTo } from '../../../src/sessions/fork/branch-up-to.js';
import { TranscriptReader } from '../../../src/transcript/fold/read-transcript.js';
import { withFile } from '../../../src/transcript/lines.js';
import type { SessionMessage } from '../../../src/transcript/messages/message.js';
import { readMessageEntries } from '../../../src/transcript/messages/messages.js';
import { readActiveBranch } from '../../../src/transcript/messages/tail.js';
import { root } from '../../support/built.js';
import { temporaryFolder } from '../../support/temporary.js';
import { line } from '../../support/transcripts.js';

const reader = new TranscriptReader();
const path = join(temporaryFolder('prompts'), 'transcript.jsonl');

function numbered(transcript: string, which: 'active' | 'all'): SessionMessage[] {
  const messages = Array.from(readMessageEntries(transcript, { which }), ({ message }) => message);
  let last = 0;
  return messages.filter(({ kind, prompt }) => kind === 'prompt' && prompt > last && (last = prompt) > 0);
}

/** Expects the count of the index, the numbers of `show` and the fork points of `fork --at` to agree. */
function expectSamePrompts(transcript: string): void {
  const { facts, sent } = reader.foldTranscript(transcript, 's').fold;
  const all = numbered(transcript, 'all');
  expect([facts.prompts, sent.length]).toEqual([all.length, all.length]);
  const known = new Set(sent.map(({ uuid }) => uuid));
  expect(all.filter(({ uuid }) => !known.has(uuid))).toEqual([]);
  const active = numbered(transcript, 'active');
  expect(active.map(({ prompt }) => prompt)).toEqual(active.map((_, at) => at + 1));
  withFile(transcript, (fd, size) => {
    const nodes = readActiveBranch(fd, size).nodes.filter(({ type }) => type !== 'progress');
    for (const { prompt, uuid } of active) {
      const fork = branchUpTo({ fd, size, nodes }, String(prompt));
      expect(fork.prompt).toBe(prompt);
      if (uuid !== null) expect(fork.nodes.map((node) => node.uuid)).toContain(uuid);
    }
  });
}

const fixtures = readdirSync(join(root, 'fixtures'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.jsonl') && !name.includes('subagents') && !name.endsWith('history.jsonl'))
  .map((name) => join(root, 'fixtures', name));

it('the prompts counted, numbered and forked at are the same in every transcript of the fixtures', () => {
  expect(fixtures.length).toBeGreaterThan(200);
  for (const fixture of fixtures) expectSamePrompts(fixture);
});

const command = (name: string): string => `<command-name>/${name}</command-name>\n<command-args>now</command-args>`;
const said = (content: unknown): object => ({ type: 'user', message: { role: 'user', content } });
const KINDS = {
  prompt: said('do it'),
  image: said([{ type: 'image', source: {} }]),
  command: said(command('thing')),
  typedCommand: { ...said(command('thing')), turnOrigin: 'human' },
  shell: said('<bash-input>ls</bash-input>'),
  printed: { ...said('<bash-stdout>a</bash-stdout>'), turnOrigin: 'human' },
  local: said('<local-command-stdout>a</local-command-stdout>'),
  caveat: { ...said('<local-command-caveat>a</local-command-caveat>'), isMeta: true },
  expansion: { ...said('Do the thing'), isMeta: true },
  mate: said('<teammate-message teammate_id="dev">done</teammate-message>'),
  notice: { ...said('done'), origin: { kind: 'task-notification' } },
  result: said([{ type: 'tool_result', tool_use_id: 't', content: 'x' }]),
  answer: { type: 'assistant', message: { id: 'm', role: 'assistant', content: [{ type: 'text', text: 'ok' }] } },
  queued: { type: 'attachment', attachment: { type: 'queued_command', prompt: 'and', origin: { kind: 'human' } } },
  event: { type: 'attachment', attachment: { type: 'queued_command', prompt: 'x', commandMode: 'task-notification' } },
  boundary: { type: 'system', subtype: 'compact_boundary', compactMetadata: {} },
} as const;

test('list, show and fork find the same prompts in any set of entries', () => {
  const uuid = fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8', null);
  const entry = fc.record({
    kind: fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])),
    uuid,
    parent: fc.oneof({ weight: 3, arbitrary: fc.constant('previous' as const) }, uuid, fc.constant(undefined)),
    isSidechain: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
  });
  const leaf = fc.option(uuid, { nil: undefined });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 14 }), leaf, (entries, named) => {
      let previous: string | null = null;
      let text = '';
      for (const { kind, uuid: own, parent, isSidechain } of entries) {
        const parentUuid: string | null | undefined = parent === 'previous' ? previous : parent;
        text += line({ ...KINDS[kind], parentUuid, isSidechain, ...(own === null ? {} : { uuid: own }) });
        previous = own;
      }
      if (named !== undefined) text += line({ type: 'last-prompt', leafUuid: named });
      writeFileSync(path, text);
      expectSamePrompts(path);
      const whole = reader.foldTranscript(path, 's', { parseEverything: true }).fold;
      expect(whole.state).toEqual(reader.foldTranscript(path, 's').fold.state);
    }),
    { numRuns: 2000 },
  );
});
