import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TranscriptFile } from '../../../src/claude/model.js';
import { parseQuery } from '../../../src/search/query/parse-query.js';
import { BacktrackingRunner } from '../../../src/search/query/regexp-runner.js';
import { type Batch, BatchSearcher, gatherFilters, type SearchTask } from '../../../src/search/run/batch.js';
import { BatchQueue, MAX_AHEAD, plainBatch, type SearchThread } from '../../../src/search/run/batch-queue.js';
import { WHOLE_SCOPE } from '../../../src/search/search.js';
import { temporaryFolder } from '../../support/temporary.js';
import { promptLine } from '../../support/transcripts.js';

const FILE: TranscriptFile = {
  configDir: { path: '/c', projectsRoot: '/c/projects' } as TranscriptFile['configDir'],
  projectDir: '-p',
  id: 'a',
  path: '/c/projects/-p/a.jsonl',
  stamp: { size: 1, mtimeMs: 2, ctimeMs: 3, ino: 4 },
  isPlain: true,
  agents: [{ agentId: 'x', path: '/c/projects/-p/a/x.jsonl', stamp: { size: 1, mtimeMs: 2, ctimeMs: 3, ino: 4 } }],
  sideEntries: ['tool-results'],
};

describe('a batch for another thread', () => {
  test('arrives with every member of its files, including members that the index computes at their first use', () => {
    const lazy = Object.create(
      Object.defineProperties(
        {},
        Object.fromEntries(Object.entries(FILE).map(([name, value]) => [name, { get: () => value as unknown }])),
      ) as object,
    ) as TranscriptFile;
    const sent = structuredClone(plainBatch({ number: 3, files: [{ file: lazy, limits: [], unfiltered: ['a'] }] }));
    expect(sent).toEqual({ number: 3, files: [{ file: FILE, limits: [], unfiltered: ['a'] }] });
  });
});

describe('the result of a batch', () => {
  test('has the filters of all its sessions in one memory, which another thread takes over', () => {
    const folder = temporaryFolder('batch');
    const files = ['journal', 'kumquat'].map((word, n) => {
      const path = join(folder, `${n}.jsonl`);
      writeFileSync(path, `${promptLine(`A ${word} here.`)}\n`);
      return { file: { ...FILE, path, agents: [], sideEntries: [] }, unfiltered: n === 0 ? null : [path], limits: [] };
    });
    const task = { query: parseQuery('kumquat'), scope: WHOLE_SCOPE, limit: 5, nowMs: 0 };
    const searcher = new BatchSearcher(task, (term) => new BacktrackingRunner(term));
    const result = searcher.search({ number: 7, files });
    const memory = gatherFilters(result) ?? new ArrayBuffer(0);
    const sizes = result.found.map(({ filters }) => filters.map(({ length }) => length));
    const taken = structuredClone(result, { transfer: [memory] });
    expect(taken.found.map(({ matches }) => matches.length)).toEqual([0, 1]);
    expect(taken.found.map(({ filters }) => filters.map(({ length }) => length))).toEqual(sizes);
    expect(sizes.flat().map((size) => size > 0)).toEqual([true, true]);
    expect(result.found.flatMap(({ filters }) => filters.map(({ length }) => length))).toEqual([0, 0]);
    const unasked = searcher.search({ number: 8, files: files.map((one) => ({ ...one, unfiltered: [] })) });
    expect(gatherFilters(unasked)).toBeNull();
  });
});

/** A thread that finds nothing in a batch at once; `batches` are those it was given. */
class QuickThread {
  readonly batches: number[] = [];
  #answer: (result: { number: number; found: [] }) => void = () => {};

  on(event: string, listener: (result: { number: number; found: [] }) => void): this {
    if (event === 'message') this.#answer = listener;
    return this;
  }

  postMessage({ batch }: { batch?: Batch }): void {
    if (batch !== undefined) this.batches.push(batch.number);
  }

  answerAll(): void {
    for (let at = 0; at < this.batches.length; at += 1) this.#answer({ number: this.batches[at] ?? -1, found: [] });
  }
}

describe('a queue whose first batch takes long', () => {
  const batches = Array.from({ length: 3 * MAX_AHEAD }, (_, number): Batch => ({ number, files: [] }));

  test('keeps a thread that is too far ahead waiting until the first result is taken', () => {
    const queue = new BatchQueue(batches, {} as SearchTask);
    expect(queue.takeBatch()?.number).toBe(0);
    const thread = new QuickThread();
    queue.add(thread as unknown as SearchThread);
    thread.answerAll();
    expect(thread.batches.at(-1)).toBe(MAX_AHEAD);
    queue.advance(0);
    queue.advance(0);
    expect(thread.batches.at(-1)).toBe(MAX_AHEAD);
    queue.put({ number: 0, found: [] });
    expect(queue.takeResult(0)).toEqual({ number: 0, found: [] });
    queue.advance(1);
    expect(thread.batches.at(-1)).toBe(MAX_AHEAD + 1);
    thread.answerAll();
    queue.advance(batches.length);
    thread.answerAll();
    expect(thread.batches).toEqual(batches.slice(1).map(({ number }) => number));
  });
});

test('a thread that answers after it failed gets no other batch, and loses none', () => {
  const batches = [0, 1, 2].map((number): Batch => ({ number, files: [] }));
  const queue = new BatchQueue(batches, {} as SearchTask);
  const asked: number[] = [];
  const thread = Object.assign(new EventEmitter(), {
    postMessage: ({ batch }: { batch?: Batch }) => void (batch !== undefined && asked.push(batch.number)),
  });
  queue.add(thread as unknown as SearchThread);
  thread.emit('error', new Error('failed'));
  thread.emit('message', { number: 0, found: [] });
  expect(asked).toEqual([0, 1]);
  expect(queue.hasThreads).toBe(false);
  expect(queue.takeResult(0)).toBeUndefined();
  expect([0, 1, 2].map(() => queue.takeBatch()?.number)).toEqual([0, 1, 2]);
});
