import type { MessageEntry } from '../../../transcript/messages/messages.js';
import { sanitizeLines } from '../../render/text/sanitize.js';

/** Words that pages add to conversations. */
const WORDS_OF_PAGES =
  'you claude more line lines word words exit interrupted compacted auto manual tokens summary of what came before ' +
  'items match matches refused in the background removed added running failed answered rejected denied cancelled ' +
  'result results bytes file files notice command error retry image document url not in the transcript thinking ' +
  'hidden kib mib gib day days jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun ' +
  'no newline at end null true false undefined';
const PAGE_WORDS = WORDS_OF_PAGES.split(' ');
/** Only texts with one of these characters are shown differently than written. */
const UNUSUAL = /[^\t\n -~]/;
/** An HTML entity, which is shown as another character. */
const ENTITY = /&[a-z0-9#]{1,32};/i;
/** Characters that Markdown may remove from the middle of a word. */
const MARKS = /[!-/:-@[-`{-~]+/g;

/**
 * False if a word (ASCII letters and digits, in lower case) is on no line of these messages, folded or not. Laying them
 * out to search their lines takes ten times as long.
 */
export function mayShow(entries: readonly MessageEntry[], word: string): boolean {
  if (PAGE_WORDS.some((known) => known.includes(word))) return true;
  return entries.some(({ message, entry, large }) => {
    // Tool results are shown without Markdown.
    const isMarkdown = message.kind !== 'tool-result';
    return (large !== null && holds(large, word, isMarkdown)) || holds(entry, word, isMarkdown);
  });
}

/** True if any text or member name in a value may show the word. */
function holds(value: unknown, word: string, isMarkdown: boolean): boolean {
  if (typeof value === 'string') return mayHold(value, word, isMarkdown);
  if (Array.isArray(value)) return value.some((item) => holds(item, word, isMarkdown));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, member]) => name.toLowerCase().includes(word) || holds(member, word, isMarkdown),
  );
}

function mayHold(text: string, word: string, isMarkdown: boolean): boolean {
  if (text.toLowerCase().includes(word)) return true;
  const shown = UNUSUAL.test(text) ? sanitizeLines(text) : text;
  if (shown !== text && shown.toLowerCase().includes(word)) return true;
  return isMarkdown && (ENTITY.test(shown) || shown.toLowerCase().replace(MARKS, '').includes(word));
}
