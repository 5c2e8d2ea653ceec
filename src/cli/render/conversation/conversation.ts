import type { MessageEntry } from '../../../transcript/messages/messages.js';
import type { PageScreen } from '../text/screen.js';
import type { ConversationOptions, PagePart } from './options.js';
import { promptLines } from './prompt.js';
import type { Folders } from './tool-line.js';
import { Turn } from './turn.js';

/** Yields a conversation turn by turn, as lines: the prompt, the answers, and a line per tool call. */
export function* conversationLines(
  messages: Iterable<MessageEntry>,
  options: ConversationOptions,
  screen: PageScreen,
  folders: Folders,
): Generator<string[]> {
  let turn = new Turn(options, screen, folders);
  for (const item of messages) {
    if (item.message.kind === 'prompt') {
      yield turn.lines();
      yield promptLines(item, options, screen);
      turn = new Turn(options, screen, folders);
    } else turn.add(item);
  }
  yield turn.lines();
}

/**
 * Splits a part of a conversation into parts of a page. `isContinued`: it begins within a turn whose heading was shown
 * before; `isOpen`: its last turn continues after it, so the heading has no end time.
 */
export function conversationParts(
  messages: Iterable<MessageEntry>,
  options: ConversationOptions,
  screen: PageScreen,
  folders: Folders,
  { isContinued, isOpen }: { isContinued: boolean; isOpen: boolean },
): PagePart[] {
  const parts: PagePart[] = [];
  let turn = new Turn(options, screen, folders, isContinued);
  let source = 0;
  for (const item of messages) {
    if (item.message.kind === 'prompt') {
      parts.push(...turn.parts(), { source, lines: promptLines(item, options, screen) });
      turn = new Turn(options, screen, folders);
    } else turn.add(item, source);
    source += 1;
  }
  return parts.concat(turn.parts(isOpen));
}
