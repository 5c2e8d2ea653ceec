import type { MessageSelection } from '../../../transcript/messages/messages.js';
import type { Conversation } from './viewer-source.js';

/** A conversation to print, or to show where it is longer than the screen. */
export interface PageRequest {
  path: string;
  selection: MessageSelection;
  conversation: Conversation;
  tools: boolean;
  thinking: boolean;
  /** Messages are shown as they are written, until the reader leaves. */
  follow: boolean;
  /** The pager's command line; false for none. */
  pager: string | false | undefined;
  /** The command that a terminal names below the page; null for none. */
  next: string | null;
}
