import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CcsessError } from '../../../src/claude/errors.js';
import type { Workplace } from '../../../src/claude/workplace.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { forkSession, type Fork, type ForkOptions } from '../../../src/sessions/fork.js';
import type { SessionMessage } from '../../../src/transcript/message.js';
import { readMessages } from '../../../src/transcript/messages.js';
import { anyTranscript, damagedTranscript } from '../../support/arbitrary-transcript.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { temporaryHome } from '../../support/transcripts.js';
import { id } from '../claude/disk.js';

const configDir = temporaryHome({ [`projects/-home-dev-app/${id(1)}.jsonl`]: '' });
const parent = join(configDir.path, 'projects/-home-dev-app', `${id(1)}.jsonl`);
const workplace: Workplace = { configDirs: [configDir], now: () => NOW, system: IDLE, env: {}, home: '/home/me', cwd: '/' };

/** A fork, the only one, of a transcript of these bytes; null if nothing in it can be forked. */
async function fork(bytes: Buffer, options: ForkOptions = {}): Promise<Fork | null> {
  rmSync(dirname(parent), { recursive: true });
  mkdirSync(dirname(parent));
  writeFileSync(parent, bytes);
  const index = await openSessionIndex({ configDirs: [configDir], cacheDir: null, now: () => NOW, system: IDLE });
  const row = index.rows.find(({ file }) => file.path === parent);
  if (row === undefined) throw new Error('the parent is not found');
  try {
    return forkSession(index, row, options, workplace);
  } catch (error) {
    if (error instanceof CcsessError && error.message.endsWith('has no message to fork.')) return null;
    throw error;
  }
}

/** What a message says and where it stands; the fork closes gaps, so not what it follows. */
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

describe('a fork of any transcript', () => {
  test.each([['whole', anyTranscript], ['damaged', damagedTranscript]])('says what the active branch of a %s parent says, and leaves the parent alone', async (_, transcripts) => {
    await fc.assert(
      fc.asyncProperty(transcripts, async (bytes) => {
        const made = await fork(bytes);
        const originals = await said(parent);
        expect(made === null ? [] : alike(await said(made.transcript), originals)).toEqual(originals);
        expect(readFileSync(parent)).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test('cut at a prompt, begins as its parent and has this prompt with its answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyTranscript, fc.integer({ min: 1, max: 5 }), async (bytes, at) => {
        writeFileSync(parent, bytes);
        const originals = await said(parent);
        const next = originals.findIndex(({ prompt }) => prompt > at);
        fc.pre(originals.some(({ prompt }) => prompt === at));
        const made = await fork(bytes, { at: String(at) });
        if (made === null) throw new Error('nothing was made');
        const copies = alike(await said(made.transcript), originals);
        expect(copies).toEqual(originals.slice(0, copies.length));
        expect(copies.length).toBeGreaterThanOrEqual(next < 0 ? originals.length : next);
      }),
      { numRuns: 300 },
    );
  });
});
