import { readRange } from '../lines.js';

/** A summary that old versions wrote for a conversation, and the entry that was its tip. */
export interface Summary {
  text: string;
  /** Null if the line names no tip. */
  leaf: string | null;
  /** An entry of the transcript has the uuid of the tip. */
  isOwn: boolean;
  /** Entries came before the line, so the tip may be an earlier entry. */
  isLate: boolean;
}

/** Most summaries kept: only the last one of the conversation counts. */
const MAX_SUMMARIES = 64;
const CHUNK = 1024 * 1024;
const UUID = Buffer.from('"uuid":"');
const UUID_BYTES = 36;

/**
 * Finds the summary of a conversation: old versions wrote those of other ones to the same file (docs/storage.md,
 * "Titles").
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

  /** Some summary may be of another conversation. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** The last one of this conversation. */
  get text(): string | null {
    return this.#summaries.findLast(({ isOwn }) => isOwn)?.text ?? null;
  }

  /** The last one of any conversation. */
  get last(): string | null {
    return this.#summaries.at(-1)?.text ?? null;
  }

  /** Takes in a summary; `isLate` if entries came before it. */
  add(text: string, leaf: string | null, isLate: boolean): void {
    this.#summaries.push({ text, leaf, isOwn: leaf === null, isLate });
    if (this.#summaries.length > MAX_SUMMARIES) this.#summaries.shift();
    this.#open ||= leaf !== null;
  }

  /** Takes in the uuid of an entry that follows. */
  see(uuid: string | null): void {
    for (const summary of this.#summaries) if (summary.leaf === uuid) summary.isOwn = true;
  }

  /** The text with the entries that come before their summaries: looks for their uuids in the whole file. */
  settled(fd: number): string | null {
    const last = this.#summaries.findLastIndex(({ isOwn }) => isOwn);
    // The tip of a summary that came first was seen if the transcript has it.
    const late = this.#summaries.slice(last + 1).filter(({ isLate }) => isLate);
    const wanted = new Set(late.map(({ leaf }) => leaf ?? ''));
    if (wanted.size === 0) return this.text;
    const found = uuidsIn(fd, wanted);
    return this.#summaries.findLast(({ isOwn, leaf }) => isOwn || found.has(leaf ?? ''))?.text ?? null;
  }
}

/** The given uuids that entries of a file have. */
function uuidsIn(fd: number, wanted: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const overlap = UUID.length + UUID_BYTES;
  for (let start = 0; found.size < wanted.size; start += CHUNK) {
    const bytes = readRange(fd, start, start + CHUNK + overlap);
    for (let at = bytes.indexOf(UUID); at >= 0; at = bytes.indexOf(UUID, at + 1)) {
      const uuid = bytes.toString('latin1', at + UUID.length, at + overlap);
      if (wanted.has(uuid)) found.add(uuid);
    }
    if (bytes.length < CHUNK + overlap) break;
  }
  return found;
}
