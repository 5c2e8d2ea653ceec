import { escapeUnseen } from './text/sanitize.js';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** `\uXXXX`; a surrogate pair is two of them, the longest thing that must not be split. */
const ESCAPED_UNIT = 6;
/** Deeper values are not indented: each level would lengthen every line below it. */
const MAX_INDENTED_DEPTH = 64;
const SURROGATES = /\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\ud[89a-f][0-9a-f]{2}/gi;

/**
 * Yields valid JSON unchanged as text that is safe to print and readable by jq: invisible characters become escapes,
 * lone surrogates U+FFFD, line breaks between values spaces. Only one piece is in memory at a time.
 */
export function* rawJson(pieces: Iterable<Buffer>): Generator<string> {
  let carried: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    const bytes = carried.length === 0 ? piece : Buffer.concat([carried, piece]);
    const end = wholeEnd(bytes);
    yield safe(bytes.toString('utf8', 0, end));
    carried = Buffer.from(bytes.subarray(end));
  }
  yield safe(carried.toString('utf8'));
}

/** Returns the last position in bytes that splits neither an escape nor a character. */
function wholeEnd(bytes: Buffer): number {
  let end = bytes.length;
  let at = Math.max(0, end - 2 * ESCAPED_UNIT);
  // A backslash there is itself escaped after an odd number of others.
  let run = 0;
  while (at - run > 0 && bytes[at - run - 1] === BACKSLASH) run += 1;
  if (run % 2 === 1) at += 1;
  while (at < end) {
    if (bytes[at] !== BACKSLASH) at += 1;
    else if (at + wholeLength(bytes, at) > end) return at;
    else at += bytes[at + 1] === LETTER_U ? ESCAPED_UNIT : 2;
  }
  while (end > 0 && end > bytes.length - 4 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  if (end === 0 || (bytes[end - 1] ?? 0) < 0xc0) return bytes.length;
  const lead = bytes[end - 1] ?? 0;
  const needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return end - 1 + needed > bytes.length ? end - 1 : bytes.length;
}

/** Returns the length of an escape, including the next one if both may be a surrogate pair. */
function wholeLength(bytes: Buffer, at: number): number {
  if (bytes[at + 1] !== LETTER_U) return 2;
  const digits = bytes.toString('latin1', at + 2, at + ESCAPED_UNIT);
  return /^d[89ab]/i.test(digits) ? 2 * ESCAPED_UNIT : ESCAPED_UNIT;
}

function safe(text: string): string {
  const oneLine = /[\t\r\n]/.test(text) ? text.replace(/[\t\r\n]/g, ' ') : text;
  if (!/\\ud/i.test(oneLine)) return escapeUnseen(oneLine);
  const isText = (escape: string, high: string | undefined): boolean => escape === '\\\\' || high !== undefined;
  return escapeUnseen(
    oneLine.replace(SURROGATES, (escape: string, high?: string) => (isText(escape, high) ? escape : '\ufffd')),
  );
}

/** Yields the pieces of `rawJson` indented as by `JSON.stringify`; `depth` is that of their first line. */
export function* indentedJson(pieces: Iterable<string>, depth: number): Generator<string> {
  const layout = new Layout(depth);
  for (const piece of pieces) yield layout.take(piece);
}

/** Lays out one JSON text, piece by piece; a piece never ends within an escape. */
class Layout {
  #depth: number;
  #inString = false;
  /** A container was opened in which nothing has come yet. */
  #isOpening = false;

  constructor(depth: number) {
    this.#depth = depth;
  }

  take(piece: string): string {
    let text = '';
    for (let at = 0; at < piece.length; ) {
      if (this.#inString) {
        const end = this.#stringEnd(piece, at);
        text += piece.slice(at, end);
        at = end;
      } else {
        text += this.#structure(piece.charAt(at));
        at += 1;
      }
    }
    return text;
  }

  /** Position after the part of a string that begins at a position, its closing quote included. */
  #stringEnd(piece: string, from: number): number {
    const ends = /["\\]/g;
    ends.lastIndex = from;
    for (let found = ends.exec(piece); found !== null; found = ends.exec(piece)) {
      if (found[0] === '"') {
        this.#inString = false;
        return found.index + 1;
      }
      ends.lastIndex = found.index + 2;
    }
    return piece.length;
  }

  #structure(char: string): string {
    if (char === ' ') return '';
    if (char === '}' || char === ']') {
      this.#depth -= 1;
      const line = this.#isOpening ? '' : this.#line();
      this.#isOpening = false;
      return line + char;
    }
    const line = this.#isOpening ? this.#line() : '';
    this.#isOpening = char === '{' || char === '[';
    if (this.#isOpening) this.#depth += 1;
    if (char === '"') this.#inString = true;
    if (char === ',') return `,${this.#line()}`;
    return char === ':' ? ': ' : line + char;
  }

  #line(): string {
    return this.#depth > MAX_INDENTED_DEPTH ? '' : `\n${'  '.repeat(this.#depth)}`;
  }
}
