/** How much of a tool call is shown: one line; the line and the start of its result; its whole input and result. */
export type ToolDetail = 'folded' | 'short' | 'full';

/** Parts of a conversation that a page shows. */
export interface ConversationOptions {
  tools: ToolDetail;
  thinking: boolean;
  /** Print the number of each prompt, as `fork --at` takes it; false if only the end is read, where it is unknown. */
  numbered: boolean;
}

/** Lines of a page that belong together; `source` is the index of the message that they begin with. */
export interface PagePart {
  source: number;
  lines: readonly string[];
}
