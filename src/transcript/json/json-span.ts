/** Finds the end of a JSON object in bytes that may have more after it, or only a part of it. */

/**
 * End of a JSON value. `at` is just past the value if `ok`, else the first byte that cannot continue it (or the end).
 */
export interface SpanEnd {
  ok: boolean;
  at: number;
}

const MAX_DEPTH = 200;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

/**
 * Finds the end of the JSON object that starts at `start` (an opening brace); fails at more than 200 levels of depth.
 * NUL bytes are ignored, since a file system leaves them where a write was lost, and numbers and escapes are only
 * checked roughly: `JSON.parse` of the result decides.
 */
export function findObjectEnd(bytes: Buffer, start: number): SpanEnd {
  const open: number[] = [OPEN_OBJECT];
  let expect: 'key' | 'first-key' | 'value' | 'first-value' | 'next' = 'first-key';
  let at = skipSpace(bytes, start + 1);
  while (at < bytes.length) {
    const byte = bytes[at];
    const inObject = open.at(-1) === OPEN_OBJECT;
    const closes = byte === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY);
    if (closes && (expect === 'next' || expect === 'first-key' || expect === 'first-value')) {
      open.pop();
      at += 1;
      if (open.length === 0) return { ok: true, at };
      expect = 'next';
    } else if (expect === 'next') {
      if (byte !== 0x2c) return { ok: false, at };
      expect = inObject ? 'key' : 'value';
      at += 1;
    } else if (expect === 'key' || expect === 'first-key') {
      const key = byte === QUOTE ? findStringEnd(bytes, at) : { ok: false, at };
      if (!key.ok) return key;
      at = skipSpace(bytes, key.at);
      if (bytes[at] !== 0x3a) return { ok: false, at };
      expect = 'value';
      at += 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (open.push(byte) > MAX_DEPTH) return { ok: false, at };
      expect = byte === OPEN_OBJECT ? 'first-key' : 'first-value';
      at += 1;
    } else {
      const value = byte === QUOTE ? findStringEnd(bytes, at) : findScalarEnd(bytes, at);
      if (!value.ok) return value;
      expect = 'next';
      at = value.at;
    }
    at = skipSpace(bytes, at);
  }
  return { ok: false, at: bytes.length };
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a && byte !== 0) break;
  }
  return at;
}

function findStringEnd(bytes: Buffer, start: number): SpanEnd {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return { ok: true, at: at + 1 };
    if (byte === BACKSLASH) {
      if (at + 1 < bytes.length && !'"\\/bfnrtu\0'.includes(String.fromCharCode(bytes[at + 1] ?? 0))) {
        return { ok: false, at: at + 1 };
      }
      at += 1;
    } else if (byte < 0x20 && byte !== 0) return { ok: false, at };
  }
  return { ok: false, at: bytes.length };
}

function findScalarEnd(bytes: Buffer, start: number): SpanEnd {
  for (const word of WORDS) {
    if (bytes[start] !== word[0]) continue;
    for (let index = 1; index < word.length; index += 1) {
      if (bytes[start + index] !== word[index]) return { ok: false, at: Math.min(start + index, bytes.length) };
    }
    return { ok: true, at: start + word.length };
  }
  let at = start;
  while (at < bytes.length && isNumberByte(bytes[at] ?? 0)) at += 1;
  return { ok: at > start, at };
}

function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x45 || byte === 0x65
  );
}
