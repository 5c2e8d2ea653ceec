import type { SessionRecord } from '../../session-index/record.js';
import type { MessageEntry } from '../../transcript/messages/messages.js';
import { batches, toJson } from './text/json.js';
import { messageJson } from './message-json.js';

/** Yields `{schemaVersion, session, messages}` in pieces for a stream, with one message in memory at a time. */
export function* showJson(
  session: SessionRecord,
  messages: Iterable<MessageEntry>,
  pretty: boolean,
): Generator<string> {
  const [line, space] = pretty ? ['\n', ' '] : ['', ''];
  const value = (json: string, depth: number): string =>
    pretty ? json.replaceAll('\n', `\n${'  '.repeat(depth)}`) : json;
  const member = (name: string): string => `${pretty ? '  ' : ''}"${name}":${space}`;
  yield* batches(
    (function* () {
      yield `{${line}${member('schemaVersion')}1,${line}${member('session')}${value(toJson(session, pretty), 1)},` +
        `${line}${member('messages')}[`;
      let separator = pretty ? '\n    ' : '';
      let count = 0;
      for (const message of messages) {
        yield separator;
        yield* messageJson(message, pretty ? 2 : null);
        separator = pretty ? ',\n    ' : ',';
        count += 1;
      }
      yield `${count > 0 && pretty ? '\n  ' : ''}]${line}}\n`;
    })(),
  );
}
