import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ConfigDir, TranscriptFile } from '../../../src/claude/model.js';
import { scanConfigDirs } from '../../../src/claude/scan/scan.js';
import type { BatchResult, StaleSession } from '../../../src/session-index/refresh/batch.js';
import { readStale } from '../../../src/session-index/refresh/read-stale.js';
import { Threads } from '../../../src/session-index/refresh/threads.js';
import { answerLine, promptLine, temporaryHome } from '../../support/transcripts.js';

const SESSIONS = 400;
/** Number of batches: a session counts as at least 100 kB, so a batch holds sixty of these. */
const BATCHES = 7;

/** Threads of the given programs. */
class GivenThreads extends Threads {
  readonly #programs: readonly string[];

  constructor(programs: readonly string[]) {
    super();
    this.#programs = programs;
  }

  override take(): Worker[] {
    return this.#programs.map((program) => new Worker(program, { eval: true }));
  }
}

/** A thread that fails at each batch, and answers it after that. */
class LateThread extends EventEmitter {
  postMessage(batch: StaleSession[]): void {
    const sessions = batch.map(({ key }) => ({ key }));
    setImmediate(() => {
      this.emit('error', new Error('failed'));
      this.emit('message', { sessions, blobs: new Uint8Array(), ledgers: new Uint8Array() });
    });
  }

  terminate(): Promise<number> {
    return Promise.resolve(0);
  }
}

const answering = (work: string): string =>
  `const { parentPort: port } = require('node:worker_threads'); port.on('message', (batch) => { ${work} });`;

describe('reading in threads', () => {
  let home: ConfigDir;
  let stale: StaleSession[];

  beforeEach(() => {
    const files = Array.from({ length: SESSIONS }, (_, at) => [
      `projects/-p/00000000-0000-4000-8000-${String(at).padStart(12, '0')}.jsonl`,
      promptLine(`prompt ${at}`) + answerLine(`msg_${at}`, 'done'),
    ]);
    home = temporaryHome(Object.fromEntries(files) as Record<string, string>);
    const transcripts = scanConfigDirs([home]).folders.flatMap(
      (folder) => (folder.known === null ? folder.transcripts : []) as TranscriptFile[],
    );
    stale = transcripts.map((file, key) => ({ key, file, resume: null }));
  });

  /** The keys that were read, in order, and the number of results. */
  async function read(programs: readonly string[]): Promise<{ keys: number[]; results: number }> {
    const results: BatchResult[] = [];
    await readStale(stale, { onResult: (result) => results.push(result), threads: new GivenThreads(programs) });
    const keys = results.flatMap(({ sessions }) => sessions.map(({ key }) => key));
    return { keys: keys.sort((a, b) => a - b), results: results.length };
  }

  it.each([
    ['throws', answering("throw new Error('failed')")],
    ['exits', answering('process.exit(0)')],
    ['fails before it is asked', "throw new Error('failed')"],
    ['answers nothing and then exits', answering('setTimeout(() => process.exit(1), 50)')],
  ])('gives the work of a thread that %s to the others, each session once', async (_, program) => {
    const every = Array.from({ length: SESSIONS }, (_unused, key) => key);
    expect(await read([program])).toEqual({ keys: every, results: BATCHES });
    expect(await read([program, program])).toEqual({ keys: every, results: BATCHES });
  });

  it('keeps what a thread read before it failed', async () => {
    const empty = '{ sessions: batch.map(({ key }) => ({ key })), blobs: new Uint8Array(), ledgers: new Uint8Array() }';
    const answer = `if (done++ === 1) throw new Error('failed'); port.postMessage(${empty})`;
    const program = `let done = 0; ${answering(answer)}`;
    const { keys } = await read([program]);
    expect(keys).toEqual(Array.from({ length: SESSIONS }, (_, key) => key));
  });

  it('reads a batch once if its result arrives after its thread failed', async () => {
    const thread = new LateThread();
    const threads = Object.assign(new Threads(), { take: () => [thread as unknown as Worker] });
    const keys: number[] = [];
    const onResult = ({ sessions }: BatchResult): void => void keys.push(...sessions.map(({ key }) => key));
    await readStale(stale, { onResult, threads });
    expect(keys.sort((a, b) => a - b)).toEqual(Array.from({ length: SESSIONS }, (_, key) => key));
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    const reading = readStale(stale, {
      onResult: () => controller.abort(new Error('enough')),
      threads: new GivenThreads([]),
      signal: controller.signal,
    });
    await expect(reading).rejects.toThrow('enough');
  });
});
