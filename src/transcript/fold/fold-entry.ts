import { asEntry, asString, type Entry } from '../messages/classify.js';
import { ENTRY_KEYS, type EntryKey, KEY } from '../scanner/memory.js';
import { LineScanner, type Tier, type Usage } from '../scanner/scanner.js';
import { hashOfBytes } from './text-hash.js';

/** One line as the fold needs it, either scanned or parsed, with the same results. */
export interface FoldEntry {
  readonly type: string;
  /** Milliseconds of the entry's own timestamp; NaN if it has no readable one. */
  readonly time: number;
  /** True only if folder, branch, version and so on are the same as in the lines before. */
  readonly isSameEnvironment: boolean;
  has(key: EntryKey): boolean;
  isTrue(key: EntryKey): boolean;
  /** A string member; null for anything else. */
  text(key: EntryKey): string | null;
  /** Hash of a string member (`hashOfBytes` of its UTF-8); null for anything else. */
  hash(key: EntryKey): number | null;
  messageText(key: 'id' | 'model' | 'stop_reason'): string | null;
  readonly usage: Usage | null;
  /** Calls of advisor models within the response. Their tokens are not in `usage`. */
  readonly advisorCalls: readonly AdvisorCall[];
  /** Number of content blocks that call a tool; `toolResults` is the number of those with a tool's result. */
  readonly toolUses: number;
  /** Names of the called tools, '' for a call without a name. */
  readonly toolNames: readonly string[];
  readonly toolResults: number;
  /** False only if the entry's text does not contain these bytes. */
  includes(bytes: Buffer): boolean;
  /** The whole entry, for the few lines that need it. */
  parse(): Entry;
  /** The members by which `classifyUser` and `promptText` read a `user` entry that is neither meta nor a summary. */
  parseUser(): Entry;
}

/** One call of an advisor model within a response. */
export interface AdvisorCall {
  model: string;
  usage: Usage;
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT/;

/**
 * Returns the milliseconds of an ISO 8601 time; NaN for anything else, including other forms that Date.parse accepts.
 */
function readTime(value: unknown): number {
  return typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : NaN;
}

/** Maximum number of tokens in a response; a larger number is not a count. */
const MAX_TOKENS = 2 ** 32 - 1;

/**
 * Reads the counts of one `usage`. Missing ones are 0; impossible ones are counted as odd, and truncated or taken as 0.
 */
class UsageReader {
  odd = 0;

  count(value: unknown): number {
    if (value === undefined || value === null) return 0;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS) return value;
    this.odd++;
    return typeof value === 'number' && value > 0 && value <= MAX_TOKENS ? Math.trunc(value) : 0;
  }
}

function readUsage(message: Entry | null): Usage | null {
  const usage = asEntry(message?.['usage']);
  return usage === null ? null : figuresOf(usage);
}

/**
 * Returns the advisor calls of a message: parts of its response by another model, at standard speed in the same region.
 */
function readAdvisorCalls(message: Entry | null): readonly AdvisorCall[] {
  const usage = asEntry(message?.['usage']);
  const iterations = usage?.['iterations'];
  if (!Array.isArray(iterations)) return NO_CALLS;
  return iterations.map(asEntry).flatMap((call) => {
    const model = asString(call?.['model']) ?? '';
    // Claude Code counts none that does not name its model (2.1.332).
    if (call?.['type'] !== 'advisor_message' || model === '') return [];
    const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, cache_creation } = call;
    const figures = {
      input_tokens,
      output_tokens,
      cache_read_input_tokens,
      cache_creation_input_tokens,
      cache_creation,
    };
    return [
      {
        model,
        usage: figuresOf({ ...figures, inference_geo: usage?.['inference_geo'] }),
      },
    ];
  });
}

const NO_CALLS: readonly AdvisorCall[] = [];
const NO_NAMES: readonly string[] = [];

function readToolNames(message: Entry | null): string[] {
  const content = message?.['content'];
  if (!Array.isArray(content)) return [];
  const calls = content.map(asEntry).filter((block) => block?.['type'] === 'tool_use');
  return calls.map((block) => asString(block?.['name']) ?? '');
}

function figuresOf(usage: Entry): Usage {
  const reader = new UsageReader();
  return {
    input: reader.count(usage['input_tokens']),
    output: reader.count(usage['output_tokens']),
    cacheRead: reader.count(usage['cache_read_input_tokens']),
    cacheWrite: reader.count(usage['cache_creation_input_tokens']),
    cacheWrite1h: reader.count(asEntry(usage['cache_creation'])?.['ephemeral_1h_input_tokens']),
    webSearches: reader.count(asEntry(usage['server_tool_use'])?.['web_search_requests']),
    tier: usage['speed'] === 'fast' ? 'fast' : tierOf(usage['service_tier']),
    isUsOnly: usage['inference_geo'] === 'us',
    odd: reader.odd,
  };
}

function tierOf(value: unknown): Tier {
  return value === 'priority' || value === 'batch' ? value : 'standard';
}

function hashOfText(text: string | null): number | null {
  if (text === null) return null;
  const bytes = Buffer.from(text);
  return hashOfBytes(bytes, 0, bytes.length);
}

function nameOf(key: EntryKey): string {
  return ENTRY_KEYS[key] ?? '';
}

/** An entry that was parsed. */
export class ParsedEntry implements FoldEntry {
  readonly #entry: Entry;
  readonly #message: Entry | null;

  constructor(entry: Entry) {
    this.#entry = entry;
    this.#message = asEntry(entry['message']);
  }

  get type(): string {
    return this.text(KEY.type) ?? '';
  }

  get time(): number {
    return readTime(this.#entry['timestamp']);
  }

  get isSameEnvironment(): boolean {
    return false;
  }

  has(key: EntryKey): boolean {
    return Object.hasOwn(this.#entry, nameOf(key));
  }

  isTrue(key: EntryKey): boolean {
    return this.#entry[nameOf(key)] === true;
  }

  text(key: EntryKey): string | null {
    return asString(this.#entry[nameOf(key)]);
  }

  hash(key: EntryKey): number | null {
    return hashOfText(this.text(key));
  }

  messageText(key: 'id' | 'model' | 'stop_reason'): string | null {
    return asString(this.#message?.[key]);
  }

  get usage(): Usage | null {
    return readUsage(this.#message);
  }

  get advisorCalls(): readonly AdvisorCall[] {
    return readAdvisorCalls(this.#message);
  }

  get toolUses(): number {
    return this.toolNames.length;
  }

  get toolNames(): readonly string[] {
    return readToolNames(this.#message);
  }

  get toolResults(): number {
    return this.#blocks('tool_result');
  }

  includes(): boolean {
    return true;
  }

  parse(): Entry {
    return this.#entry;
  }

  parseUser(): Entry {
    return this.#entry;
  }

  #blocks(type: string): number {
    const content = this.#message?.['content'];
    return Array.isArray(content) ? content.filter((block) => asEntry(block)?.['type'] === type).length : 0;
  }
}

/** A scanner as the entry of the line scanned last; one object serves all lines. */
export class EntryScanner extends LineScanner implements FoldEntry {
  get time(): number {
    const usual = this.usualTime;
    return Number.isNaN(usual) ? readTime(this.text(KEY.timestamp)) : usual;
  }

  get usage(): Usage | null {
    const usage = this.usualUsage;
    return usage === 'unusual' ? readUsage(asEntry(this.value(KEY.message))) : usage;
  }

  hash(key: EntryKey): number | null {
    const span = this.plainSpan(key);
    return span === null ? hashOfText(this.text(key)) : hashOfBytes(this.bytes, span.start, span.end);
  }

  get advisorCalls(): readonly AdvisorCall[] {
    return this.usualUsage === 'unusual' ? readAdvisorCalls(asEntry(this.value(KEY.message))) : NO_CALLS;
  }

  get toolNames(): readonly string[] {
    if (this.toolUses === 0) return NO_NAMES;
    return this.usualToolNames ?? readToolNames(asEntry(this.value(KEY.message)));
  }

  includes(bytes: Buffer): boolean {
    return this.bytes.subarray(this.lineStart, this.next).includes(bytes);
  }

  parse(): Entry {
    return JSON.parse(this.bytes.toString('utf8', this.lineStart, this.next)) as Entry;
  }
  parseUser(): Entry {
    const message = asEntry(this.value(KEY.message));
    // Without content in its message, an entry may have its own.
    if ((message?.['content'] ?? null) === null) return this.parse();
    const entry: Entry = { type: this.type, message };
    if (this.has(KEY.origin)) entry['origin'] = this.value(KEY.origin);
    if (this.has(KEY.turnOrigin)) entry['turnOrigin'] = this.text(KEY.turnOrigin);
    if (this.has(KEY.toolUseResult)) entry['toolUseResult'] = null;
    return entry;
  }
}
