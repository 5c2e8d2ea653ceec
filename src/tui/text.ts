import stringWidth from 'string-width';
import { simpleWidth } from './simple-width.js';

const PRINTABLE_ASCII = /^[ -~]*$/;
let segmenter: Intl.Segmenter | undefined;

/** Columns a text takes on a terminal: wide characters two, combining marks none, colour codes none. */
export function widthOf(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : (simpleWidth(text) ?? stringWidth(text));
}

/** Characters as a reader sees them (a flag or a letter with its accents is one). */
export function graphemes(text: string): string[] {
  if (PRINTABLE_ASCII.test(text) || simpleWidth(text) !== null) return text.split('');
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
