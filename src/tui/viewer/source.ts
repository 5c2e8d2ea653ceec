/** How much of tool calls a viewer shows, from least to most. */
export const TOOL_DETAILS = ['folded', 'short', 'full'] as const;
export type ToolDetail = (typeof TOOL_DETAILS)[number];

/** The parts of a conversation that are shown; a reader changes them while it is open. */
export interface ViewMode {
  tools: ToolDetail;
  thinking: boolean;
}

/**
 * Lines that belong together. `key` identifies the message they are part of, also after it was folded or read again.
 */
export interface ViewPart {
  key: number;
  lines: readonly string[];
}

/** The outcome of a look at what is shown: whether it has changed, and a sentence for the reader. */
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
  /** False while only the end is known. Then `extend` finds more before it; blocks are others then. */
  readonly isWhole: boolean;
  extend(): void;
  /** Finds all in small steps, and returns a function that takes it over; blocks are others then. */
  complete(): Generator<void, () => void>;
  /** Looks for what was added since; then blocks may be others. */
  refresh(): RefreshResult;
  parts(block: number, mode: ViewMode, width: number): readonly ViewPart[];
  /** False if no line of the block can hold a word, which is of ASCII letters and digits, in lower case. */
  mayHold(block: number, mode: ViewMode, word: string): boolean;
  /** The block of a key; null if it is gone. */
  blockOf(key: number): number | null;
  /** The text of a message, as it was written; empty if it has none. */
  textOf(block: number, key: number): string;
}
