import { StringDecoder } from 'node:string_decoder';
import { PLAIN, keyName } from './key-names.js';
import { readControlSequence, readShortSequence, type FocusEvent, type SequenceMeaning } from './sequence.js';

/**
 * An event of the terminal. `key` names a key that produces no text (`enter`, `shift-tab`, `ctrl-f`, `alt-u`, `f1`,
 * `page-down`), `text` is typed text, `paste` is pasted text with its line breaks as `\n`, and `focus` reports that the
 * terminal's window gained or lost the focus.
 */
export type KeyEvent =
  | { type: 'key'; key: string }
  | { type: 'text'; text: string }
  | { type: 'paste'; text: string }
  | FocusEvent;

/** Characters of a paste that are kept; the rest is read and dropped. */
export const MAX_PASTE = 64 * 1024;

/** Maximum length of one read that keys can cause. A longer one is a paste, in a terminal that does not mark pastes. */
export const MAX_TYPED = 500;

const ESC = '\u001b';
const PASTE_END = `${ESC}[201~`;
/** Maximum length of a sequence; longer ones are not recognised. */
const MAX_SEQUENCE = 128;
const MAX_STRING = 4096;
// Control characters are what these patterns look for.
const CONTROL_SEQUENCE = /^\u001b\[([0-?]*)[ -/]*([@-~])/;
const UNFINISHED_CONTROL_SEQUENCE = /^\u001b\[[0-?]*[ -/]*$/;
/** Late answers of the terminal to an earlier program (OSC, DCS, APC), up to BEL or ST. */
const STRING = /^\u001b(?:\][\d;]|P[\d;>!$+|]|_G)[^\u0007\u001b]*(?:\u0007|\u001b\\)/;
const UNFINISHED_STRING = /^\u001b(?:\][\d;]|P[\d;>!$+|]|_G)[^\u0007\u001b]*\u001b?$/;
const TEXT = /^[^\u0000-\u001f\u007f]+/;
/** Keys that a read of any length can have: Ctrl-C, and those that send a sequence. */
const KEYS_IN_READ = /[\u0003\u001b]/;
const C1 = /[\u0080-\u009f]/g;

const CONTROL_NAMES: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\u0000': 'ctrl-space',
};

/**
 * Decodes the bytes of a terminal into events: UTF-8 that arrives in pieces, escape sequences of xterm, rxvt, the Linux
 * console and kitty's protocol, and bracketed paste. Sequences that mean nothing are dropped, never taken for text.
 */
export class KeyDecoder {
  #utf8 = new StringDecoder('utf8');
  #rest = '';
  /** The paste so far; null outside one. */
  #paste: string | null = null;

  /** True if the bytes kept may be the start of a sequence; `flush` decides if nothing follows for a moment. */
  get isWaiting(): boolean {
    return this.#paste === null && this.#rest !== '';
  }

  /** Decodes bytes; an unfinished sequence at their end is kept. */
  decode(bytes: Uint8Array): KeyEvent[] {
    const read = this.#utf8.write(bytes);
    if (!this.isWaiting && this.#paste === null && read.length > MAX_TYPED && !KEYS_IN_READ.test(read))
      return [{ type: 'paste', text: withLineFeeds(read) }];
    this.#rest += read;
    return this.#events(false);
  }

  /** Decodes what was kept: a single ESC is the Esc key. */
  flush(): KeyEvent[] {
    return this.#paste === null ? this.#events(true) : [];
  }

  #events(isFinal: boolean): KeyEvent[] {
    const events: KeyEvent[] = [];
    for (;;) {
      const before = this.#rest;
      const event = this.#next(isFinal);
      if (event !== null) events.push(event);
      if (this.#rest === before) return events;
    }
  }

  /** Takes one event off the rest; null if there is none, or if it was dropped. */
  #next(isFinal: boolean): KeyEvent | null {
    if (this.#rest === '') return null;
    if (this.#paste !== null) return this.#readPaste(this.#paste);
    const text = TEXT.exec(this.#rest)?.[0];
    if (text !== undefined) {
      this.#rest = this.#rest.slice(text.length);
      const shown = text.replace(C1, '');
      return shown === '' ? null : { type: 'text', text: shown };
    }
    if (this.#rest.startsWith(ESC)) return this.#readEscape(isFinal);
    return this.#take(1, controlKey(this.#rest[0] ?? ''));
  }

  #readEscape(isFinal: boolean): KeyEvent | null {
    const rest = this.#rest;
    if (!isFinal && this.#isUnfinished()) return null;
    const string = STRING.exec(rest)?.[0];
    if (string !== undefined) return this.#take(string.length, null);
    // rxvt and others send Alt with an arrow as ESC before its sequence.
    const alt = rest.startsWith(`${ESC}${ESC}[`) || rest.startsWith(`${ESC}${ESC}O`);
    const sequence = alt ? rest.slice(1) : rest;
    const skipped = alt ? 1 : 0;
    const linuxKey = /^\u001b\[\[([A-E])/.exec(sequence)?.[1];
    if (linuxKey !== undefined)
      return this.#take(skipped + 4, { type: 'key', key: `f${'ABCDE'.indexOf(linuxKey) + 1}` });
    const control = CONTROL_SEQUENCE.exec(sequence);
    if (control !== null) {
      const [whole, parameters = '', final = ''] = control;
      return this.#take(skipped + whole.length, readControlSequence(parameters, final, alt));
    }
    const short = /^\u001bO\d*([A-Za-z])/.exec(sequence);
    if (short !== null) return this.#take(skipped + short[0].length, readShortSequence(short[1] ?? '', alt));
    return this.#readAlt();
  }

  /** ESC before a single character is Alt; ESC alone is the Esc key. */
  #readAlt(): KeyEvent | null {
    const character = [...this.#rest.slice(1, 3)][0];
    if (character === undefined || character === ESC) return this.#take(1, { type: 'key', key: 'esc' });
    const control = controlKey(character);
    const key = control === null ? keyName(character, { ...PLAIN, alt: true }) : withAlt(control.key);
    return this.#take(1 + character.length, { type: 'key', key });
  }

  #isUnfinished(): boolean {
    const sequence = this.#rest.startsWith(ESC + ESC) ? this.#rest.slice(1) : this.#rest;
    if (sequence.length > MAX_STRING) return false;
    if (sequence === ESC || sequence === `${ESC}O` || sequence === `${ESC}[[`) return true;
    return (
      (sequence.length <= MAX_SEQUENCE && UNFINISHED_CONTROL_SEQUENCE.test(sequence)) ||
      UNFINISHED_STRING.test(sequence)
    );
  }

  #readPaste(before: string): KeyEvent | null {
    const end = this.#rest.indexOf(PASTE_END);
    // The end of a paste may be cut in two by the end of a read.
    const upTo = end < 0 ? Math.max(0, this.#rest.length - PASTE_END.length + 1) : end;
    const paste = before.length < MAX_PASTE ? before + this.#rest.slice(0, upTo).slice(0, MAX_PASTE) : before;
    this.#rest = this.#rest.slice(end < 0 ? upTo : end + PASTE_END.length);
    this.#paste = end < 0 ? paste : null;
    return end < 0 ? null : { type: 'paste', text: withLineFeeds(paste) };
  }

  #take(length: number, meaning: SequenceMeaning): KeyEvent | null {
    this.#rest = this.#rest.slice(length);
    if (meaning?.type === 'paste-start') {
      this.#paste = '';
      return null;
    }
    return meaning;
  }
}

function withLineFeeds(paste: string): string {
  return paste.slice(0, MAX_PASTE).replace(/\r\n?/g, '\n');
}

/** The key of a control character; null for any other character. */
function controlKey(character: string): { type: 'key'; key: string } | null {
  const named = CONTROL_NAMES[character];
  if (named !== undefined) return { type: 'key', key: named };
  const code = character.charCodeAt(0);
  return code < 32 ? { type: 'key', key: `ctrl-${String.fromCharCode(code + 64).toLowerCase()}` } : null;
}

function withAlt(key: string): string {
  return key.startsWith('ctrl-') ? `ctrl-alt-${key.slice(5)}` : `alt-${key}`;
}
