import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MAX_LINE_BYTES, withFile } from '../../transcript/lines.js';
import { asEntry, asString, type Entry } from '../../transcript/messages/classify.js';
import type { Matcher } from '../query/matcher.js';

/** Folder in a session's side folder for tool results that are too long for the transcript. */
const FOLDER = 'tool-results';

/** The tool results of a session that are kept in files of their own and match a query. */
export class ResultFiles {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #names: readonly Buffer[];

  constructor(texts: ReadonlyMap<string, string> = new Map()) {
    this.#texts = texts;
    this.#names = [...texts.keys()].map((name) => Buffer.from(name));
  }

  /** True for a line that may refer to one of them. */
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

/** Searches the tool results in a session's side folder. Files that cannot be read are passed over. */
export function matchingResultFiles(transcript: string, matcher: Matcher): ResultFiles {
  const folder = join(transcript.replace(/\.jsonl$/, ''), FOLDER);
  const texts = new Map<string, string>();
  for (const path of filesIn(folder)) {
    const text = textOf(path);
    if (text !== null && matcher.test([text])[0] === true) texts.set(basename(path), text);
  }
  return new ResultFiles(texts);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [join(folder, entry.name)] : [],
    );
  } catch {
    return [];
  }
}

function textOf(path: string): string | null {
  try {
    return withFile(path, (fd, size) => (size > MAX_LINE_BYTES ? null : readFileSync(fd, 'utf8')));
  } catch {
    return null;
  }
}
