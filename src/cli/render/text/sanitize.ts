// Characters are written as escapes below, since most are invisible, and some would reorder this file.
const SPACES = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** Whole escape sequences: window titles and other strings, colours and cursor moves, and short ones. */
const ESCAPE_SEQUENCES = new RegExp(
  [
    '(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])' +
      '[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)',
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '\\u001b[ -/]*[0-Z\\\\^-~]',
  ].join('|'),
  'g',
);

/**
 * Control characters; soft hyphen, zero-width and joining marks; direction marks, embeddings and isolates; tags;
 * noncharacters.
 */
const UNSEEN_CLASS =
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff\\u{1bca0}-\\u{1bca3}' +
  '\\u{e0000}-\\u{e0fff}';
const UNSEEN = new RegExp(`[${UNSEEN_CLASS}]`, 'gu');
const SUSPECT = new RegExp(`[${UNSEEN_CLASS}]|\\p{Surrogate}`, 'u');
/** Sequences that ccsess itself writes: colours, and the one that clears a progress line. */
const OURS = /(\u001b\[[\d;]*m|\r\u001b\[K)/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Makes text safe for a terminal and for a line in a pipe: removes escape sequences and control, bidi and zero-width
 * characters, and replaces tabs and line breaks by a space and lone surrogates by U+FFFD.
 */
export function sanitize(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.replace(ESCAPE_SEQUENCES, '').replace(SPACES, ' ').replace(UNSEEN, '').replace(LONE_SURROGATE, '\ufffd');
}

/** Makes text safe as `sanitize`, keeping line breaks. */
export function sanitizeLines(text: string): string {
  return SUSPECT.test(text) ? text.split('\n').map(sanitize).join('\n') : text;
}

/**
 * Makes text safe as `sanitizeLines`, keeping colours and the start of a progress line; for text made of safe parts.
 */
export function sanitizeNotes(text: string): string {
  return SUSPECT.test(text)
    ? text
        .split(OURS)
        .map((part, at) => (at % 2 === 0 ? sanitizeLines(part) : part))
        .join('')
    : text;
}

/** Makes text safe as `sanitize`, and merges runs of spaces, for table cells. */
export function oneLine(text: string): string {
  return sanitize(text).replace(/\s+/gu, ' ').trim();
}

/** Writes the characters that `sanitize` removes as `\uXXXX` escapes. For JSON text, whose line breaks are kept. */
export function escapeUnseen(json: string): string {
  return json.replace(UNSEEN, (char) => (char === '\n' ? char : char.split('').map(escapeUnit).join('')));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
