/** Detail in which a tool call is shown: one line; also the start of its result; its whole input and result. */
export type ToolDetail = 'folded' | 'short' | 'full';

/** Parts of a conversation that a page shows. */
export interface ConversationOptions {
  tools: ToolDetail;
  thinking: boolean;
  /**
   * Print the number of each prompt, as `fork --at` takes it; false if only the end was read and numbers are unknown.
   */
  numbered: boolean;
}

/** Lines of a page that belong together; `source` is the index of their first message. */
export interface PagePart {
  source: number;
  lines: readonly string[];
}
