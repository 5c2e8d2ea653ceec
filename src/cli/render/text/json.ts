import { jsonText } from '../../../transcript/json/json-text.js';
import { escapeUnseen } from './sanitize.js';

const INDENT = 2;
const BATCH_CHARS = 64 * 1024;

/**
 * Returns a value as JSON on one line, or indented on a terminal. Invisible and reordering characters are escaped; lone
 * surrogates become U+FFFD.
 */
export function toJson(value: unknown, pretty: boolean): string {
  return escapeUnseen(withoutLoneSurrogates(jsonText(value, pretty ? INDENT : 0)));
}

/**
 * Replaces lone surrogates, at which a cut text may end: they are valid JSON, but jq refuses them. JSON.stringify
 * writes them as escapes; `ud83d` after an escaped backslash is text.
 */
function withoutLoneSurrogates(json: string): string {
  if (!json.includes('\\ud')) return json;
  return json.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (escape) => (escape === '\\\\' ? escape : '\ufffd'));
}

/** Yields a text as a JSON string in pieces, since the escaped text may exceed the maximum length of a string. */
export function* jsonString(text: string): Generator<string> {
  yield '"';
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = Math.min(text.length, start + BATCH_CHARS);
    if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end += 1;
    yield toJson(text.slice(start, end), false).slice(1, -1);
  }
  yield '"';
}

/**
 * Yields a JSON array in pieces for a stream, with a final newline, so that a long listing is never a single string.
 */
export function* jsonArray(values: Iterable<unknown>, pretty: boolean): Generator<string> {
  const open = pretty ? '\n  ' : '';
  yield* batches(
    (function* () {
      let separator = `[${open}`;
      for (const value of values) {
        const json = toJson(value, pretty);
        yield separator + (pretty ? json.replaceAll('\n', '\n  ') : json);
        separator = `,${open}`;
      }
      if (separator.startsWith('[')) yield '[]\n';
      else yield pretty ? '\n]\n' : ']\n';
    })(),
  );
}

/** Yields one value per line. */
export function* jsonLines(values: Iterable<unknown>): Generator<string> {
  yield* batches(
    (function* () {
      for (const value of values) yield `${toJson(value, false)}\n`;
    })(),
  );
}

/** Joins small pieces into pieces of about 64 K characters, for few writes and little memory. */
export function* batches(pieces: Iterable<string>): Generator<string> {
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < BATCH_CHARS) continue;
    yield batch;
    batch = '';
  }
  if (batch !== '') yield batch;
}
