import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineEditor, MAX_LINE } from '../../../src/tui/line-editor.js';
import { scrolledTo } from '../../../src/tui/scroll.js';
import { widthOf } from '../../../src/tui/text.js';

function edited(start: string, ...keys: string[]): string {
  const editor = new LineEditor(start);
  for (const key of keys) editor.handle(key.length === 1 ? { type: 'text', text: key } : { type: 'key', key });
  const { text } = editor;
  editor.insert('▏');
  return text === editor.text ? text : editor.text;
}

describe('LineEditor', () => {
  it.each([
    ['abc', [], 'abc▏'],
    ['abc', ['left', 'x'], 'abx▏c'],
    ['abc', ['home', 'right', 'delete'], 'a▏c'],
    ['abc', ['home', 'end'], 'abc▏'],
    ['abc', ['backspace', 'ctrl-h'], 'a▏'],
    ['abc', ['home', 'backspace', 'left'], '▏abc'],
    ['one two', ['alt-backspace'], 'one ▏'],
    ['one two  ', ['alt-backspace'], 'one ▏'],
    ['one two', ['ctrl-left', 'ctrl-left', 'alt-d'], '▏ two'],
    ['one two', ['home', 'ctrl-right'], 'one▏ two'],
    ['one two', ['left', 'ctrl-u'], '▏o'],
    ['one two', ['home', 'right', 'ctrl-k'], 'o▏'],
    ['漢👩‍👩‍👧', ['backspace'], '漢▏'],
    ['e', ['\u0301', 'backspace'], '▏'],
  ])('%j after %j is %j', (start, keys, result) => {
    expect(edited(start, ...keys)).toBe(result);
  });

  it('leaves other events to its owner', () => {
    const editor = new LineEditor('a');
    expect(editor.handle({ type: 'key', key: 'enter' })).toBe(false);
    expect(editor.handle({ type: 'end' })).toBe(false);
    expect(editor.text).toBe('a');
  });

  it('takes a paste as one line without control characters, up to its limit', () => {
    const editor = new LineEditor();
    editor.handle({ type: 'paste', text: 'a\nb\u001b[31m\tc' });
    expect(editor.text).toBe('a b[31m c');
    editor.text = '';
    editor.handle({ type: 'paste', text: 'é'.repeat(1_000_000) });
    expect(editor.text).toHaveLength(MAX_LINE);
  });

  it('shows the part around the cursor', () => {
    const editor = new LineEditor('abcdefgh');
    expect(editor.view(5)).toEqual({ text: 'efgh', cursor: 4 });
    editor.handle({ type: 'key', key: 'home' });
    expect(editor.view(5)).toEqual({ text: 'abcde', cursor: 0 });
    expect(new LineEditor('漢字').view(4)).toEqual({ text: '字', cursor: 2 });
    expect(editor.view(0)).toEqual({ text: '', cursor: 0 });
  });

  it('always shows a part that fits, with the cursor in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), fc.nat(40), (text, lefts, width) => {
        const editor = new LineEditor(text);
        for (let at = 0; at < lefts; at++) editor.handle({ type: 'key', key: 'left' });
        const view = editor.view(width);
        expect(widthOf(view.text)).toBeLessThanOrEqual(width);
        expect(view.cursor).toBeLessThanOrEqual(Math.max(0, width - 1));
      }),
    );
  });
});

describe('scrolledTo', () => {
  it.each([
    [{ from: 0, to: 2 }, { top: 0, height: 5, count: 20 }, 0],
    [{ from: 4, to: 6 }, { top: 0, height: 5, count: 20 }, 1],
    [{ from: 2, to: 4 }, { top: 3, height: 5, count: 20 }, 2],
    [{ from: 18, to: 20 }, { top: 0, height: 5, count: 20 }, 15],
    [{ from: 1, to: 2 }, { top: 9, height: 5, count: 3 }, 0],
    [{ from: 4, to: 8 }, { top: 0, height: 2, count: 20 }, 4],
  ])('%j in %j is %i', (lines, window, top) => {
    expect(scrolledTo(lines, window)).toBe(top);
  });
});
