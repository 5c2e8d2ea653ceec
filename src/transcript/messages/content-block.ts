import type { OpenText } from '../../claude/model.js';

/** Text of a prompt, an answer or a result. */
export interface TextBlock {
  type: 'text';
  text: string;
}

/** Reasoning of the model. */
export interface ThinkingBlock {
  type: 'thinking';
  thinking: string;
  signature?: string;
}

/** Reasoning of the model that only the API can read. */
export interface RedactedThinkingBlock {
  type: 'redacted_thinking';
  data: string;
}

/** A call of a tool, including tools that the API runs and tools of MCP servers. */
export interface ToolUseBlock {
  type: 'tool_use' | 'server_tool_use' | 'mcp_tool_use';
  /** The `tool_use_id` of its result. */
  id: string;
  name: string;
  input: Readonly<Record<string, unknown>>;
}

/** The result of a tool call. */
export interface ToolResultBlock {
  type: 'tool_result';
  /** The `id` of the call. */
  tool_use_id: string;
  content?: string | ContentBlock[];
  is_error?: boolean;
}

/** Data of an image or document: base64, text, a URL or another source of the API. */
export interface BlockSource {
  type: OpenText<'base64' | 'text' | 'url' | 'file'>;
  media_type?: string;
  data?: string;
  url?: string;
}

/** An image in a prompt or result. */
export interface ImageBlock {
  type: 'image';
  source: BlockSource;
}

/** A document, such as a PDF file, in a prompt or result. */
export interface DocumentBlock {
  type: 'document';
  source: BlockSource;
  title?: string | null;
}

/**
 * A block of another type of the Messages API. Blocks of types that are newer than this list are returned as well; the
 * `default` of a `switch` handles them.
 */
export interface OtherBlock {
  type:
    | 'advisor_tool_result'
    | 'bash_code_execution_tool_result'
    | 'code_execution_tool_result'
    | 'compaction'
    | 'connector_text'
    | 'container_upload'
    | 'fallback'
    | 'mcp_tool_result'
    | 'search_result'
    | 'text_editor_code_execution_tool_result'
    | 'tool_reference'
    | 'tool_search_tool_result'
    | 'web_fetch_tool_result'
    | 'web_search_tool_result';
  [member: string]: unknown;
}

/**
 * One content block of a message as Claude Code wrote it, by the types of the Messages API. It is not validated: in a
 * damaged or foreign transcript any member may be missing or of another type.
 */
export type ContentBlock =
  | TextBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlock
  | ToolResultBlock
  | ImageBlock
  | DocumentBlock
  | OtherBlock;
