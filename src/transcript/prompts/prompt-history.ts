import { closeSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import { errorCode, unreadable, type Problem } from '../../system/problem.js';
import { parseObject, readStart, withoutMark } from '../../system/small-file.js';
import { MAX_LINE_BYTES, openRegularFile, readLines } from '../lines.js';

/** A line of `history.jsonl`: a prompt typed in the UI (docs/storage.md, "Typed prompts"). */
export interface HistoryLine {
  /** Includes pasted text that Claude Code still keeps. */
  text: string;
  timeMs: number;
  /** The folder it was typed in. */
  cwd: string | null;
  /** Null in lines of old versions. */
  sessionId: string | null;
}

/** Maximum size of pasted text that is read; larger texts stay placeholders. */
const MAX_PASTE_BYTES = 1024 * 1024;
const PLACEHOLDER = /\[(?:Pasted text|\.\.\.Truncated text) #(\d+)[^\]]{0,40}\]/g;

/**
 * Yields the prompts typed in the UI of a config dir, in file order, without damaged lines. A missing file has no
 * prompts; one that cannot be read is added to `problems`.
 */
export function* readPromptHistory({ path }: ConfigDir, problems: Problem[]): Generator<HistoryLine> {
  const file = join(path, 'history.jsonl');
  let fd: number;
  try {
    fd = openRegularFile(file).fd;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(file, error));
    return;
  }
  try {
    for (const { bytes } of readLines(fd, { limit: MAX_LINE_BYTES })) {
      const line = historyLine(bytes, path);
      if (line !== null) yield line;
    }
  } finally {
    closeSync(fd);
  }
}

function historyLine(bytes: Buffer, configDir: string): HistoryLine | null {
  const entry = bytes.length === 0 ? null : parseObject(withoutMark(bytes.toString('utf8')));
  const [display, timeMs] = [entry?.['display'], entry?.['timestamp']];
  if (entry === null || typeof display !== 'string' || typeof timeMs !== 'number' || !isTime(timeMs)) return null;
  const text = withPasted(display, entry['pastedContents'], configDir).trim();
  if (text === '') return null;
  return {
    text,
    timeMs,
    cwd: typeof entry['project'] === 'string' ? entry['project'] : null,
    sessionId: typeof entry['sessionId'] === 'string' ? entry['sessionId'] : null,
  };
}

function isTime(timeMs: number): boolean {
  return !Number.isNaN(new Date(timeMs).getTime());
}

/** Returns the text with pasted parts in the place of their placeholders, as far as they still exist. */
function withPasted(display: string, contents: unknown, configDir: string): string {
  if (typeof contents !== 'object' || contents === null) return display;
  return display.replace(PLACEHOLDER, (placeholder, number: string) => {
    const pasted: unknown = Object.hasOwn(contents, number) ? (contents as Record<string, unknown>)[number] : null;
    return pastedText(pasted, configDir) ?? placeholder;
  });
}

function pastedText(pasted: unknown, configDir: string): string | null {
  if (typeof pasted !== 'object' || pasted === null) return null;
  const { content, contentHash } = pasted as { content?: unknown; contentHash?: unknown };
  if (typeof content === 'string') return content;
  if (typeof contentHash !== 'string' || !/^[0-9a-f]{8,64}$/.test(contentHash)) return null;
  const kept = readStart(join(configDir, 'paste-cache', `${contentHash}.txt`), MAX_PASTE_BYTES);
  return kept?.whole === true ? kept.text : null;
}
