import { maskSecretsIn } from '../../../redaction/mask-secrets.js';
import type { MessageEntry } from '../../../transcript/messages/messages.js';

/** Yields messages with secrets masked in all their parts, with one in memory at a time. */
export function* redactedEntries(items: Iterable<MessageEntry>): Generator<MessageEntry> {
  for (const item of items) {
    // Without the line's bytes, JSON is generated from the masked message.
    yield { ...item, message: maskSecretsIn(item.message), entry: maskSecretsIn(item.entry), text: null };
  }
}
