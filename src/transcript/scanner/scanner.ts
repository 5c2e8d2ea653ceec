import {
  BLOCK_TYPES,
  ENTRY_KEYS,
  ENTRY_TYPES,
  type EntryKey,
  KEY,
  MAX_TOOLS,
  MESSAGE_KEYS,
  type MessageKey,
  nameTable,
  OFFSETS,
  SPAN_BYTES,
  SPAN_END,
  USAGE_KEYS,
  USAGE_OFFSETS as USAGE,
} from './memory.js';
import { SCANNER_MODULE } from './module.js';

interface ScannerExports {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  scanLine(start: number, sticky: number, messageSticky: number): number;
  forget(): void;
}

/** Billing tier of a response: its service tier, or `fast` if it was requested at a higher speed. */
export type Tier = 'standard' | 'priority' | 'batch' | 'fast';

/** `message.usage`: whole numbers of tokens, and facts that decide their price. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that is kept for an hour; the rest is kept for five minutes. */
  readonly cacheWrite1h: number;
  readonly webSearches: number;
  readonly tier: Tier;
  /** Inference ran in the United States only, which costs more. */
  readonly isUsOnly: boolean;
  /** Number of impossible counts: negative, huge or not a number (taken as 0), or fractional (truncated). */
  readonly odd: number;
}

const PAGE = 65536;
const QUOTE = 34;
const LOWER_T = 116;
/** Bytes after the text that the scanner may read, since it reads 64 at a time. */
const SLACK = 64;
/** Folder, branch, version and entrypoint of an entry, which are mostly the same in all lines of a file. */
const ENVIRONMENT_KEYS: readonly EntryKey[] = [KEY.cwd, KEY.version, KEY.gitBranch, KEY.entrypoint, KEY.sessionKind];
const STICKY_KEYS: readonly EntryKey[] = [...ENVIRONMENT_KEYS, KEY.sessionId, KEY.requestSessionId, KEY.requestId];
const STICKY_MESSAGE_KEYS: readonly MessageKey[] = ['id', 'model', 'stop_reason'];
const MESSAGE_NUMBERS = Object.fromEntries(MESSAGE_KEYS.map((key, number) => [key, number])) as Record<
  MessageKey,
  number
>;
const TOOL_USES = OFFSETS.blocks + BLOCK_TYPES.indexOf('tool_use') * 4;
const TOOL_RESULTS = OFFSETS.blocks + BLOCK_TYPES.indexOf('tool_result') * 4;
const ENVIRONMENT_MASK = ENVIRONMENT_KEYS.reduce((mask, key) => mask | (1 << key), 0);
const STICKY_MASK = STICKY_KEYS.reduce((mask, key) => mask | (1 << key), 0);
const STICKY_MESSAGE_MASK = STICKY_MESSAGE_KEYS.reduce((mask, key) => mask | (1 << MESSAGE_NUMBERS[key]), 0);

let compiled: WebAssembly.Module | undefined;

/**
 * Scans lines of a transcript in its own memory. A scanned line is valid JSON (one object) whose members can be read
 * without parsing the rest; a refused line must be parsed. Only one reader can use a scanner at a time.
 */
export class LineScanner {
  readonly #wasm: ScannerExports;
  #ints: Int32Array;
  #floats: Float64Array;
  #bytes: Buffer;
  /** Decoded values of the sticky keys; undefined if they changed or were not requested yet. */
  readonly #last: (string | null | undefined)[] = ENTRY_KEYS.map(() => undefined);
  readonly #lastInMessage: (string | null | undefined)[] = MESSAGE_KEYS.map(() => undefined);
  #lastUsage: Usage | null = null;
  #lineStart = 0;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(SCANNER_MODULE, 'base64'));
    this.#wasm = new WebAssembly.Instance(compiled).exports as unknown as ScannerExports;
    const memory = new Uint8Array(this.#wasm.memory.buffer);
    [ENTRY_KEYS, MESSAGE_KEYS, USAGE_KEYS, ENTRY_TYPES, BLOCK_TYPES].forEach((names, i) => {
      memory.set(nameTable(names), OFFSETS.tables + i * OFFSETS.tableSize);
    });
    this.#ints = new Int32Array(0);
    this.#floats = new Float64Array(0);
    this.#bytes = Buffer.alloc(0);
    this.reserve(0);
  }

  /** The memory for the text to scan; replaced by `reserve`. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Makes room for `size` bytes of text, keeping its content. */
  reserve(size: number): void {
    const wanted = OFFSETS.text + size + SLACK;
    const missing = wanted - this.#wasm.memory.buffer.byteLength;
    if (missing > 0) this.#wasm.memory.grow(Math.ceil(missing / PAGE));
    const { buffer } = this.#wasm.memory;
    if (this.#ints.buffer === buffer) return;
    this.#ints = new Int32Array(buffer, 0, 256);
    this.#floats = new Float64Array(buffer, 0, 128);
    this.#bytes = Buffer.from(buffer, OFFSETS.text, buffer.byteLength - OFFSETS.text - SLACK);
  }

  /** Forgets the values of earlier lines. Must be called before another file is read. */
  forget(): void {
    this.#wasm.forget();
    this.#last.fill(undefined);
    this.#lastInMessage.fill(undefined);
  }

  /**
   * Scans the line that starts at `start` and ends with a newline in `bytes`. Returns false if it must be parsed
   * instead.
   */
  scan(start: number): boolean {
    this.#lineStart = start;
    if (this.#wasm.scanLine(OFFSETS.text + start, STICKY_MASK, STICKY_MESSAGE_MASK) !== 1) return false;
    invalidate(this.#last, this.#int(OFFSETS.changed));
    invalidate(this.#lastInMessage, this.#int(OFFSETS.messageChanged));
    return true;
  }

  /** Start of the last scanned line. */
  get lineStart(): number {
    return this.#lineStart;
  }

  /** Start of the line after the last scanned one, even if that was refused. */
  get next(): number {
    return this.#int(OFFSETS.next) - OFFSETS.text;
  }

  /** The entry's type; '' if the value is not a string. */
  get type(): string {
    const number = this.#int(OFFSETS.type);
    return number >= 0 ? (ENTRY_TYPES[number] ?? '') : (this.text(KEY.type) ?? '');
  }

  /** The entry's time if it has Claude Code's usual form, else NaN; the entry may still have one in another form. */
  get usualTime(): number {
    return this.#floats[OFFSETS.time / 8] ?? NaN;
  }

  /** True if no environment key of the line differs from its last value. */
  get isSameEnvironment(): boolean {
    return (this.#int(OFFSETS.changed) & ENVIRONMENT_MASK) === 0;
  }

  has(key: EntryKey): boolean {
    return this.#isPresent(key);
  }

  /** True if the member is the literal `true`. */
  isTrue(key: EntryKey): boolean {
    return this.#isPresent(key) && this.#bytes[this.#start(key)] === LOWER_T;
  }

  /** A string member; null if it is missing or not a string. */
  text(key: EntryKey): string | null {
    if (!this.#isPresent(key)) return null;
    const bit = 1 << key;
    const known = this.#last[key];
    if (known !== undefined) return known;
    const slot = OFFSETS.spans + key * SPAN_BYTES;
    const value = this.#string(slot, (this.#int(OFFSETS.escaped) & bit) !== 0);
    if ((STICKY_MASK & bit) !== 0) this.#last[key] = value;
    return value;
  }

  /** Position of a string member's text in `bytes`; null if it is missing, not a string, or written with escapes. */
  plainSpan(key: EntryKey): { start: number; end: number } | null {
    if (!this.#isPresent(key) || (this.#int(OFFSETS.escaped) & (1 << key)) !== 0) return null;
    const slot = OFFSETS.spans + key * SPAN_BYTES;
    const start = this.#int(slot) - OFFSETS.text;
    if (this.#bytes[start] !== QUOTE) return null;
    return { start: start + 1, end: this.#int(slot + SPAN_END) - OFFSETS.text - 1 };
  }

  /** A string member of `message`; null if it is missing or not a string. */
  messageText(key: MessageKey): string | null {
    const number = MESSAGE_NUMBERS[key];
    const bit = 1 << number;
    if ((this.#int(OFFSETS.messagePresent) & bit) === 0) return null;
    const known = this.#lastInMessage[number];
    if (known !== undefined) return known;
    const slot = OFFSETS.messageSpans + number * SPAN_BYTES;
    const value = this.#string(slot, (this.#int(OFFSETS.messageEscaped) & bit) !== 0);
    if ((STICKY_MESSAGE_MASK & bit) !== 0) this.#lastInMessage[number] = value;
    return value;
  }

  /** Any member, parsed; undefined if it is missing. */
  value(key: EntryKey): unknown {
    if (!this.has(key)) return undefined;
    const slot = OFFSETS.spans + key * SPAN_BYTES;
    return JSON.parse(this.#slice(slot)) as unknown;
  }

  /**
   * `message.usage`; null if the message has none, 'unusual' if it must be parsed: odd counts, another tier or region,
   * or an advisor.
   */
  get usualUsage(): Usage | 'unusual' | null {
    const state = this.#int(OFFSETS.usageState);
    if (state === 0) return null;
    if (state === 2) return 'unusual';
    // The lines of a response repeat its usage and share one object.
    if (!this.#isLastUsage()) {
      this.#lastUsage = {
        input: this.#int(USAGE.input),
        output: this.#int(USAGE.output),
        cacheRead: this.#int(USAGE.cacheRead),
        cacheWrite: this.#int(USAGE.cacheWrite),
        cacheWrite1h: this.#int(USAGE.cacheWrite1h),
        webSearches: this.#int(USAGE.webSearches),
        tier: 'standard',
        isUsOnly: false,
        odd: 0,
      };
    }
    return this.#lastUsage;
  }

  #isLastUsage(): boolean {
    const last = this.#lastUsage;
    return (
      last !== null &&
      last.output === this.#int(USAGE.output) &&
      last.cacheRead === this.#int(USAGE.cacheRead) &&
      last.cacheWrite === this.#int(USAGE.cacheWrite) &&
      last.input === this.#int(USAGE.input) &&
      last.cacheWrite1h === this.#int(USAGE.cacheWrite1h) &&
      last.webSearches === this.#int(USAGE.webSearches)
    );
  }

  /** Number of blocks in `message.content` that call a tool. */
  get toolUses(): number {
    return this.#int(TOOL_USES);
  }

  /** Names of the called tools, '' for a call without a name; null if there are too many. */
  get usualToolNames(): string[] | null {
    const { toolUses } = this;
    if (toolUses > MAX_TOOLS) return null;
    const names: string[] = [];
    for (let slot = OFFSETS.toolSpans; names.length < toolUses; slot += SPAN_BYTES) {
      names.push(this.#int(slot) === 0 ? '' : (this.#string(slot, false) ?? ''));
    }
    return names;
  }

  /** Number of blocks in `message.content` with a tool's result. */
  get toolResults(): number {
    return this.#int(TOOL_RESULTS);
  }

  #int(offset: number): number {
    return this.#ints[offset / 4] ?? 0;
  }

  #isPresent(number: number): boolean {
    return (this.#int(OFFSETS.present) & (1 << number)) !== 0;
  }

  #start(number: number): number {
    return this.#int(OFFSETS.spans + number * SPAN_BYTES) - OFFSETS.text;
  }

  #slice(slot: number): string {
    return this.#bytes.toString('utf8', this.#int(slot) - OFFSETS.text, this.#int(slot + SPAN_END) - OFFSETS.text);
  }

  #string(slot: number, escaped: boolean): string | null {
    const start = this.#int(slot) - OFFSETS.text;
    if (this.#bytes[start] !== QUOTE) return null;
    // A decoded slice is a copy and does not keep the whole buffer in memory.
    if (!escaped) return this.#bytes.toString('utf8', start + 1, this.#int(slot + SPAN_END) - OFFSETS.text - 1);
    return JSON.parse(this.#slice(slot)) as string;
  }
}

/** Clears the decoded values whose bit is set. */
function invalidate(values: (string | null | undefined)[], changed: number): void {
  for (let bits = changed; bits !== 0; bits &= bits - 1) values[31 - Math.clz32(bits & -bits)] = undefined;
}
