import { asString, classifyUser, type Entry } from '../messages/classify.js';

/** A prompt typed while Claude worked, as the queue of Claude Code holds it. */
export interface QueuedPrompt {
  text: string;
  timeMs: number | null;
}

interface Waiting extends QueuedPrompt {
  /** An event of a background task, which waits in the same queue. */
  isEvent: boolean;
}

/**
 * Follows the queue of prompts through a transcript: `queue-operation` entries and the messages that deliver what was
 * queued. Entries of a run that ended without delivering stay, whatever later runs queue (docs/storage.md).
 */
export class PromptQueue {
  readonly #waiting: Waiting[] = [];
  /** Taken from the queue by entries that name no text; the messages follow. */
  #dequeued = 0;

  /** Queued and never delivered, in order. */
  get undelivered(): readonly QueuedPrompt[] {
    return this.#waiting.filter(({ isEvent }) => !isEvent).map(({ text, timeMs }) => ({ text, timeMs }));
  }

  /** Follows a `queue-operation` entry. */
  follow(entry: Entry): void {
    const content = asString(entry['content']);
    const operation = entry['operation'];
    if (operation === 'enqueue') this.#enqueue(content, entry['timestamp']);
    else if (operation === 'dequeue') this.#dequeued += 1;
    else if (operation === 'remove' && content !== null) this.#take((text) => text === content.trim());
    else if (operation === 'popAll') this.#popAll(content);
  }

  /** Follows a message by its text. A prompt in other words than those queued stands for the last that was queued. */
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

  /** Takes out the last that fits, since earlier ones may be of a run that was killed; false if none does. */
  #take(fits: (text: string) => boolean): boolean {
    const at = this.#waiting.findLastIndex(({ text }) => fits(text));
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  #popAll(content: string | null): void {
    if (content === null) this.#waiting.length = 0;
    else this.#takeParts(content);
  }

  /** Takes out each text that the message is made of, once; false if there is none. */
  #takeParts(message: string): boolean {
    const parts = new Set(this.#waiting.map(({ text }) => text).filter((text) => isPartOf(text, message)));
    for (const part of parts) this.#take((text) => text === part);
    return parts.size > 0;
  }
}

/** True if a message is the text, or holds it as lines of its own, as when several are sent together. */
function isPartOf(text: string, message: string): boolean {
  return message === text || `\n${message}\n`.includes(`\n${text}\n`);
}
