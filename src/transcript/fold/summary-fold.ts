import { readRange } from '../lines.js';

/** A summary that an old version wrote for a conversation, and the conversation's last entry (its leaf). */
export interface Summary {
  text: string;
  /** Null if the line names none. */
  leaf: string | null;
  /** The leaf is an entry of this transcript. */
  isOwn: boolean;
  /** The line follows other entries, so that the leaf may be one of them. */
  isLate: boolean;
}

/** Maximum number of summaries that are kept; only the last one of the conversation counts. */
const MAX_SUMMARIES = 64;
const CHUNK = 1024 * 1024;
const UUID = Buffer.from('"uuid"');
/** The value of the member, after blanks that other programs write. */
const VALUE = /^\s*:\s*"([^"]*)"/;
/** Maximum length of the value with its blanks. */
const VALUE_BYTES = 64;

/**
 * Finds the summary of a conversation. Old versions wrote those of other conversations to the same file
 * (docs/storage.md, "Titles").
 */
export class SummaryFold {
  readonly #summaries: Summary[];
  #open: boolean;

  constructor(summaries: readonly Summary[] = []) {
    this.#summaries = summaries.map((summary) => ({ ...summary }));
    this.#open = this.#summaries.some(({ isOwn }) => !isOwn);
  }

  get state(): Summary[] {
    return this.#summaries.map((summary) => ({ ...summary }));
  }

  /** True if a summary may be of another conversation. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** The last summary of this conversation. */
  get text(): string | null {
    return this.#summaries.findLast(({ isOwn }) => isOwn)?.text ?? null;
  }

  /** The last summary of any conversation. */
  get last(): string | null {
    return this.#summaries.at(-1)?.text ?? null;
  }

  /** Adds a summary; `isLate` if entries precede it. */
  add(text: string, leaf: string | null, isLate: boolean): void {
    this.#summaries.push({ text, leaf, isOwn: leaf === null, isLate });
    if (this.#summaries.length > MAX_SUMMARIES) this.#summaries.shift();
    this.#open ||= leaf !== null;
  }

  /** Notes the uuid of an entry after the summaries. */
  noteUuid(uuid: string | null): void {
    for (const summary of this.#summaries) if (summary.leaf === uuid) summary.isOwn = true;
  }

  /** The last summary of this conversation, even if its leaf precedes it: searches the whole file for the leaves. */
  resolve(fd: number): string | null {
    const last = this.#summaries.findLastIndex(({ isOwn }) => isOwn);
    // The leaf of a summary at the start of the file was noted if the transcript has it.
    const late = this.#summaries.slice(last + 1).filter(({ isLate }) => isLate);
    const wanted = new Set(late.map(({ leaf }) => leaf ?? ''));
    if (wanted.size === 0) return this.text;
    const found = uuidsIn(fd, wanted);
    return this.#summaries.findLast(({ isOwn, leaf }) => isOwn || found.has(leaf ?? ''))?.text ?? null;
  }
}

/** Returns those of the given uuids that entries of a file have. */
function uuidsIn(fd: number, wanted: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const overlap = UUID.length + VALUE_BYTES;
  for (let start = 0; found.size < wanted.size; start += CHUNK) {
    const bytes = readRange(fd, start, start + CHUNK + overlap);
    for (let at = bytes.indexOf(UUID); at >= 0; at = bytes.indexOf(UUID, at + 1)) {
      const uuid = VALUE.exec(bytes.toString('latin1', at + UUID.length, at + overlap))?.[1] ?? '';
      if (wanted.has(uuid)) found.add(uuid);
    }
    if (bytes.length < CHUNK + overlap) break;
  }
  return found;
}
