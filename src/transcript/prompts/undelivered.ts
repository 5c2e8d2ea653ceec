import { asString, classifyUser, type Entry } from '../messages/classify.js';

/** A prompt typed while Claude worked, as Claude Code's queue records it. */
export interface QueuedPrompt {
  text: string;
  timeMs: number | null;
}

interface QueuedText extends QueuedPrompt {
  /** True for an event of a background task, which waits in the same queue. */
  isEvent: boolean;
}

/**
 * Follows Claude Code's queue of prompts through a transcript, by `queue-operation` entries and the messages that
 * deliver queued texts. Texts that a run left undelivered stay queued, whatever later runs queue (docs/storage.md).
 */
export class PromptQueue {
  readonly #waiting: QueuedText[] = [];
  /** Number of texts removed from the queue by entries that do not name them; their messages follow. */
  #dequeued = 0;

  /** Prompts that were queued but never delivered, in order. */
  get undelivered(): readonly QueuedPrompt[] {
    return this.#waiting.filter(({ isEvent }) => !isEvent).map(({ text, timeMs }) => ({ text, timeMs }));
  }

  /** Applies a `queue-operation` entry. */
  follow(entry: Entry): void {
    const content = asString(entry['content']);
    const operation = entry['operation'];
    if (operation === 'enqueue') this.#enqueue(content, entry['timestamp']);
    else if (operation === 'dequeue') this.#dequeued += 1;
    else if (operation === 'remove' && content !== null) this.#take((text) => text === content.trim());
    else if (operation === 'popAll') this.#popAll(content);
  }

  /** Removes the texts that a message delivers. A prompt that equals no queued text delivers the one queued last. */
  deliver(message: string, isPrompt: boolean): void {
    const isTaken =
      this.#takeParts(message) ||
      this.#take((text) => message === `! ${text}`) ||
      (isPrompt && this.#dequeued > 0 && this.#take(() => true));
    if (isTaken && this.#dequeued > 0) this.#dequeued -= 1;
  }

  #enqueue(content: string | null, timestamp: unknown): void {
    const text = content?.trim() ?? '';
    if (text === '') return;
    const timeMs = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
    const isEvent = classifyUser({ message: { content: text } }) !== 'prompt';
    this.#waiting.push({ text, timeMs: Number.isNaN(timeMs) ? null : timeMs, isEvent });
  }

  /**
   * Removes the last matching text, since earlier ones may be from a run that was killed; returns false if none
   * matches.
   */
  #take(fits: (text: string) => boolean): boolean {
    const at = this.#waiting.findLastIndex(({ text }) => fits(text));
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  #popAll(content: string | null): void {
    if (content === null) this.#waiting.length = 0;
    else this.#takeParts(content);
  }

  /** Removes each text that the message consists of, once; returns false if there is none. */
  #takeParts(message: string): boolean {
    const parts = new Set(this.#waiting.map(({ text }) => text).filter((text) => isPartOf(text, message)));
    for (const part of parts) this.#take((text) => text === part);
    return parts.size > 0;
  }
}

/** True if a message is the text or has it as separate lines, as when several texts are sent together. */
function isPartOf(text: string, message: string): boolean {
  return message === text || `\n${message}\n`.includes(`\n${text}\n`);
}
