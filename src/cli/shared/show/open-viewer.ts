import { CcsessError } from '../../../system/errors.js';
import { MessageBlocks } from '../../../transcript/messages/message-blocks.js';
import type { Thread } from '../../../transcript/messages/tail.js';
import type { HostTerminal } from '../../../tui/host.js';
import { openScreen } from '../../../tui/screen.js';
import { runViewer, type ViewerResult } from '../../../tui/viewer/viewer.js';
import type { ViewMode } from '../../../tui/viewer/source.js';
import type { Context } from '../../context.js';
import { pageScreen } from './show-page.js';
import { ConversationSource, type Conversation } from './viewer-source.js';

/** The conversation to open in the viewer, and where. */
export interface ViewerRequest {
  path: string;
  thread: Thread;
  conversation: Conversation;
  mode: ViewMode;
  /** Show this prompt, or the start; by default the end. */
  start: number | 'start' | 'end';
  follow: boolean;
}

/** Shows a conversation until the reader leaves. Throws NOT_FOUND for a prompt that it does not have. */
export async function openViewer(
  { path, thread, conversation, mode, start, follow }: ViewerRequest,
  terminal: HostTerminal,
  context: Context,
): Promise<ViewerResult> {
  const blocks = new MessageBlocks(path, thread);
  try {
    const source = new ConversationSource(blocks, conversation, await pageScreen(context), start !== 'end');
    const block = typeof start === 'number' ? source.prompts[start - 1] : 0;
    if (block === undefined)
      throw new CcsessError('NOT_FOUND', `the conversation has no prompt ${start}.`, {
        hint: `its prompts are numbered 1 to ${source.prompts.length}`,
      });
    const screen = openScreen(terminal);
    try {
      return await runViewer(screen, source, { mode, follow, ...(start === 'end' ? {} : { start: block }) });
    } finally {
      screen.close();
    }
  } finally {
    blocks.close();
  }
}
