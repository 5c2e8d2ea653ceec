import type { MessageEntry } from '../../../transcript/messages/messages.js';
import type { PageScreen } from '../text/screen.js';
import type { ConversationOptions } from './options.js';
import { promptLines } from './prompt.js';
import type { Folders } from './tool-line.js';
import { Turn } from './turn.js';

/** The conversation a turn at a time, each as lines: prompt, answers, a line for each tool call. */
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
