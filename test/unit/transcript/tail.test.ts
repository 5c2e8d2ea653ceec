import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withFile } from '../../../src/transcript/lines.js';
import type { SkeletonNode } from '../../../src/transcript/skeleton.js';
import { lastMessages, readThread, type Thread } from '../../../src/transcript/messages/tail.js';
import { line } from '../../support/transcripts.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder('tail');

/** The end of a thread, from the whole file and read backwards in windows of a few lines. */
function bothWays(lines: string, thread: Thread, count: number): [SkeletonNode[], SkeletonNode[]] {
  const path = join(folder, 'transcript.jsonl');
  writeFileSync(path, lines);
  return withFile(path, (fd, size) => {
    const whole = readThread(fd, size, thread);
    return [count === 0 ? [] : whole.slice(-count), lastMessages(fd, size, thread, count, 400)];
  });
}

/** One event in a session; each step appends its lines to those of the steps before. */
type Step = {
  kind:
    | 'turn'
    | 'parallel'
    | 'rewind'
    | 'compact'
    | 'compact-keep'
    | 'sidechain'
    | 'damage'
    | 'note'
    | 'leaf'
    | 'leafless'
    | 'foreign';
  back: number;
};

/** A session as Claude Code writes it, from a list of events. */
function transcript(steps: readonly Step[]): string {
  let text = '';
  let serial = 0;
  const chain: string[] = [];
  const uuidOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const write = (type: string, parentUuid: string | null, members: object = {}): string => {
    const uuid = uuidOf(++serial);
    text += line({
      parentUuid,
      isSidechain: false,
      type,
      uuid,
      sessionId: 's',
      timestamp: new Date(serial * 700).toISOString(),
      ...members,
    });
    return uuid;
  };
  const go = (type: string, members: object = {}): string => {
    const uuid = write(type, chain.at(-1) ?? null, members);
    chain.push(uuid);
    return uuid;
  };
  const user = { message: { role: 'user', content: 'do it' } };
  for (const { kind, back } of steps) {
    if (kind === 'rewind') chain.splice(Math.max(0, chain.length - 1 - back));
    if (kind === 'sidechain') write('user', null, { ...user, isSidechain: true });
    if (kind === 'damage') text += '{"type":"user","uu\n';
    if (kind === 'leaf') text += line({ type: 'last-prompt', leafUuid: uuidOf(Math.max(1, serial - back * 2)) });
    if (kind === 'leafless')
      text += line({ type: 'last-prompt', leafUuid: '00000000-0000-0000-0000-000000000000', explicit: true });
    // Another process continues from an entry that is long past, or from one that was never written.
    if (kind === 'foreign') write('user', back === 4 ? 'gone' : uuidOf(Math.max(1, serial - back * 3)), user);
    if (kind === 'note') go('system', { subtype: 'turn_duration' });
    if (kind === 'compact' || kind === 'compact-keep') {
      const kept = kind === 'compact-keep' ? chain.slice(-1 - back) : [];
      const summary = uuidOf(serial + 2);
      // A copy by /branch keeps the parent of the boundary.
      if (back % 2 === 0) chain.length = 0;
      go('system', {
        subtype: 'compact_boundary',
        compactMetadata: kept.length > 0 ? { preservedMessages: { anchorUuid: summary, uuids: kept } } : {},
      });
      go('user', { ...user, isCompactSummary: true });
    }
    if (kind === 'turn' || kind === 'rewind' || kind === 'parallel') go('user', user);
    if (kind === 'parallel') {
      const message = { id: `calls${serial}`, content: [{ type: 'tool_use', id: 't' }] };
      const calls = [1, 2].map(() => go('assistant', { message }));
      for (const [at, call] of calls.entries()) {
        const uuid = write('user', call, {
          message: { content: [{ type: 'tool_result', tool_use_id: 't' }] },
          sourceToolAssistantUUID: call,
        });
        if (at === 1) chain.push(uuid);
      }
    }
    if (kind === 'turn' || kind === 'parallel') go('assistant', { message: { id: `answer${serial}`, content: [] } });
  }
  return text;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind'][]>(
      'turn',
      'turn',
      'turn',
      'parallel',
      'parallel',
      'rewind',
      'compact',
      'compact-keep',
      'sidechain',
      'damage',
      'note',
      'leaf',
      'leafless',
      'foreign',
    ),
    back: fc.nat(4),
  }),
  { maxLength: 25 },
);

/** The second compaction preserves the first one's boundary and summary, but not what that one preserved. */
const BOUNDARY_KEPT_BY_THE_NEXT: Step[] = [
  { kind: 'turn', back: 0 },
  { kind: 'compact-keep', back: 2 },
  { kind: 'leaf', back: 0 },
  { kind: 'compact-keep', back: 3 },
];

test('reading from the end gives the end of the whole', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom('active' as const, 'all' as const), fc.nat(8), (events, which, count) => {
      const [whole, backwards] = bothWays(transcript(events), { which }, count);
      expect(backwards).toEqual(whole);
    }),
    { numRuns: 1000, examples: [[BOUNDARY_KEPT_BY_THE_NEXT, 'active', 1]] },
  );
});

test('the last messages of a subagent are its own', () => {
  const lines = ['u', 'a', 'b'].map((uuid, at) =>
    line({
      type: at === 0 ? 'user' : 'assistant',
      uuid,
      parentUuid: at === 0 ? null : at === 1 ? 'u' : 'a',
      isSidechain: true,
      message: { id: uuid, content: [] },
    }),
  );
  const [whole, backwards] = bothWays(lines.join(''), { which: 'active', sidechains: true }, 2);
  expect(backwards).toEqual(whole);
  expect(backwards.map(({ uuid }) => uuid)).toEqual(['a', 'b']);
});

test('a response that began before the window is read whole, even if another process wrote one in between', () => {
  const entry = (type: string, uuid: string, parentUuid: string | null, message: object, more: object = {}): string =>
    line({ type, uuid, parentUuid, isSidechain: false, message, ...more });
  const call = (uuid: string, parentUuid: string, response: string): string =>
    entry('assistant', uuid, parentUuid, { id: response, content: [{ type: 'tool_use', id: uuid }] });
  const result = (uuid: string, of: string): string =>
    entry('user', uuid, of, { content: [{ type: 'tool_result' }] }, { sourceToolAssistantUUID: of });
  const before =
    entry('user', 'u', null, { role: 'user', content: 'do it' }) + call('a1', 'u', 'A') + result('ra1', 'a1');
  const window = call('b1', 'u', 'B') + call('a2', 'a1', 'A') + result('ra2', 'a2');
  const path = join(folder, 'two-processes.jsonl');
  writeFileSync(path, before + window);
  withFile(path, (fd, size) => {
    const whole = readThread(fd, size, { which: 'active' });
    expect(whole.map(({ uuid }) => uuid)).toContain('ra1');
    for (const count of [1, 2, 3, 4])
      expect(lastMessages(fd, size, { which: 'active' }, count, window.length)).toEqual(whole.slice(-count));
  });
});
