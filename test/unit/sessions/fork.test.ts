import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CcsessError } from '../../../src/system/errors.js';
import type { Environment } from '../../../src/claude/environment.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { forkSession, type Fork, type ForkOptions } from '../../../src/sessions/fork/fork.js';
import type { SessionMessage } from '../../../src/transcript/messages/message.js';
import { readMessages } from '../../../src/transcript/messages/messages.js';
import { anyTranscript, damagedTranscript } from '../../support/arbitrary-transcript.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { line, temporaryHome, type Members } from '../../support/transcripts.js';
import { id } from '../claude/disk.js';
import { rounds } from '../../support/rounds.js';

/**
 * A config dir with one transcript, for one test only, so that a test which timed out cannot change the files of
 * another.
 */
interface Scene {
  environment: Environment;
  parent: string;
}

function makeScene(): Scene {
  const configDir = temporaryHome({ [`projects/-home-dev-app/${id(1)}.jsonl`]: '' });
  return {
    environment: { configDirs: [configDir], now: () => NOW, system: IDLE, env: {}, home: '/home/me', cwd: '/' },
    parent: join(configDir.path, 'projects/-home-dev-app', `${id(1)}.jsonl`),
  };
}

/** A fork, the only one, of a transcript of these bytes; null if nothing in it can be forked. */
async function fork({ environment, parent }: Scene, bytes: Buffer, options: ForkOptions = {}): Promise<Fork | null> {
  rmSync(dirname(parent), { recursive: true });
  mkdirSync(dirname(parent));
  writeFileSync(parent, bytes);
  const index = await openSessionIndex({
    configDirs: environment.configDirs,
    cacheDir: null,
    now: () => NOW,
    system: IDLE,
  });
  const row = index.rows.find(({ file }) => file.path === parent);
  if (row === undefined) throw new Error('the parent is not found');
  try {
    return forkSession(index, row, options, environment);
  } catch (error) {
    if (error instanceof CcsessError && error.message.endsWith('has no messages to fork.')) return null;
    throw error;
  }
}

/** A message without its parent, which may differ in a fork, since a fork closes gaps. */
type Said = Omit<SessionMessage, 'parentUuid'>;

async function said(path: string): Promise<Said[]> {
  const found: Said[] = [];
  for await (const { parentUuid: _, ...message } of readMessages(path, { which: 'active' })) found.push(message);
  return found;
}

/** An entry without a uuid gets one, so that others can follow it. */
function alike(copies: readonly Said[], originals: readonly Said[]): Said[] {
  return copies.map((copy, at) => (originals[at]?.uuid === null ? { ...copy, uuid: null } : copy));
}

/**
 * A fork clears the mark of sidechain messages that the branch leads through, as Claude Code does, so they get numbers.
 */
function hasNumberedPrompts(messages: readonly Said[]): boolean {
  const prompts = messages.filter(({ kind }) => kind === 'prompt');
  return prompts.every(({ prompt }, at) => prompt > 0 && (at === 0 || prompt > (prompts[at - 1]?.prompt ?? 0)));
}

describe('a fork of any transcript', () => {
  test.each([
    ['whole', anyTranscript],
    ['damaged', damagedTranscript],
  ])('says what the active branch of a %s parent says, and leaves the parent alone', async (_, transcripts) => {
    const scene = makeScene();
    const { parent } = scene;
    await fc.assert(
      fc.asyncProperty(transcripts, async (bytes) => {
        const made = await fork(scene, bytes);
        const originals = await said(parent);
        fc.pre(hasNumberedPrompts(originals));
        if (made === null) expect(originals.every(({ kind }) => kind === 'system')).toBe(true);
        else expect(alike(await said(made.transcript), originals)).toEqual(originals);
        expect(readFileSync(parent)).toEqual(bytes);
      }),
      { numRuns: rounds(60) },
    );
  });

  test('cut at a prompt, begins as its parent and has this prompt with its answer', async () => {
    const scene = makeScene();
    const { parent } = scene;
    await fc.assert(
      fc.asyncProperty(anyTranscript, fc.integer({ min: 1, max: 5 }), async (bytes, at) => {
        writeFileSync(parent, bytes);
        const originals = await said(parent);
        fc.pre(hasNumberedPrompts(originals));
        const next = originals.findIndex(({ prompt }) => prompt > at);
        fc.pre(originals.some(({ prompt }) => prompt === at));
        const made = await fork(scene, bytes, { at: String(at) });
        if (made === null) throw new Error('nothing was made');
        const copies = alike(await said(made.transcript), originals);
        expect(copies).toEqual(originals.slice(0, copies.length));
        expect(copies.length).toBeGreaterThanOrEqual(next < 0 ? originals.length : next);
      }),
      { numRuns: rounds(40) },
    );
  });
});

/**
 * A turn: responses with up to three calls each, whose results come in any order; then possibly a compaction that keeps
 * the last entries.
 */
const turn = fc.record({
  responses: fc.array(
    fc.record({ calls: fc.nat(3), order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), progress: fc.boolean() }),
    { minLength: 1, maxLength: 3 },
  ),
  keeps: fc.option(fc.nat(4)),
});

type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

/** The lines of a session as Claude Code writes them. */
function sessionOf(turns: readonly Turn[]): string {
  const lines: Members[] = [];
  const chain: string[] = [];
  let serial = 0;
  const add = (members: Members, parentUuid: string | null = chain.at(-1) ?? null, isTip = true): string => {
    const uuid = id(++serial);
    lines.push({ uuid, parentUuid, isSidechain: false, sessionId: id(1), ...members });
    if (isTip) chain.push(uuid);
    return uuid;
  };
  for (const { responses, keeps } of turns) {
    add({ type: 'user', message: { content: `prompt ${serial}` } });
    for (const { calls, order, progress } of responses) {
      const response = `msg_${serial}`;
      const say = (content: Members): string =>
        add({ type: 'assistant', message: { id: response, content: [content] } });
      say({ type: 'text', text: 'well' });
      const made = Array.from(
        { length: calls },
        (_, n) => [`${response}_${n}`, say({ type: 'tool_use', id: `${response}_${n}` })] as const,
      );
      const results = order.flatMap((n) => (made[n] === undefined ? [] : [made[n]]));
      for (const [at, [call, uuid]] of results.entries()) {
        if (progress) add({ type: 'progress' }, uuid, false);
        add(
          {
            type: 'user',
            message: { content: [{ type: 'tool_result', tool_use_id: call }] },
            sourceToolAssistantUUID: uuid,
          },
          uuid,
          at === results.length - 1,
        );
      }
    }
    if (keeps === null) continue;
    const uuids = keeps === 0 ? [] : chain.slice(-keeps);
    const [boundary, summary] = [id(serial + 1), id(serial + 2)];
    const preserved =
      uuids.length === 0
        ? {}
        : {
            preservedMessages: { anchorUuid: summary, uuids },
            preservedSegment: { anchorUuid: summary, headUuid: uuids[0], tailUuid: uuids.at(-1) },
          };
    add({ type: 'system', subtype: 'compact_boundary', compactMetadata: { trigger: 'auto', ...preserved } }, null);
    add({ type: 'user', isCompactSummary: true, message: { content: 'summary' } }, boundary);
  }
  return lines.map((members) => line(members)).join('');
}

describe('a fork of a session with parallel calls and compactions', () => {
  test('cut anywhere begins as its parent, ends with that message or response, and answers each call', async () => {
    const scene = makeScene();
    const { parent } = scene;
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 4 }), fc.nat(), async (turns, pick) => {
        const bytes = Buffer.from(sessionOf(turns));
        writeFileSync(parent, bytes);
        const originals = await said(parent);
        const at = pick % originals.length;
        const made = await fork(scene, bytes, { at: originals[at]?.uuid ?? '' });
        const copies = await said(made?.transcript ?? '');
        expect(copies).toEqual(originals.slice(0, copies.length));
        expect(copies.length).toBeGreaterThan(at);
        const ids = (type: string, key: string): unknown[] =>
          copies.flatMap(({ content }) =>
            (content as Members[]).filter((block) => block['type'] === type).map((block) => block[key]),
          );
        const answered = new Set(ids('tool_result', 'tool_use_id'));
        const inParent = new Set(
          originals.flatMap(({ content }) => (content as Members[]).map((block) => block['tool_use_id'])),
        );
        expect(ids('tool_use', 'id').filter((call) => inParent.has(call) && !answered.has(call))).toEqual([]);
        expect(copies.slice(at + 1).filter(({ kind }) => kind === 'prompt')).toEqual([]);
      }),
      { numRuns: rounds(60) },
    );
  });
});
