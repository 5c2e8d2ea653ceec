import fastGlob from 'fast-glob';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import { conversationParts } from '../../../src/cli/render/conversation/conversation.js';
import { markdownLayout } from '../../../src/cli/render/markdown/markdown.js';
import { IN_COLUMNS } from '../../../src/cli/render/text/wrap.js';
import { mayShow } from '../../../src/cli/shared/show/may-show.js';
import { readMessageEntries, type MessageEntry } from '../../../src/transcript/messages/messages.js';
import { temporaryFolder } from '../../support/temporary.js';
import { answerLine, promptLine } from '../../support/transcripts.js';

const FIXTURES = fileURLToPath(new URL('../../../fixtures', import.meta.url));
const folder = temporaryFolder('may-show');
const color = new Chalk({ level: 0 });
const SCREEN = {
  width: 90,
  color,
  home: '/home/dev',
  invocation: 'ccsess',
  now: Date.parse('2026-11-24T00:00:00Z'),
  fit: IN_COLUMNS,
  markdown: markdownLayout(color, IN_COLUMNS),
};
const FOLDERS = { cwd: '/home/dev/app', home: '/home/dev' };

/** Returns the words of a message that a page shows, in lower case, as a search compares them. */
function wordsOn(entry: MessageEntry, tools: 'folded' | 'short' | 'full'): Set<string> {
  const place = { isContinued: false, isOpen: false };
  const parts = conversationParts([entry], { tools, thinking: true, numbered: true }, SCREEN, FOLDERS, place);
  const text = parts.flatMap(({ lines }) => lines).join('\n');
  return new Set((text.toLowerCase().match(/[a-z0-9]{3,}/g) ?? []).filter((word) => /[a-z]/.test(word)));
}

function entriesOf(...lines: string[]): MessageEntry[] {
  const path = join(folder, `${Math.random()}.jsonl`);
  writeFileSync(path, lines.join(''));
  return [...readMessageEntries(path, { which: 'all' })].map((item) => ({ ...item, text: null }));
}

describe('mayShow', () => {
  test('is true for every word on the page of a recorded message', () => {
    const missing = new Set<string>();
    for (const path of fastGlob.sync('{recorded,old}/*/projects/*/*.jsonl', { cwd: FIXTURES, absolute: true }))
      for (const brief of [false, true])
        for (const entry of readMessageEntries(path, { which: 'all', brief }))
          for (const tools of brief ? (['folded', 'short'] as const) : (['full'] as const))
            for (const word of wordsOn(entry, tools)) if (!mayShow([entry], word)) missing.add(`${word} in ${path}`);
    expect([...missing]).toEqual([]);
  });

  test.each([
    ['un**believ**able', 'unbelievable'],
    ['a `co`de', 'code'],
    ['snake\\_case and &amp; more', 'anything'],
    ['[jour](x)nal', 'anything'],
    ['so\u00adft', 'soft'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['STRASSE', 'strasse'],
  ])('is true for words that the page may show for %j', (text, word) => {
    const shown = entriesOf(answerLine('m1', text));
    for (const found of wordsOn(shown[0] as MessageEntry, 'full'))
      expect([found, mayShow(shown, found)]).toEqual([found, true]);
    if (word !== 'anything') expect(mayShow(shown, word)).toBe(true);
  });

  test('is false for a word that occurs nowhere', () => {
    const result = { type: 'tool_result', tool_use_id: 't1', content: 'if (a && b) *x* `y`' };
    const entries = entriesOf(
      promptLine('about the trash'),
      answerLine('m1', 'The **journal** is there.'),
      promptLine('', { message: { role: 'user', content: [result] } }),
    );
    expect(['xyzzy', 'journals', 'thetrash'].map((word) => mayShow(entries, word))).toEqual([false, false, false]);
    expect(['journal', 'tool', 'line'].map((word) => mayShow(entries, word))).toEqual([true, true, true]);
  });
});
