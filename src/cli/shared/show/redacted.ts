import { maskSecretsIn } from '../../../redaction/mask-secrets.js';
import type { MessageEntry } from '../../../transcript/messages/messages.js';

/** Messages with secrets masked in everything that can be shown of them, one in memory at a time. */
export function* redactedEntries(items: Iterable<MessageEntry>): Generator<MessageEntry> {
  for (const item of items) {
    // Without the bytes of the line, JSON is made from the masked message.
    yield { ...item, message: maskSecretsIn(item.message), entry: maskSecretsIn(item.entry), text: null };
  }
}
