import { graphemes, widthOf } from './text.js';
import type { ScreenEvent } from './screen.js';

/** Characters a line may have; more are dropped. */
export const MAX_LINE = 2000;

/** The part of a line that fits a number of columns, and the column of the cursor in it. */
export interface LineView {
  text: string;
  cursor: number;
}

/**
 * One line of text being edited, in characters as a reader sees them. Knows the usual keys: arrows with and without
 * Ctrl, Home, End, Backspace, Delete, Ctrl-E, Ctrl-U, Ctrl-K, Ctrl-H, Alt-B, Alt-F, Alt-D, Alt-Backspace.
 */
export class LineEditor {
  #before: string[] = [];
  #after: string[] = [];

  constructor(text = '') {
    this.insert(text);
  }

  get text(): string {
    return [...this.#before, ...this.#after].join('');
  }

  /** Replaces the line and puts the cursor at its end. */
  set text(text: string) {
    [this.#before, this.#after] = [[], []];
    this.insert(text);
  }

  get isEmpty(): boolean {
    return this.#before.length + this.#after.length === 0;
  }

  /** Inserts text at the cursor; line breaks become spaces, other control characters are left out. */
  insert(text: string): void {
    const clean = text
      .slice(0, MAX_LINE * 4)
      .replace(/[\t\n\r]+/g, ' ')
      .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '');
    const room = MAX_LINE - this.#before.length - this.#after.length;
    // An accent that is typed after its letter becomes a part of it.
    this.#before = graphemes([...this.#before, ...graphemes(clean).slice(0, Math.max(0, room))].join(''));
  }

  /** Handles typed text, a paste or a key of a line; returns false if the event is not for a line. */
  handle(event: ScreenEvent): boolean {
    if (event.type === 'text' || event.type === 'paste') this.insert(event.text);
    else if (event.type !== 'key' || !this.#key(event.key)) return false;
    return true;
  }

  #key(key: string): boolean {
    switch (key) {
      case 'left':
        return this.#move(this.#before.length > 0 ? -1 : 0);
      case 'right':
        return this.#move(this.#after.length > 0 ? 1 : 0);
      case 'home':
        return this.#move(-this.#before.length);
      case 'end':
      case 'ctrl-e':
        return this.#move(this.#after.length);
      case 'ctrl-left':
      case 'alt-left':
      case 'alt-b':
        return this.#move(-this.#wordBefore());
      case 'ctrl-right':
      case 'alt-right':
      case 'alt-f':
        return this.#move(this.#wordAfter());
      case 'backspace':
      case 'shift-backspace':
      case 'ctrl-h':
        this.#before = this.#before.slice(0, -1);
        return true;
      case 'delete':
        this.#after = this.#after.slice(1);
        return true;
      case 'alt-backspace':
      case 'ctrl-backspace':
        this.#before = this.#before.slice(0, this.#before.length - this.#wordBefore());
        return true;
      case 'alt-d':
        this.#after = this.#after.slice(this.#wordAfter());
        return true;
      case 'ctrl-u':
        this.#before = [];
        return true;
      case 'ctrl-k':
        this.#after = [];
        return true;
      default:
        return false;
    }
  }

  #move(by: number): true {
    const all = [...this.#before, ...this.#after];
    const at = this.#before.length + by;
    this.#before = all.slice(0, at);
    this.#after = all.slice(at);
    return true;
  }

  /** Number of characters of the word before the cursor, with the spaces after it. */
  #wordBefore(): number {
    return /a* *$/.exec(markWords(this.#before))?.[0].length ?? 0;
  }

  #wordAfter(): number {
    return /^ *a*/.exec(markWords(this.#after))?.[0].length ?? 0;
  }

  /** Returns the part around the cursor that fits into `width` columns. */
  view(width: number): LineView {
    const shown: string[] = [];
    let taken = 0;
    for (const grapheme of [...this.#before].reverse()) {
      if (taken + widthOf(grapheme) > width - 1) break;
      taken += widthOf(grapheme);
      shown.unshift(grapheme);
    }
    const cursor = taken;
    for (const grapheme of this.#after) {
      if (taken + widthOf(grapheme) > width) break;
      taken += widthOf(grapheme);
      shown.push(grapheme);
    }
    return { text: shown.join(''), cursor };
  }
}

/** One code unit for each character: `a` for letters and digits, a space for the rest. */
function markWords(characters: readonly string[]): string {
  return characters.map((character) => (/[\p{L}\p{N}]/u.test(character) ? 'a' : ' ')).join('');
}
