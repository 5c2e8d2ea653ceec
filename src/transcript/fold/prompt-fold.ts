import { asEntry, asString, classifyUser, isExpansion, isQueuedPrompt, promptText } from '../messages/classify.js';
import { KEY } from '../scanner/memory.js';
import type { FoldEntry } from './fold-entry.js';

/** A prompt, identified by the uuid of its first copy: forks keep it, or name it as their source. */
export interface SentPrompt {
  uuid: string | null;
  timeMs: number | null;
  /** The prompt's own uuid, if it is a copy whose uuid differs from the source's, as in forks of the Agent SDK. */
  ownUuid?: string;
}

/** A prompt with its text. */
export interface FoundPrompt extends SentPrompt {
  text: string;
  /** True unless it came through an `sdk-…` entrypoint. */
  isTyped: boolean;
}

/** The state of a `PromptFold` as plain data. */
export interface PromptState {
  sent: SentPrompt[];
  /** Command lines that become prompts if an expansion follows them, by uuid. */
  commands: [uuid: string, command: FoundPrompt][];
  /** The previous user entry; only kept while a command waits for its expansion. */
  previous: string | null;
  /** Hashes of the tool results' uuids. */
  results: number[];
}

/** Findings in one entry: a prompt, a tool result or a command. */
export interface EntryFindings {
  prompt: FoundPrompt | null;
  isToolResult: boolean;
  /** A slash command as typed, whether it is a prompt or not. */
  command: string | null;
}

const NOTHING_FOUND: EntryFindings = { prompt: null, isToolResult: false, command: null };
const RESULT_FOUND: EntryFindings = { ...NOTHING_FOUND, isToolResult: true };
/** Stands for the uuid of an entry without one. */
const NAMELESS = '@';
/** Maximum length of a prompt that is kept, in code points (docs/json.md). */
const MAX_TEXT = 1000;
/** Half of a character that takes two UTF-16 units. */
const SURROGATE = /[\ud800-\udfff]/;
const QUEUED = Buffer.from('"queued_command"');

/**
 * Finds the prompts and tool results of a transcript's main thread, each uuid once. A slash command without
 * `turnOrigin` becomes a prompt when its expansion follows (docs/storage.md, "Prompts").
 */
export class PromptFold {
  /** Prompts in file order. */
  readonly sent: SentPrompt[];
  readonly #uuids: Set<string | null>;
  readonly #commands: Map<string, FoundPrompt>;
  readonly #results: Set<number>;
  #previous: string | null;

  constructor(state?: PromptState) {
    this.sent = [...(state?.sent ?? [])];
    this.#uuids = new Set(this.sent.map(({ uuid }) => uuid));
    this.#commands = new Map(state?.commands);
    this.#results = new Set(state?.results);
    this.#previous = state?.previous ?? null;
  }

  get state(): PromptState {
    return {
      sent: [...this.sent],
      commands: [...this.#commands],
      previous: this.#commands.size > 0 ? this.#previous : null,
      results: [...this.#results],
    };
  }

  /** Adds a user entry. */
  addUser(entry: FoldEntry): EntryFindings {
    const isWaiting = this.#commands.size > 0;
    if (entry.toolResults > 0 && !isWaiting) return this.#result(entry);
    const key = entry.text(KEY.uuid) ?? NAMELESS;
    const parent = (entry.has(KEY.parentUuid) ? entry.text(KEY.parentUuid) : this.#previous) ?? '';
    const command = this.#commands.get(parent);
    this.#previous = key;
    this.#commands.delete(key);
    if (entry.toolResults > 0) return this.#result(entry);
    if (entry.isTrue(KEY.isCompactSummary)) return NOTHING_FOUND;
    if (entry.isTrue(KEY.isMeta)) {
      if (command === undefined || !isExpansion(entry.parse())) return NOTHING_FOUND;
      this.#commands.delete(parent);
      return this.#prompt(command);
    }
    const parsed = entry.parseUser();
    const kind = classifyUser(parsed);
    if (kind === 'tool-result') return this.#result(entry);
    if (kind !== 'prompt' && kind !== 'command-echo') return NOTHING_FOUND;
    const prompt = foundPrompt(entry, promptText(parsed));
    if (kind === 'prompt') return this.#prompt(prompt);
    if (prompt.text !== '') this.#commands.set(key, prompt);
    return { ...NOTHING_FOUND, command: prompt.text || null };
  }

  /** Adds an attachment. */
  addAttachment(entry: FoldEntry): EntryFindings {
    if (!entry.includes(QUEUED)) return NOTHING_FOUND;
    const parsed = entry.parse();
    return isQueuedPrompt(parsed) ? this.#prompt(foundPrompt(entry, promptText(parsed))) : NOTHING_FOUND;
  }

  #prompt(prompt: FoundPrompt): EntryFindings {
    const { uuid, timeMs, ownUuid } = prompt;
    if (uuid !== null && this.#uuids.has(uuid)) return NOTHING_FOUND;
    this.#uuids.add(uuid);
    this.sent.push(ownUuid === undefined ? { uuid, timeMs } : { uuid, timeMs, ownUuid });
    return { ...NOTHING_FOUND, prompt };
  }

  #result(entry: FoldEntry): EntryFindings {
    const hash = entry.hash(KEY.uuid);
    if (hash === null) return RESULT_FOUND;
    if (this.#results.has(hash)) return NOTHING_FOUND;
    this.#results.add(hash);
    return RESULT_FOUND;
  }
}

/** Returns the uuid of the prompt that a fork copied, since forks of the Agent SDK give their entries new ones. */
function copiedUuid(entry: FoldEntry): string | null {
  if (!entry.has(KEY.forkedFrom)) return null;
  return asString(asEntry(entry.parse()['forkedFrom'])?.['messageUuid']) || null;
}

function foundPrompt(entry: FoldEntry, text: string): FoundPrompt {
  const { time } = entry;
  const [own, copied] = [entry.text(KEY.uuid), copiedUuid(entry)];
  return {
    uuid: copied ?? own,
    ...(copied === null || own === null || copied === own ? {} : { ownUuid: own }),
    timeMs: Number.isNaN(time) ? null : time,
    text: cutText(text),
    isTyped: !(entry.text(KEY.entrypoint) ?? '').startsWith('sdk-'),
  };
}

/** Cuts a text to the length that the facts keep. */
export function cutText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const head = text.slice(0, MAX_TEXT);
  if (!SURROGATE.test(head)) return head;
  return [...text.slice(0, 2 * MAX_TEXT)].slice(0, MAX_TEXT).join('');
}
