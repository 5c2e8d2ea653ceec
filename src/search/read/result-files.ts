import { readdirSync } from 'node:fs';
import { basename, sep } from 'node:path';
import { MAX_LINE_BYTES, readRange, withFile } from '../../transcript/lines.js';
import { asEntry, asString, type Entry } from '../../transcript/messages/classify.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import type { Matcher } from '../query/matcher.js';
import type { RawFinder } from '../raw/finder.js';

/** Folder in a session's side folder for tool results that are too long for the transcript. */
export const RESULT_FOLDER = 'tool-results';

/** The tool results of a session that are kept in files of their own and match a query. */
export class ResultFiles {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #names: readonly Buffer[];

  constructor(texts: ReadonlyMap<string, string> = new Map()) {
    this.#texts = texts;
    this.#names = [...texts.keys()].map((name) => Buffer.from(name));
  }

  get isEmpty(): boolean {
    return this.#names.length === 0;
  }

  /** True for a line that may refer to one of these files. */
  isNamedIn(line: Buffer): boolean {
    return this.#names.some((name) => line.includes(name));
  }

  /** The text of the file that an entry refers to, if it matches. */
  take(entry: Entry): string | undefined {
    if (this.#texts.size === 0) return undefined;
    const path = asString(asEntry(entry['toolUseResult'])?.['persistedOutputPath']);
    return path === null ? undefined : this.#texts.get(basename(path));
  }
}

interface ResultTools {
  matcher: Matcher;
  finder: RawFinder | null;
}

/** Searches the tool results at these paths. Files that cannot be read are skipped. */
export function matchingResultFiles(
  paths: readonly string[],
  { matcher, finder }: ResultTools,
  scan: (path: string, fd: number, size: number) => readonly JsonSpan[],
): ResultFiles {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const text = textOf(path, finder === null ? null : scan);
    if (text !== null && matcher.test([text])[0] === true) texts.set(basename(path), text);
  }
  return new ResultFiles(texts);
}

/** Path of the folder with the tool results of a session. */
export function resultFolder(transcript: string): string {
  return transcript.replace(/\.jsonl$/, '') + sep + RESULT_FOLDER;
}

/** Paths of the tool results in a session's side folder. */
export function resultFilePaths(transcript: string): string[] {
  const folder = resultFolder(transcript);
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [folder + sep + entry.name] : [],
    );
  } catch {
    return [];
  }
}

/** Null for a file that cannot match, or is too long to be held. */
function textOf(path: string, scan: Parameters<typeof matchingResultFiles>[2] | null): string | null {
  try {
    return withFile(path, (fd, size) => {
      if (size > MAX_LINE_BYTES || scan?.(path, fd, size).length === 0) return null;
      return readRange(fd, 0, size).toString('utf8');
    });
  } catch {
    return null;
  }
}
