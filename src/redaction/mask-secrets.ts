import { isSecretName, SECRET_SHAPES } from './secret-shapes.js';

/** A secret in a text, by its UTF-16 positions. */
export interface FoundSecret {
  kind: string;
  start: number;
  end: number;
}

const PEM_BEGIN = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const PEM_BODY = /^[\w\s+/=:,.()\\-]*$/;
const PEM_LINES = /(?:(?:\s|\\[nr])+[A-Za-z0-9+/=]{16,})*/y;
/** Maximum length of a private key; no known tool writes longer ones. */
const MAX_PEM = 16 * 1024;
/** Minimum length of a value that counts as a secret because of its member's name. */
const MIN_NAMED = 8;

/**
 * Returns the secrets of well-known forms in a text, in order and without overlaps. Takes linear time for any text.
 */
export function findSecrets(text: string): FoundSecret[] {
  const found = privateKeys(text);
  for (const { kind, hints, pattern } of SECRET_SHAPES) {
    if (!hints.some((hint) => text.includes(hint))) continue;
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? match.groups?.['quoted'] ?? match[0];
      // A captured secret is at the end of its match, except for a character or two.
      const start = match.index + match[0].lastIndexOf(secret);
      found.push({ kind, start, end: start + secret.length });
    }
  }
  return withoutOverlaps(found);
}

/** Returns the text with each secret replaced by `[redacted: KIND]`; the same text if there is none. */
export function maskSecrets(text: string): string {
  const secrets = findSecrets(text);
  if (secrets.length === 0) return text;
  let masked = '';
  let at = 0;
  for (const { kind, start, end } of secrets) {
    masked += text.slice(at, start) + mask(kind);
    at = end;
  }
  return masked + text.slice(at);
}

/**
 * Returns a copy of parsed JSON with its strings masked as by `maskSecrets`, names of members included, and with the
 * values of members masked that are named like secrets (`password`).
 */
export function maskSecretsIn<Value>(value: Value): Value {
  return masked(value, '') as Value;
}

function masked(value: unknown, name: string): unknown {
  if (typeof value === 'string')
    return isSecretName(name) && value.length >= MIN_NAMED && !/\s/.test(value) ? mask('secret') : maskSecrets(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => masked(item, name));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [maskSecrets(key), masked(member, key)]));
}

function mask(kind: string): string {
  return `[redacted: ${kind}]`;
}

function privateKeys(text: string): FoundSecret[] {
  if (!text.includes('PRIVATE KEY')) return [];
  const found: FoundSecret[] = [];
  /** Position of the next end line; Infinity if there is none, so that it is not searched for again. */
  let next = -1;
  for (const { 0: begin, index: start } of text.matchAll(PEM_BEGIN)) {
    const from = start + begin.length;
    if (next < from) next = positionOf(text, '-----END ', from);
    const end = wholeKeyEnd(text, from, next) ?? tornKeyEnd(text, from);
    if (end > from) found.push({ kind: 'private key', start, end });
  }
  return found;
}

function positionOf(text: string, part: string, from: number): number {
  const at = text.indexOf(part, from);
  return at < 0 ? Infinity : at;
}

function wholeKeyEnd(text: string, from: number, endLine: number): number | null {
  if (endLine - from > MAX_PEM || !PEM_BODY.test(text.slice(from, endLine))) return null;
  const close = text.indexOf('-----', endLine + 9);
  return close < 0 ? text.length : close + 5;
}

/**
 * Returns the end of the lines of a truncated key; `from` if none follow, as in code that only mentions the first line.
 */
function tornKeyEnd(text: string, from: number): number {
  PEM_LINES.lastIndex = from;
  return from + (PEM_LINES.exec(text)?.[0].length ?? 0);
}

function withoutOverlaps(secrets: FoundSecret[]): FoundSecret[] {
  const kept: FoundSecret[] = [];
  for (const secret of secrets.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || secret.start >= last.end) kept.push({ ...secret });
    else last.end = Math.max(last.end, secret.end);
  }
  return kept;
}
