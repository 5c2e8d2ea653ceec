import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyDecoder, MAX_PASTE, MAX_TYPED, type KeyEvent } from '../../../src/tui/keys/key-decoder.js';

const ESC = '\u001b';

function decoded(...reads: (string | Uint8Array)[]): KeyEvent[] {
  const decoder = new KeyDecoder();
  const events = reads.flatMap((read) => decoder.decode(typeof read === 'string' ? Buffer.from(read) : read));
  return [...events, ...decoder.flush()];
}

const key = (name: string): KeyEvent => ({ type: 'key', key: name });
const text = (typed: string): KeyEvent => ({ type: 'text', text: typed });

describe('KeyDecoder', () => {
  it.each([
    ['\r', 'enter'],
    ['\n', 'ctrl-j'],
    ['\t', 'tab'],
    ['\u007f', 'backspace'],
    ['\b', 'ctrl-h'],
    ['\u0000', 'ctrl-space'],
    ['\u0003', 'ctrl-c'],
    ['\u001f', 'ctrl-_'],
    [ESC, 'esc'],
    [`${ESC}[A`, 'up'],
    [`${ESC}OA`, 'up'],
    [`${ESC}[1;5C`, 'ctrl-right'],
    [`${ESC}[1;2D`, 'shift-left'],
    [`${ESC}[1;3B`, 'alt-down'],
    [`${ESC}${ESC}[B`, 'alt-down'],
    [`${ESC}Oc`, 'ctrl-right'],
    [`${ESC}[H`, 'home'],
    [`${ESC}[1~`, 'home'],
    [`${ESC}[8~`, 'end'],
    [`${ESC}[3~`, 'delete'],
    [`${ESC}[5~`, 'page-up'],
    [`${ESC}[6;5~`, 'ctrl-page-down'],
    [`${ESC}[Z`, 'shift-tab'],
    [`${ESC}OP`, 'f1'],
    [`${ESC}[11~`, 'f1'],
    [`${ESC}[[A`, 'f1'],
    [`${ESC}[24~`, 'f12'],
    [`${ESC}u`, 'alt-u'],
    [`${ESC}U`, 'alt-U'],
    [`${ESC}é`, 'alt-é'],
    [`${ESC}[`, 'alt-['],
    [`${ESC}O`, 'alt-O'],
    [`${ESC}]`, 'alt-]'],
    [`${ESC} `, 'alt-space'],
    [`${ESC}\r`, 'alt-enter'],
    [`${ESC}\u007f`, 'alt-backspace'],
    [`${ESC}\u0001`, 'ctrl-alt-a'],
  ])('reads %j as %s', (bytes, name) => {
    expect(decoded(bytes)).toEqual([key(name)]);
  });

  it.each([
    ['27u', [key('esc')]],
    ['99;5u', [key('ctrl-c')]],
    ['105;5u', [key('ctrl-i')]],
    ['32;5u', [key('ctrl-space')]],
    ['117;3u', [key('alt-u')]],
    ['117:85;4u', [key('alt-U')]],
    ['112;6u', [key('ctrl-shift-p')]],
    ['9;2u', [key('shift-tab')]],
    ['13;2u', [key('shift-enter')]],
    ['127;5u', [key('ctrl-backspace')]],
    ['102;69u', [key('ctrl-f')]], // Caps Lock
    ['102;133u', [key('ctrl-f')]], // Num Lock
    ['97:65;2u', [text('A')]],
    ['1072::102;5u', [key('ctrl-f')]], // Ctrl with а on a Russian layout
    ['57400u', [text('1')]],
    ['57414u', [key('enter')]],
    ['57358u', []], // Caps Lock itself
    ['97;9u', []], // Super-A
    ['97;1:3u', []], // a key is released
    ['27;5;105~', [key('ctrl-i')]], // xterm's modifyOtherKeys
    ['?5u', []], // the answer to a query
    ['I', [{ type: 'focus', hasFocus: true }]],
    ['999~', []],
  ])('reads %s of kitty and xterm', (sequence, events) => {
    expect(decoded(`${ESC}[${sequence}`)).toEqual(events);
  });

  it('reads text in UTF-8, even if a read ends within a character', () => {
    const bytes = Buffer.from('aé漢👩‍👩‍👧');
    for (let at = 0; at <= bytes.length; at++) {
      const events = decoded(bytes.subarray(0, at), bytes.subarray(at));
      expect(events.map((event) => (event.type === 'text' ? event.text : '?')).join('')).toBe('aé漢👩‍👩‍👧');
    }
  });

  it('reports the focus of the window, in pieces too', () => {
    const decoder = new KeyDecoder();
    expect(decoder.decode(Buffer.from('a\u001b['))).toEqual([{ type: 'text', text: 'a' }]);
    expect(decoder.decode(Buffer.from('Ib\u001b[O'))).toEqual([
      { type: 'focus', hasFocus: true },
      { type: 'text', text: 'b' },
      { type: 'focus', hasFocus: false },
    ]);
  });

  it('drops C1 controls, and answers of the terminal', () => {
    expect(decoded('a\u009bb')).toEqual([text('ab')]);
    expect(decoded(`${ESC}]11;rgb:0000/0000/0000${ESC}\\x`)).toEqual([text('x')]);
    expect(decoded(`${ESC}]11;rgb:0000/0000/0000\u0007x`)).toEqual([text('x')]);
    expect(decoded(`${ESC}P>|term 1${ESC}\\x`)).toEqual([text('x')]);
  });

  it('reads Esc and then a key that follows later', () => {
    const decoder = new KeyDecoder();
    expect(decoder.decode(Buffer.from(ESC))).toEqual([]);
    expect(decoder.isWaiting).toBe(true);
    expect(decoder.flush()).toEqual([key('esc')]);
    expect(decoder.isWaiting).toBe(false);
    expect(decoder.decode(Buffer.from('[A'))).toEqual([text('[A')]);
  });

  it('reads a paste as one event, with its line breaks and without acting on keys in it', () => {
    expect(decoded(`${ESC}[200~a\r\nb\rc\u0003${ESC}[A${ESC}[201~d`)).toEqual([
      { type: 'paste', text: `a\nb\nc\u0003${ESC}[A` },
      text('d'),
    ]);
  });

  it('keeps the start of a paste of a megabyte', () => {
    const reads = [`${ESC}[200~`, ...Array.from({ length: 1024 }, () => 'x'.repeat(1024)), `${ESC}[201~`, 'y'];
    expect(decoded(...reads)).toEqual([{ type: 'paste', text: 'x'.repeat(MAX_PASTE) }, text('y')]);
  });

  it('takes more text than keys can leave in one read for a paste, which acts on nothing', () => {
    const line = 'y'.repeat(MAX_TYPED / 2);
    expect(decoded(`${line}\r${line}`)).toEqual([{ type: 'paste', text: `${line}\n${line}` }]);
    expect(decoded(`${line}${line}`)).toEqual([text(line + line)]);
    // Keys held down are keys, and Ctrl-C always is one.
    expect(decoded(`${ESC}[B`.repeat(MAX_TYPED))).toEqual(Array.from({ length: MAX_TYPED }, () => key('down')));
    expect(decoded(`${line}${line}x\u0003`)).toEqual([text(`${line}${line}x`), key('ctrl-c')]);
  });

  const piece = fc.oneof(
    fc.constantFrom(ESC, `${ESC}[`, `${ESC}[200~`, `${ESC}[201~`, `${ESC}]`, `${ESC}P`, '\u0007', '1;5', ':', 'u', '~'),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );

  it('reads the same, however the bytes are cut into reads', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 6 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const ends = [...cuts.filter((at) => at < bytes.length), bytes.length].sort((a, b) => a - b);
        const reads = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
        expect(joined(decoded(...reads))).toEqual(joined(decoded(bytes)));
      }),
    );
  });

  it('never returns a control character as text, and keeps nothing after a flush outside a paste', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const decoder = new KeyDecoder();
        const events = [...decoder.decode(Buffer.from(pieces.join(''))), ...decoder.flush()];
        expect(decoder.isWaiting).toBe(false);
        for (const event of events)
          if (event.type === 'text') expect(event.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

/** Neighbouring texts as one. */
function joined(events: readonly KeyEvent[]): KeyEvent[] {
  const all: KeyEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (event.type === 'text' && last?.type === 'text') all[all.length - 1] = text(last.text + event.text);
    else all.push(event);
  }
  return all;
}
