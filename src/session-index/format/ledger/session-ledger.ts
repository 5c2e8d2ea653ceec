import type { ProjectFolders } from '../../../claude/worktree.js';
import { bitsIn } from '../layout.js';
import { Rejected } from '../rejection.js';
import {
  AMOUNTS,
  type AmountName,
  CALL,
  LEDGER_COUNTS,
  ledgerStarts,
  type LedgerStarts,
  padded,
  TAG,
  TIERS,
  WORD_BYTES,
} from './ledger-layout.js';
import type { Tier } from '../../../transcript/scanner/scanner.js';

const TIME_BYTES = Float64Array.BYTES_PER_ELEMENT;
/** Words of an id. */
const ID_WORDS = 2;

/** Facts of a session by which its responses are grouped and owned, in addition to their own. */
export interface LedgerAbout extends ProjectFolders {
  /** The models its responses name, in order of first appearance. */
  models: string[];
  /** The tools that they call, in the same form as `models`. */
  tools: string[];
  gitBranch: string | null;
  /** The session its entries name as the one they were forked from. */
  forkedFrom: string | null;
  /** Some answer is newer than Claude Code's last cost report, or there is no report. */
  answeredSinceReport: boolean;
  /** Tokens in Claude Code's last cost report; null if it has none. */
  reportedTokens: number | null;
  /** The report used a default price for some model. */
  isReportGuessed: boolean;
  /** Prompts that are copies with another uuid than their source: position, and the hash of their own uuid as words. */
  renamedPrompts: [at: number, low: number, high: number][];
}

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
  /** Position of the ledger's first byte in `memory`. */
  private readonly offset: number;
  private readonly starts: LedgerStarts;
  private readonly aboutBytes: number;

  /** Decodes bytes that `encodeLedger` made, aligned to eight in memory. Rejects others. */
  constructor(bytes: Buffer) {
    if (bytes.byteOffset % TIME_BYTES !== 0 || bytes.length % TIME_BYTES !== 0) throw new Rejected('ledger');
    this.memory = memoryOf(bytes.buffer);
    this.offset = bytes.byteOffset;
    const { at, count } = LEDGER_COUNTS;
    if (bytes.length < count * WORD_BYTES) throw new Rejected('ledger');
    const first = this.offset / WORD_BYTES;
    const { words } = this.memory;
    this.length = words[first + at.responses] ?? 0;
    this.prompts = words[first + at.prompts] ?? 0;
    this.toolCalls = words[first + at.toolCalls] ?? 0;
    this.aboutBytes = words[first + at.aboutBytes] ?? 0;
    this.starts = ledgerStarts({ responses: this.length, prompts: this.prompts, toolCalls: this.toolCalls });
    if (this.starts.about + padded(this.aboutBytes) !== bytes.length) throw new Rejected('ledger');
  }

  /** Parsed at each call. Rejects anything but JSON. */
  get about(): LedgerAbout {
    const bytes = Buffer.from(this.memory.buffer, this.offset + this.starts.about, this.aboutBytes);
    try {
      return JSON.parse(bytes.toString('utf8')) as LedgerAbout;
    } catch {
      throw new Rejected('ledger');
    }
  }

  /** Time of a response's first line, in milliseconds; NaN where none is known. */
  time(row: number): number {
    return this.memory.floats[(this.offset + this.starts.times) / TIME_BYTES + row] ?? NaN;
  }

  promptTime(at: number): number {
    return this.memory.floats[(this.offset + this.starts.promptTimes) / TIME_BYTES + at] ?? NaN;
  }

  /** Two words a response: the hash of its id, which copies share. */
  get ids(): Uint32Array {
    return this.#words(this.starts.ids, ID_WORDS * this.length);
  }

  /** Two words a prompt, as `ids`. */
  get promptIds(): Uint32Array {
    return this.#words(this.starts.promptIds, ID_WORDS * this.prompts);
  }

  /** Hash of a response's request id, 0 for none. */
  request(row: number): number {
    return this.#word(this.starts.requests, row);
  }

  /** One of a response's numbers. */
  amount(row: number, name: AmountName): number {
    return this.#word(this.starts.amounts, AMOUNTS.count * row + AMOUNTS.at[name]);
  }

  /** Number of a response's model in `about.models`; a greater number if it names none. */
  model(row: number): number {
    return bitsIn(this.#tag(row), TAG.model);
  }

  tier(row: number): Tier {
    return TIERS[bitsIn(this.#tag(row), TAG.tier)] ?? 'standard';
  }

  /** Inference was in the United States only. */
  isUsOnly(row: number): boolean {
    return bitsIn(this.#tag(row), TAG.isUsOnly) === 1;
  }

  /** Another session made the request, and this one copied it as a fork. */
  isInherited(row: number): boolean {
    return bitsIn(this.#tag(row), TAG.isInherited) === 1;
  }

  /** The response that makes a tool call; calls are in the order of the responses. */
  callRow(call: number): number {
    return this.#word(this.starts.calls, CALL.count * call + CALL.at.response);
  }

  /** Number of the tool it calls in `about.tools`; a greater number for tools beyond the maximum. */
  callTool(call: number): number {
    return this.#word(this.starts.calls, CALL.count * call + CALL.at.tool);
  }

  #tag(row: number): number {
    return this.#word(this.starts.tags, row);
  }

  #word(start: number, at: number): number {
    return this.memory.words[(this.offset + start) / WORD_BYTES + at] ?? 0;
  }

  #words(start: number, count: number): Uint32Array {
    const first = (this.offset + start) / WORD_BYTES;
    return this.memory.words.subarray(first, first + count);
  }
}

/** Two views of memory that holds many ledgers, made once, since twenty thousand ledgers are opened for one sum. */
interface Memory {
  readonly buffer: ArrayBufferLike;
  readonly words: Uint32Array;
  readonly floats: Float64Array;
}

const memories = new WeakMap<ArrayBufferLike, Memory>();

function memoryOf(buffer: ArrayBufferLike): Memory {
  let memory = memories.get(buffer);
  if (memory === undefined) {
    const floats = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / TIME_BYTES));
    memory = { buffer, words: new Uint32Array(buffer, 0, floats.length * 2), floats };
    memories.set(buffer, memory);
  }
  return memory;
}
