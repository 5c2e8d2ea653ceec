import { describe, expect, test } from 'vitest';
import { openScreen } from '../../../src/tui/screen.js';
import type { ViewerSource } from '../../../src/tui/viewer/source.js';
import { runViewer, type ViewerResult } from '../../../src/tui/viewer/viewer.js';
import { Work } from '../../../src/tui/viewer/work.js';
import { ctrl, KEYS, TestTerminal } from '../../support/terminal.js';

const BLOCKS = 20;

/**
 * A text of blocks with one line each, of which only the end is known. Finding the rest does not end until it is
 * allowed to.
 */
class Source implements ViewerSource {
  readonly title = 'title';
  readonly id = 'id';
  readonly path = '/path';
  readonly count = BLOCKS;
  readonly prompts = [];
  isWhole = false;
  canEnd = false;
  steps = 0;
  laidOut: number[] = [];
  extend(): void {}
  *complete(): Generator<void, () => void> {
    for (; !this.canEnd; this.steps++) yield;
    return () => void (this.isWhole = true);
  }
  refresh(): ReturnType<ViewerSource['refresh']> {
    return { hasChanged: false, note: null };
  }
  parts(block: number): ReturnType<ViewerSource['parts']> {
    this.laidOut.push(block);
    return [{ key: block, lines: [`line ${block} of ${'word '.repeat(block % 3)}`] }];
  }
  mayHold(block: number, _mode: unknown, word: string): boolean {
    return block === 3 && word === 'needle';
  }
  blockOf(key: number): number {
    return key;
  }
  textOf(): string {
    return '';
  }
}

function opened(): { terminal: TestTerminal; source: Source; result: Promise<ViewerResult> } {
  const terminal = new TestTerminal({ columns: 60, rows: 5 });
  const source = new Source();
  const screen = openScreen(terminal);
  const options = { mode: { tools: 'folded', thinking: false }, follow: false, canFork: true } as const;
  const result = runViewer(screen, source, options).finally(() => screen.close());
  return { terminal, source, result };
}

describe('a viewer that reads a long transcript', () => {
  test.each([
    [ctrl('c'), 'Stopped.'],
    [KEYS.esc, 'Stopped.'],
    ['k', 'Stopped.'],
  ])('handles keys meanwhile: %j stops it, and the viewer stays open', async (key, note) => {
    const { terminal, source, result } = opened();
    await terminal.settle();
    await terminal.type('g');
    expect(terminal.picture).toContain('Reading the whole transcript… (Ctrl-C stops)');
    const before = source.steps;
    await terminal.settle();
    expect(source.steps).toBeGreaterThan(before);
    await terminal.type(key);
    expect(terminal.picture).toContain(note);
    const stopped = source.steps;
    await terminal.settle();
    expect(source.steps).toBe(stopped);
    await terminal.type(ctrl('c'));
    expect(await result).toEqual({ type: 'interrupted' });
  });

  test('handles the key that needed the transcript once it is read', async () => {
    const { terminal, source, result } = opened();
    await terminal.type('g');
    source.canEnd = true;
    await terminal.settle();
    expect(terminal.rows[0]).toBe('line 0 of');
    await terminal.type('q');
    expect(await result).toEqual({ type: 'left' });
  });

  test('lays out only blocks that may hold the longest word of a query', async () => {
    const { terminal, source, result } = opened();
    source.canEnd = true;
    await terminal.type('g');
    source.laidOut = [];
    await terminal.type('/', 'a needle é', KEYS.enter);
    expect(terminal.picture).toContain('Not found: a needle é');
    expect(source.laidOut).toEqual([]);
    await terminal.type('/', 'word', KEYS.enter);
    expect(terminal.picture).toContain('Not found: word');
    await terminal.type('/', '1 of', KEYS.enter);
    expect(terminal.textsWith('inverse')[0]).toEqual({ row: 1, text: '1 of' });
    await terminal.type('q');
    await result;
  });
});

describe('Work', () => {
  test('ends a task when another one starts, and reports errors', () => {
    const errors: unknown[] = [];
    const done: string[] = [];
    const work = new Work((error) => errors.push(error));
    const endless = (function* (): Generator<void, string> {
      for (;;) yield;
    })();
    work.run(endless, (result) => done.push(result));
    expect(work.isRunning).toBe(true);
    work.run([][Symbol.iterator]() as Iterator<void, string>, () => done.push('second'));
    expect([work.isRunning, done]).toEqual([false, ['second']]);
    const failing: Iterator<void, string> = {
      next() {
        throw new Error('no');
      },
    };
    work.run(failing, (result) => done.push(result));
    expect([work.isRunning, errors]).toEqual([false, [new Error('no')]]);
  });
});
