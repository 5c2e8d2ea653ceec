import { rmSync } from 'node:fs';
import { statOrNull } from '../system/stat.js';
import { parseObject, readStart } from '../system/small-file.js';
import { isSafeName, type SafeName } from '../system/safe-path.js';
import { ownUid } from '../system/system.js';
import { replaceFile } from '../system/write-file.js';
import type { CopiedPart } from '../transcript/late-lines.js';

const VERSION = 1;
const RECORD = /^([0-9a-f]{16})\.json$/;
const MAX_RECORD_BYTES = 1024 * 1024;

/** A transcript that was replaced by a rewritten copy, as recorded next to the link to its old file. */
export interface Replacement {
  /** Path of the transcript below the projects root as names, its project dir first. */
  path: readonly SafeName[];
  copied: CopiedPart;
  /** New project dirs by `<old project dir>/<session id>`, for the paths of tool results in late lines. */
  results: ReadonlyMap<string, SafeName>;
  /** Time of the replacement, in milliseconds since the epoch. */
  atMs: number;
}

/** Returns the name under which an old file is kept if `name` is that of its record; null for any other name. */
export function baseNameOf(name: string): string | null {
  return RECORD.exec(name)?.[1] ?? null;
}

/** Returns the path of the link to an old file. */
export function linkOf(base: string): string {
  return `${base}.jsonl`;
}

function recordOf(base: string): string {
  return `${base}.json`;
}

/** Writes the record of an old file that is about to be kept. Throws Node's error. */
export function writeRecord(base: string, { path, copied, results, atMs }: Replacement): void {
  const record = { version: VERSION, path, copied, results: [...results], at: new Date(atMs).toISOString() };
  replaceFile(recordOf(base), `${JSON.stringify(record)}\n`);
}

/** Removes an old file: the link first, since a link without a record would never be removed. */
export function forgetOldFile(base: string): true {
  rmSync(linkOf(base), { force: true });
  rmSync(recordOf(base), { force: true });
  return true;
}

/** Returns the record of an old file; null for a record of another user or another version, and for any other file. */
export function readRecord(base: string): Replacement | null {
  if (statOrNull(recordOf(base))?.uid !== ownUid()) return null;
  const text = readStart(recordOf(base), MAX_RECORD_BYTES)?.text ?? '';
  const { version, path, copied, results, at } = parseObject(text) ?? {};
  const atMs = typeof at === 'string' ? Date.parse(at) : NaN;
  if (version !== VERSION || Number.isNaN(atMs) || !isListOf(path, isSafeName) || path.length < 2) return null;
  if (!isCopiedPart(copied) || !isListOf(results, isResult)) return null;
  return { path, copied, results: new Map(results), atMs };
}

function isCopiedPart(value: unknown): value is CopiedPart {
  const { lines, bytes, size } = (value ?? {}) as Partial<Record<keyof CopiedPart, unknown>>;
  return [lines, bytes, size].every((count) => Number.isSafeInteger(count) && Number(count) >= 0);
}

function isResult(value: unknown): value is [string, SafeName] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isSafeName(value[1]);
}

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isOne);
}
