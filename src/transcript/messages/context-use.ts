import { asEntry, asString, type Entry } from './classify.js';
import type { MessageEntry } from './messages.js';
import { toolResultText } from './tool-result.js';

/** Average number of bytes per token in English text and code; only the API knows the exact number of tokens. */
const BYTES_PER_TOKEN = 4;
const PATH_MEMBERS = ['file_path', 'notebook_path', 'path'];

/** Kinds of text in a conversation. */
export type ContextKind = 'prompts' | 'answers' | 'thinking' | 'tool calls' | 'tool results' | 'summaries' | 'notes';

/** An amount of text in a conversation: `bytes` in UTF-8, in `count` pieces. */
export interface TextAmount {
  bytes: number;
  count: number;
}

/** The text of a conversation by kind, by tool (calls and results) and by the file named in tool calls. */
export interface ContextUse {
  total: TextAmount;
  images: number;
  kinds: Map<ContextKind, TextAmount>;
  tools: Map<string, TextAmount>;
  files: Map<string, TextAmount>;
  /** Input and output tokens of the last response, as counted by the API; null without a response. */
  measuredTokens: number | null;
}

/** Returns the approximate number of tokens in a number of bytes. */
export function estimateTokens(bytes: number): number {
  return Math.round(bytes / BYTES_PER_TOKEN);
}

/** Adds up the text of messages. Images are only counted, since their tokens depend on their pixels. */
export function contextUse(messages: Iterable<MessageEntry>): ContextUse {
  const use: ContextUse = {
    total: { bytes: 0, count: 0 },
    images: 0,
    kinds: new Map(),
    tools: new Map(),
    files: new Map(),
    measuredTokens: null,
  };
  const calls = new Map<string, { tool: string; file: string | null }>();
  const add = (kind: ContextKind, bytes: number, call?: { tool: string; file: string | null }): void => {
    addTo(use.kinds, kind, bytes);
    use.total.bytes += bytes;
    if (call !== undefined) addTo(use.tools, call.tool, bytes, kind === 'tool calls' ? 1 : 0);
    if (call !== undefined && call.file !== null) addTo(use.files, call.file, bytes, kind === 'tool calls' ? 1 : 0);
  };
  for (const { message, entry, large } of messages) {
    use.total.count += 1;
    if (large !== null) {
      add('tool results', large.bytes, calls.get(large.toolUseId));
      continue;
    }
    if (message.kind === 'system') continue;
    const usage = asEntry(asEntry(entry['message'])?.['usage']);
    if (message.kind === 'answer' && usage !== null && message.model !== '<synthetic>')
      use.measuredTokens = tokensOf(usage);
    for (const block of message.content.map(asEntry)) {
      if (block === null) continue;
      switch (block['type']) {
        case 'text':
          add(textKind(message.kind), sizeOf(asString(block['text']) ?? ''));
          break;
        case 'thinking':
          add('thinking', sizeOf(asString(block['thinking']) ?? ''));
          break;
        case 'tool_use':
        case 'server_tool_use': {
          const input = asEntry(block['input']) ?? {};
          const call = { tool: asString(block['name']) ?? 'tool', file: fileOf(input) };
          calls.set(asString(block['id']) ?? '', call);
          add('tool calls', sizeOf(JSON.stringify(input)), call);
          break;
        }
        case 'tool_result':
          add('tool results', sizeOf(toolResultText(block)), calls.get(asString(block['tool_use_id']) ?? ''));
          use.images += imagesIn(block['content']);
          break;
        case 'image':
          use.images += 1;
          break;
      }
    }
  }
  return use;
}

function textKind(kind: MessageEntry['message']['kind']): ContextKind {
  if (kind === 'answer') return 'answers';
  if (kind === 'prompt') return 'prompts';
  return kind === 'compact-summary' ? 'summaries' : 'notes';
}

function addTo<Key>(amounts: Map<Key, TextAmount>, key: Key, bytes: number, count = 1): void {
  const before = amounts.get(key) ?? { bytes: 0, count: 0 };
  amounts.set(key, { bytes: before.bytes + bytes, count: before.count + count });
}

function tokensOf(usage: Entry): number {
  const members = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'];
  return members.reduce((sum, member) => sum + (typeof usage[member] === 'number' ? usage[member] : 0), 0);
}

function fileOf(input: Entry): string | null {
  for (const member of PATH_MEMBERS) if (typeof input[member] === 'string') return input[member];
  return null;
}

function imagesIn(content: unknown): number {
  return Array.isArray(content) ? content.filter((inner) => asEntry(inner)?.['type'] === 'image').length : 0;
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}
