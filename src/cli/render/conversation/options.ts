/**
 * How much of a tool call is shown: a line; the line with the beginning of what came of it; all of its input and
 * result.
 */
export type ToolDetail = 'folded' | 'short' | 'full';

/** Parts of a conversation that a page shows. */
export interface ConversationOptions {
  tools: ToolDetail;
  thinking: boolean;
  /** Prompts carry the number `fork --at` takes; without, as when only the end is read, none. */
  numbered: boolean;
}

/** Lines of a page that belong together, and the message that they begin with, by its place among those given. */
export interface PagePart {
  source: number;
  lines: readonly string[];
}
