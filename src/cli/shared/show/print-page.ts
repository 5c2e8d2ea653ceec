import { statOrNull } from '../../../system/stat.js';
import { readMessageEntries, type MessageEntry } from '../../../transcript/messages/messages.js';
import type { HostTerminal } from '../../../tui/host.js';
import type { ViewerResult } from '../../../tui/viewer/viewer.js';
import type { Context } from '../../context.js';
import { conversationLines } from '../../render/conversation/conversation.js';
import type { ConversationOptions } from '../../render/conversation/options.js';
import type { PageScreen } from '../../render/text/screen.js';
import { withFirstRead } from './first-read.js';
import { redactedEntries } from './redacted.js';
import type { PageRequest } from './page-request.js';
import { pageScreen } from './show-page.js';
import { pageThrough, printAll, printGroups, type LongPage } from './show-output.js';
import type { Conversation } from './viewer-source.js';

/** Maximum size of a transcript that is read as a whole to number the prompts of its tail, which takes some 50 ms. */
const MAX_NUMBERED_BYTES = 32 * 1024 * 1024;
/** Size above which a transcript is assumed to be longer than the screen. */
const MAX_FITTING_BYTES = 1024 * 1024;

/**
 * Prints a conversation; on a terminal, one longer than the screen is shown in the viewer or through a pager. Returns
 * how the reader left the viewer, or null; throws NOT_FOUND for a missing prompt.
 */
export async function printPage(request: PageRequest, context: Context): Promise<ViewerResult | null> {
  const { selection, path, pager } = request;
  const terminal = await viewerTerminal(pager, context);
  const isWhole = selection.head === undefined && selection.tail === undefined && selection.from === undefined;
  const isLong = request.follow || (isWhole && sizeOf(path) > MAX_FITTING_BYTES);
  if (terminal !== null && isLong) return view(request, terminal, context);
  if (request.follow) {
    const { followPage } = await import('./follow.js');
    return followPage(request, false, context);
  }
  const { options, messages } = readConversation(request);
  const screen = await pageScreen(context);
  let result: ViewerResult | null = null;
  const showLong: LongPage = async (first, rest) => {
    if (pager === false) await printAll(first, rest, context);
    else if (terminal === null) await pageThrough(first, rest, context, pager);
    else result = await view(request, terminal, context);
  };
  const next = context.stdout.isTerminal ? request.next : null;
  await printGroups(pageGroups(request.conversation, options, messages, screen, next), context, showLong);
  return result;
}

function* pageGroups(
  { header, folders }: Conversation,
  options: ConversationOptions,
  messages: Iterable<MessageEntry>,
  screen: PageScreen,
  next: string | null,
): Generator<readonly string[]> {
  yield header(screen);
  yield* conversationLines(messages, options, screen, folders);
  if (next !== null) yield ['', `Next: ${next}`];
}

/** Returns the messages to print, with the first one already read. Throws NOT_FOUND for a missing prompt. */
function readConversation({ path, selection, tools, thinking, conversation }: PageRequest): {
  options: ConversationOptions;
  messages: Iterable<MessageEntry>;
} {
  // Counting all prompts of a long transcript takes longer than reading its end.
  const numbered = selection.tail === undefined || sizeOf(path) <= MAX_NUMBERED_BYTES;
  const entries = readMessageEntries(path, { ...selection, brief: !tools, numbersTail: numbered });
  return {
    options: { tools: tools ? 'full' : 'folded', thinking, numbered },
    messages: withFirstRead(conversation.isRedacted ? redactedEntries(entries) : entries),
  };
}

/** Returns the terminal for the viewer; null if the page must be printed or paged. */
async function viewerTerminal(pager: PageRequest['pager'], context: Context): Promise<HostTerminal | null> {
  const { stdout, env } = context;
  return stdout.isTerminal && pager === undefined && env['CCSESS_PAGER'] === undefined ? context.terminal() : null;
}

async function view(request: PageRequest, terminal: HostTerminal, context: Context): Promise<ViewerResult> {
  const { openViewer } = await import('./open-viewer.js');
  const { path, selection, conversation, tools, thinking, follow } = request;
  const { which, sidechains = false, from, head } = selection;
  const start = from ?? (head === undefined ? ('end' as const) : ('start' as const));
  const mode = { tools: tools ? ('full' as const) : ('folded' as const), thinking };
  const shown = { path, thread: { which, sidechains }, conversation, mode, start, follow, canFork: true };
  return openViewer(shown, terminal, context);
}

function sizeOf(path: string): number {
  return statOrNull(path)?.size ?? 0;
}
