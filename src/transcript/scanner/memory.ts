/**
 * Positions of the scanner's results, in bytes from the start of its memory. assembly/layout.ts has the same numbers
 * (docs/scanner.md).
 */
export const OFFSETS = {
  present: 0,
  escaped: 4,
  changed: 8,
  next: 12,
  type: 16,
  blocks: 24,
  usageState: 40,
  messagePresent: 44,
  messageEscaped: 48,
  messageChanged: 52,
  time: 56,
  usage: 64,
  spans: 128,
  messageSpans: 384,
  /** Names of the blocks that call a tool: the first `MAX_TOOLS`. */
  toolSpans: 512,
  tables: 1024,
  tableSize: 2048,
  /** First byte of the text to scan. */
  text: 65536,
} as const;

/** Positions of the counts of `message.usage`. */
export const USAGE_OFFSETS = {
  input: OFFSETS.usage,
  output: OFFSETS.usage + 4,
  cacheRead: OFFSETS.usage + 8,
  cacheWrite: OFFSETS.usage + 12,
  cacheWrite1h: OFFSETS.usage + 16,
  webSearches: OFFSETS.usage + 20,
} as const;

/** Length of a span, the addresses of a member's start and end, in bytes. */
export const SPAN_BYTES = 8;
/** Position of the end's address in a span. */
export const SPAN_END = 4;

/** Maximum number of tool calls in a line whose names are noted. */
export const MAX_TOOLS = 32;

/** Members of an entry whose position is noted; the scanner knows a key by its position in this list. */
export const ENTRY_KEYS = [
  'type',
  'subtype',
  'uuid',
  'parentUuid',
  'timestamp',
  'isSidechain',
  'isMeta',
  'isCompactSummary',
  'message',
  'cwd',
  'version',
  'gitBranch',
  'entrypoint',
  'sessionKind',
  'sessionId',
  'requestSessionId',
  'forkedFrom',
  'customTitle',
  'aiTitle',
  'summary',
  'lastPrompt',
  'leafUuid',
  'tag',
  'relocatedCwd',
  'logicalParentUuid',
  'sourceToolAssistantUUID',
  'compactMetadata',
  'requestId',
  'origin',
  'turnOrigin',
  'toolUseResult',
] as const;

/** Members of `message` whose position is noted. */
export const MESSAGE_KEYS = ['id', 'model', 'usage', 'content', 'stop_reason'] as const;

/**
 * Members of `message.usage`: four counts, two objects, two words that are nearly always `standard`, one count in each
 * of the objects, the region of inference, and the list of a response's parts.
 */
export const USAGE_KEYS = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation',
  'server_tool_use',
  'service_tier',
  'speed',
  'ephemeral_1h_input_tokens',
  'web_search_requests',
  'inference_geo',
  'iterations',
] as const;

/** Entry types known by number; any other is read by its name. */
export const ENTRY_TYPES = [
  'user',
  'assistant',
  'system',
  'attachment',
  'progress',
  'custom-title',
  'ai-title',
  'summary',
  'tag',
  'last-prompt',
  'relocated',
  'cost-state',
  'agent-name',
  'file-history-snapshot',
  'file-history-delta',
  'queue-operation',
  'mode',
  'permission-mode',
  'atis-latch',
  'tools-used',
  'worktree-state',
  'api-request',
  'api-request-shape',
  'api-request-blob',
  'content-replacement',
  'started',
  'result',
  'pr-link',
] as const;

/** Content blocks that are counted by type; every other type counts as `other` (number 3). */
export const BLOCK_TYPES = ['text', 'tool_use', 'tool_result'] as const;

type EntryName = (typeof ENTRY_KEYS)[number];

/** Number of an entry's member. Members are looked up on every line, and looking up numbers is faster than names. */
export type EntryKey = number & { readonly isEntryKey: true };

/** Numbers of members by name. */
export const KEY = Object.freeze(Object.fromEntries(ENTRY_KEYS.map((name, number) => [name, number]))) as Readonly<
  Record<EntryName, EntryKey>
>;

export type MessageKey = (typeof MESSAGE_KEYS)[number];

/** Returns a list of names in the scanner's format: bucket offsets by length, then buckets of numbered names. */
export function nameTable(names: readonly string[]): Uint8Array {
  const table = new Uint8Array(OFFSETS.tableSize);
  const offsets = new DataView(table.buffer);
  let at = 64;
  for (const length of new Set(names.map((name) => name.length))) {
    offsets.setUint16(length * 2, at, true);
    const bucket = names.filter((name) => name.length === length);
    table[at++] = bucket.length;
    for (const name of bucket) {
      table[at++] = names.indexOf(name);
      for (let i = 0; i < length; i++) table[at++] = name.charCodeAt(i);
    }
  }
  if (at > OFFSETS.tableSize) throw new RangeError('too many names for one scanner table');
  return table;
}
