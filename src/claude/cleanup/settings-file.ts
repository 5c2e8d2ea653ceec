import { readFileSync, statSync } from 'node:fs';
import { errorCode } from '../../system/problem.js';
import { decodeText, parseObject } from '../../system/small-file.js';
import { mistypedKey } from './setting-types.js';

/** Claude Code ignores settings files larger than this. */
const MAX_BYTES = 2 * 1024 * 1024;

/** A settings file as Claude Code reads it. */
export interface SettingsFile {
  path: string;
  /**
   * `empty`: only blanks; `unreadable`: cannot be read, or is not a JSON object; `invalid`: an object with a member of
   * the wrong type, for which Claude Code ignores the whole file.
   */
  state: 'missing' | 'empty' | 'unreadable' | 'invalid' | 'valid';
  /** The members of a valid or invalid file. */
  members: Readonly<Record<string, unknown>>;
  /** The reason for `unreadable` and `invalid`, as the end of a sentence about the file. */
  fault: string | null;
  /** Modification time of a file of 0 bytes in milliseconds; null for any other file. */
  emptiedMs: number | null;
}

/** Reads a settings file: UTF-8 or UTF-16, with or without a byte order mark. Never throws. */
export function readSettings(path: string): SettingsFile {
  const file: SettingsFile = { path, state: 'missing', members: {}, fault: null, emptiedMs: null };
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return file;
    if (!stats.isFile()) return { ...file, state: 'unreadable', fault: 'is not a file' };
    if (stats.size > MAX_BYTES) return { ...file, state: 'unreadable', fault: 'is larger than 2 MiB' };
    const text = decodeText(readFileSync(path));
    if (text.trim() === '') return { ...file, state: 'empty', emptiedMs: stats.size === 0 ? stats.mtimeMs : null };
    const members = parseObject(text);
    if (members === null) return { ...file, state: 'unreadable', fault: 'is not a JSON object' };
    const key = mistypedKey(members);
    if (key !== null) return { ...file, state: 'invalid', members, fault: `has an invalid value for ${key}` };
    return { ...file, state: 'valid', members };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return file;
    return { ...file, state: 'unreadable', fault: `cannot be read (${code ?? 'unknown error'})` };
  }
}
