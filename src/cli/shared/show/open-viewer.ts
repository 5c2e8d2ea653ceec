import { CcsessError } from '../../../system/errors.js';
import { MessageBlocks } from '../../../transcript/messages/message-blocks.js';
import type { Thread } from '../../../transcript/messages/tail.js';
import type { HostTerminal } from '../../../tui/host.js';
import { openScreen, type Screen } from '../../../tui/screen.js';
import { runViewer, type ViewerResult } from '../../../tui/viewer/viewer.js';
import type { ViewMode } from '../../../tui/viewer/source.js';
import type { Context } from '../../context.js';
import type { PageScreen } from '../../render/text/screen.js';
import { pageScreen } from './show-page.js';
import { ConversationSource, type Conversation } from './viewer-source.js';

/** The conversation to open in the viewer, and the position. */
export interface ViewerRequest {
  path: string;
  thread: Thread;
  conversation: Conversation;
  mode: ViewMode;
  /** Number of the prompt to show, or the start or end of the conversation. */
  start: number | 'start' | 'end';
  follow: boolean;
  /** True if the reader may request a fork. */
  canFork: boolean;
}

/** Shows a conversation on the alternate screen until the reader leaves. Throws as `showOnScreen`. */
export async function openViewer(
  request: ViewerRequest,
  terminal: HostTerminal,
  context: Context,
): Promise<ViewerResult> {
  let screen: Screen | null = null;
  try {
    // The screen is opened when there is something to show, so that an error leaves the terminal unchanged.
    return await showOnScreen(request, () => (screen = openScreen(terminal)), await pageScreen(context));
  } finally {
    (screen as Screen | null)?.close();
  }
}

/**
 * Shows a conversation until the reader leaves, on a screen that is opened when there is something to show. Throws
 * NOT_FOUND for a missing prompt, and system errors if the transcript cannot be read.
 */
export async function showOnScreen(
  { path, thread, conversation, mode, start, follow, canFork }: ViewerRequest,
  screen: () => Screen,
  page: PageScreen,
): Promise<ViewerResult> {
  const blocks = new MessageBlocks(path, thread);
  try {
    const source = new ConversationSource(blocks, conversation, page, start !== 'end');
    const block = typeof start === 'number' ? source.prompts[start - 1] : 0;
    if (block === undefined)
      throw new CcsessError('NOT_FOUND', `the conversation has no prompt ${start}.`, {
        hint: `its prompts are numbered 1 to ${source.prompts.length}`,
      });
    return await runViewer(screen(), source, { mode, follow, canFork, ...(start === 'end' ? {} : { start: block }) });
  } finally {
    blocks.close();
  }
}
