/** Levels of detail in which a viewer shows tool calls, from least to most. */
export const TOOL_DETAILS = ['folded', 'short', 'full'] as const;
export type ToolDetail = (typeof TOOL_DETAILS)[number];

/** The parts of a conversation that are shown; a reader changes them while it is open. */
export interface ViewMode {
  tools: ToolDetail;
  thinking: boolean;
}

/**
 * Lines that belong together. `key` identifies the message they are part of, even after it was folded or read again.
 */
export interface ViewPart {
  key: number;
  lines: readonly string[];
}

/** The result of a refresh: whether the text has changed, and a sentence for the reader. */
export interface RefreshResult {
  hasChanged: boolean;
  note: string | null;
}

/** The text of a viewer: blocks of lines that are made when they come into view. Lines may hold colour codes (SGR). */
export interface ViewerSource {
  readonly title: string;
  readonly id: string;
  readonly path: string;
  /** Number of blocks. */
  readonly count: number;
  /** Blocks that begin with a prompt, in order. */
  readonly prompts: readonly number[];
  /** False while only the end is known. `extend` then finds earlier messages, and all blocks change. */
  readonly isWhole: boolean;
  extend(): void;
  /** Finds all messages in small steps, and returns a function that applies the result; all blocks change then. */
  complete(): Generator<void, () => void>;
  /** Looks for new messages; blocks may change. */
  refresh(): RefreshResult;
  parts(block: number, mode: ViewMode, width: number): readonly ViewPart[];
  /** False if no line of the block can contain a word (ASCII letters and digits, in lower case). */
  mayHold(block: number, mode: ViewMode, word: string): boolean;
  /** The block of a key; null if it is gone. */
  blockOf(key: number): number | null;
  /** The text of a message, as it was written; empty if it has none. */
  textOf(block: number, key: number): string;
}
