import type { MessageSelection } from '../../../transcript/messages/messages.js';
import type { Conversation } from './viewer-source.js';

/** A conversation to print, or to show in the viewer if it is longer than the screen. */
export interface PageRequest {
  path: string;
  selection: MessageSelection;
  conversation: Conversation;
  tools: boolean;
  thinking: boolean;
  /** Show new messages as they are written, until the reader leaves. */
  follow: boolean;
  /** The pager's command line; false for none. */
  pager: string | false | undefined;
  /** A command suggested below the page on a terminal; null for none. */
  next: string | null;
}
