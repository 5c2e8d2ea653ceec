import type { Belonging } from '../../claude/worktree.js';
import type { SentPrompt } from '../../transcript/fold/prompt-fold.js';
import type { LedgerRow } from '../../transcript/fold/ledger.js';
import type { Tier } from '../../transcript/scanner/scanner.js';

/** Facts of a session by which its responses are grouped and owned, in addition to their own. */
export interface LedgerHead extends Belonging {
  /** The models its responses name, in order of first appearance. */
  models: string[];
  /** The tools they call, likewise. */
  tools: string[];
  gitBranch: string | null;
  /** The session its entries name as the one they were forked from. */
  forkedFrom: string | null;
  /** Some answer is newer than what Claude Code last reckoned, or it never did. */
  answeredSinceReport: boolean;
  /** Tokens Claude Code counted when it last reckoned; null if it did not say. */
  reportedTokens: number | null;
  /** It took a default price for some model then. */
  isReportGuessed: boolean;
}

/** Tiers by their number in a ledger. */
export const TIERS: readonly Tier[] = ['standard', 'priority', 'batch', 'fast'];
/** Whole numbers a response: input, output, cache read, cache write, of that for an hour, web searches. */
const COUNTS = 6;

const HEADER_BYTES = 16;
const WORD = 4;
const MAX_MODELS = 0xffff;
const MAX_TOOLS = 0xffff;
const INHERITED = 1;
/** Bits of a tag's third byte: the tier's number, and the mark of inference in the United States only. */
const TIER_MASK = 0x0f;
const US_ONLY = 0x10;
/** Seeds and multipliers of the two halves of a hash; any odd numbers with well-spread bits do. */
const LOW_SEED = 0x2545f491;
const LOW_FACTOR = 0x9e3779b1;
const HIGH_SEED = 0x6c8e9cf5;
const HIGH_FACTOR = 0x85ebca77;

/**
 * The responses and prompts of one session as the index keeps them: numbers in columns, 48 bytes a response, 16 a
 * prompt and 8 a tool call. Ids are hashes of 64 bits, so that those of many sessions can be compared without a string.
 */
export class SessionLedger {
  /** Number of responses. */
  readonly length: number;
  readonly prompts: number;
  /** Number of tool calls. */
  readonly toolCalls: number;
  private readonly memory: Memory;
  /** Its first byte there. */
  private readonly offset: number;

  /** `bytes` as `encodeLedger` made them, at a multiple of eight of their memory. Throws if they do not add up. */
  constructor(bytes: Buffer) {
    this.memory = memoryOf(bytes.buffer);
    this.offset = bytes.byteOffset;
    this.length = this.#word(0);
    this.prompts = this.#word(1);
    this.toolCalls = this.#word(3);
    if (sizeOf(this.length, this.prompts, this.toolCalls) + padded(this.#word(2)) !== bytes.length)
      throw new RangeError('a ledger of another size');
  }

  /** Parsed anew each time. */
  get head(): LedgerHead {
    const bytes = Buffer.from(
      this.memory.buffer,
      this.offset + sizeOf(this.length, this.prompts, this.toolCalls),
      this.#word(2),
    );
    return JSON.parse(bytes.toString('utf8')) as LedgerHead;
  }

  /** Time of a response's first line, in milliseconds; NaN where none is known. */
  time(row: number): number {
    return this.memory.floats[(this.offset + HEADER_BYTES) / 8 + row] ?? NaN;
  }

  promptTime(at: number): number {
    return this.time(this.length + at);
  }

  /** Two words a response: the hash of what it is known by wherever it was copied to. */
  get ids(): Uint32Array {
    return this.#part('ids');
  }

  /** Prompts: their times and flags. */
  get promptIds(): Uint32Array {
    return this.#part('promptIds');
  }

  /** Hash of a response's request id, 0 for none. */
  request(row: number): number {
    return this.#word(this.#start('requests') + row);
  }

  /** One of a response's `COUNTS` numbers. */
  count(row: number, which: number): number {
    return this.#word(this.#start('counts') + COUNTS * row + which);
  }

  /** Number of a response's model in `head.models`; beyond them: none is named. */
  model(row: number): number {
    return this.#tag(row) & 0xffff;
  }

  /** Number of its tier in `TIERS`. */
  tier(row: number): number {
    return (this.#tag(row) >>> 16) & TIER_MASK;
  }

  /** Inference was in the United States only. */
  isUsOnly(row: number): boolean {
    return ((this.#tag(row) >>> 16) & US_ONLY) !== 0;
  }

  /** Another session made the request: it came here by a fork. */
  isInherited(row: number): boolean {
    return this.#tag(row) >>> 24 === INHERITED;
  }

  /** The response that makes a tool call; they are in the order of the responses. */
  callRow(call: number): number {
    return this.#word(this.#start('calls') + 2 * call);
  }

  /** Number of the tool it calls in `head.tools`; beyond them: one too many to be named. */
  callTool(call: number): number {
    return this.#word(this.#start('calls') + 2 * call + 1);
  }

  #tag(row: number): number {
    return this.#word(this.#start('tags') + row);
  }

  #word(at: number): number {
    return this.memory.words[this.offset / WORD + at] ?? 0;
  }

  #start(part: Part): number {
    return startOf(part, this.length, this.prompts);
  }

  #part(part: 'ids' | 'promptIds'): Uint32Array {
    const start = this.offset / WORD + this.#start(part);
    return this.memory.words.subarray(start, start + 2 * (part === 'ids' ? this.length : this.prompts));
  }
}

/** Two views of a piece of memory that holds many ledgers, made once: twenty thousand are opened for one sum. */
interface Memory {
  readonly buffer: ArrayBufferLike;
  readonly words: Uint32Array;
  readonly floats: Float64Array;
}

const memories = new WeakMap<ArrayBufferLike, Memory>();

function memoryOf(buffer: ArrayBufferLike): Memory {
  let memory = memories.get(buffer);
  if (memory === undefined) {
    const floats = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8));
    memory = { buffer, words: new Uint32Array(buffer, 0, floats.length * 2), floats };
    memories.set(buffer, memory);
  }
  return memory;
}

/** Content of a ledger before it is encoded. */
export interface LedgerSource {
  responses: readonly LedgerRow[];
  prompts: readonly SentPrompt[];
  sessionId: string;
  about: Omit<LedgerHead, 'models' | 'tools'>;
}

/**
 * A session's responses and prompts as bytes for the index; a multiple of eight of them. `room` gives memory, at such a
 * multiple too.
 */
export function encodeLedger(
  { responses: rows, prompts, sessionId, about }: LedgerSource,
  room: (bytes: number) => Buffer = (bytes) => Buffer.alloc(bytes),
): Buffer {
  const models = new Map<string, number>();
  const numberOf = (model: string): number => {
    const known = models.get(model);
    if (known !== undefined || models.size === MAX_MODELS) return known ?? MAX_MODELS;
    models.set(model, models.size);
    return models.size - 1;
  };
  const modelNumbers = rows.map(({ model }) => (model === null ? MAX_MODELS : numberOf(model)));
  const tools = new Map<string, number>();
  const calls: number[] = [];
  rows.forEach((row, at) => {
    for (const tool of row.tools) {
      if (!tools.has(tool) && tools.size < MAX_TOOLS) tools.set(tool, tools.size);
      calls.push(at, tools.get(tool) ?? MAX_TOOLS);
    }
  });
  const names = { models: [...models.keys()], tools: [...tools.keys()] };
  const head = Buffer.from(JSON.stringify({ ...names, ...about } satisfies LedgerHead));
  const headAt = sizeOf(rows.length, prompts.length, calls.length / 2);
  const bytes = room(headAt + padded(head.length));
  bytes.fill(' ', headAt + head.copy(bytes, headAt));
  const floats = new Float64Array(bytes.buffer, bytes.byteOffset + HEADER_BYTES, rows.length + prompts.length);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / WORD);
  words.set([rows.length, prompts.length, head.length, calls.length / 2]);
  words.set(calls, startOf('calls', rows.length, prompts.length));
  const start = (part: Part): number => startOf(part, rows.length, prompts.length);
  const [ids, promptIds, requests, counts, tags] = [
    start('ids'),
    start('promptIds'),
    start('requests'),
    start('counts'),
    start('tags'),
  ];
  rows.forEach(({ id, requestId, usage, timeMs, inherited }, row) => {
    floats[row] = timeMs ?? NaN;
    putHash(id, words, ids + 2 * row);
    words[requests + row] = requestId === null ? 0 : requestHash(requestId);
    const at = counts + COUNTS * row;
    words[at] = usage.input;
    words[at + 1] = usage.output;
    words[at + 2] = usage.cacheRead;
    words[at + 3] = usage.cacheWrite;
    words[at + 4] = usage.cacheWrite1h;
    words[at + 5] = usage.webSearches;
    words[tags + row] =
      (modelNumbers[row] ?? MAX_MODELS) |
      ((TIERS.indexOf(usage.tier) | (usage.isUsOnly ? US_ONLY : 0)) << 16) |
      (inherited ? INHERITED << 24 : 0);
  });
  prompts.forEach(({ uuid, timeMs }, at) => {
    const id = uuid ?? `${sessionId}.${at}`;
    floats[rows.length + at] = timeMs ?? NaN;
    putHash(id, words, promptIds + 2 * at);
  });
  return bytes;
}

/** Sections after the times: words, in this order. */
type Part = 'ids' | 'promptIds' | 'requests' | 'counts' | 'tags' | 'calls';

/** First word of a part, counted from the start of the bytes. */
export function startOf(part: Part, responses: number, prompts: number): number {
  const ids = HEADER_BYTES / WORD + 2 * (responses + prompts);
  switch (part) {
    case 'ids':
      return ids;
    case 'promptIds':
      return ids + 2 * responses;
    case 'requests':
      return ids + 2 * (responses + prompts);
    case 'counts':
      return ids + 2 * (responses + prompts) + responses;
    case 'tags':
      return ids + 2 * (responses + prompts) + (1 + COUNTS) * responses;
    case 'calls':
      // At a multiple of eight bytes, as all that follows.
      return sizeOf(responses, prompts, 0) / WORD;
    default:
      return part satisfies never;
  }
}

function sizeOf(responses: number, prompts: number, toolCalls: number): number {
  return HEADER_BYTES + responses * (8 + WORD * (4 + COUNTS)) + prompts * (8 + WORD * 2) + toolCalls * 2 * WORD;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** Requests are distinguished only among those of one response id: half a hash will do, but none may look like none. */
function requestHash(requestId: string): number {
  let hash = LOW_SEED;
  for (let i = 0; i < requestId.length; i++) hash = Math.imul(hash ^ requestId.charCodeAt(i), LOW_FACTOR);
  return (hash ^ (hash >>> 16)) >>> 0 || 1;
}

/** Puts the two words of a text's hash: to distinguish ids, not for secrecy. */
function putHash(text: string, words: Uint32Array, at: number): void {
  let low = LOW_SEED;
  let high = HIGH_SEED;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, LOW_FACTOR);
    low ^= low >>> 15;
    high = Math.imul(high ^ unit, HIGH_FACTOR);
    high ^= high >>> 15;
  }
  low = Math.imul(low ^ (low >>> 13), LOW_FACTOR);
  high = Math.imul(high ^ (high >>> 13), HIGH_FACTOR);
  words[at] = low ^ (low >>> 16);
  words[at + 1] = high ^ (high >>> 16);
}
