import type { ContentBlock } from './content-block.js';

/** One message as `show --json`, `--jsonl` and the library return it (docs/schema/message.schema.json). */
export interface SessionMessage {
  uuid: string | null;
  parentUuid: string | null;
  role: 'user' | 'assistant' | 'system';
  kind: 'prompt' | 'answer' | 'tool-result' | 'meta' | 'compact-summary' | 'system';
  /** Number of the prompt it belongs to, counted from 1 over the messages returned; 0 before the first prompt. */
  prompt: number;
  timestamp: string | null;
  model: string | null;
  /** Text blocks joined by newlines; for a tool result, its text. */
  text: string;
  /** Claude's own blocks, unchanged; string content becomes one text block. */
  content: ContentBlock[];
}
