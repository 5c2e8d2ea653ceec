import { setTimeout as sleep } from 'node:timers/promises';
import { CcsessError } from '../../../system/errors.js';
import { findTranscripts } from '../../../claude/scan/find-transcript.js';
import { asEntry, asString } from '../../../transcript/messages/classify.js';
import { MessageBlocks } from '../../../transcript/messages/message-blocks.js';
import type { MessageEntry } from '../../../transcript/messages/messages.js';
import type { Context } from '../../context.js';
import { conversationParts } from '../../render/conversation/conversation.js';
import { messageLines } from '../../render/message-json.js';
import type { PageRequest } from './page-request.js';
import { redactedEntries } from './redacted.js';
import { pageScreen } from './show-page.js';

/** Milliseconds between two checks of the file. */
const FOLLOW_MS = 500;

/**
 * Prints a conversation and then each new message, until the process ends or the reader is gone; a tool call is printed
 * with its result. The transcript may be moved, replaced, truncated or removed meanwhile.
 */
export async function followPage(request: PageRequest, isJson: boolean, context: Context): Promise<never> {
  const { selection, conversation, path } = request;
  const { which, sidechains = false } = selection;
  const printer = isJson ? new JsonPrinter(context) : new TextPrinter(request, context, await pageScreen(context));
  const seen = new Set<string>();
  let blocks = new MessageBlocks(path, { which, sidechains });
  blocks.readAll();
  skipEarlier(blocks, selection, seen);
  await printer.begin();
  for (let isGone = false; ; await sleep(FOLLOW_MS)) {
    const fresh = blocks.readUnseen(seen, !isJson && !request.tools);
    await printer.print(conversation.isRedacted ? [...redactedEntries(fresh)] : fresh);
    const change = blocks.refresh();
    // A subagent's transcript moves with its session, but its new path is not looked up.
    const isLost = change === 'gone' && !sidechains;
    const moved = isLost ? findTranscripts(context.configDirs, conversation.id)[0] : undefined;
    if (moved !== undefined && moved !== blocks.path) {
      blocks.close();
      blocks = new MessageBlocks(moved, { which, sidechains });
      blocks.readAll();
    } else if (change === 'gone' && !isGone) {
      await context.stderr.write('ccsess: the transcript was removed: waiting for it to reappear (Ctrl-C ends).\n');
    }
    isGone = change === 'gone' && moved === undefined;
  }
}

/** Marks the messages before the selected ones as seen. Throws NOT_FOUND if the selected prompt does not exist. */
function skipEarlier(blocks: MessageBlocks, { tail, from }: PageRequest['selection'], seen: Set<string>): void {
  if (tail === undefined && from === undefined) return;
  const uuids = blocks.uuids;
  const promptBlock = from === undefined ? undefined : blocks.promptBlocks[from - 1];
  if (from !== undefined && promptBlock === undefined)
    throw new CcsessError('NOT_FOUND', `the conversation has no prompt ${from}.`, {
      hint: `its prompts are numbered 1 to ${blocks.promptBlocks.length}`,
    });
  const start =
    from === undefined ? uuids.length - (tail ?? 0) : (blocks.blocks[promptBlock ?? -1]?.first ?? uuids.length);
  for (const uuid of uuids.slice(0, Math.max(0, start))) seen.add(uuid);
}

interface Printer {
  begin(): Promise<void>;
  print(entries: readonly MessageEntry[]): Promise<void>;
}

/** Prints one message per line. */
class JsonPrinter implements Printer {
  constructor(readonly context: Context) {}

  begin(): Promise<void> {
    return Promise.resolve();
  }

  async print(entries: readonly MessageEntry[]): Promise<void> {
    for (const piece of messageLines(entries)) await this.context.stdout.write(piece);
  }
}

/** Prints messages as a page; a tool call without a result, and all messages after it, wait for the result. */
class TextPrinter implements Printer {
  #pending: MessageEntry[] = [];
  #isAnswered = false;

  constructor(
    readonly request: PageRequest,
    readonly context: Context,
    readonly screen: Awaited<ReturnType<typeof pageScreen>>,
  ) {}

  begin(): Promise<void> {
    return this.#write(this.request.conversation.header(this.screen));
  }

  async print(entries: readonly MessageEntry[]): Promise<void> {
    const all = this.#pending.concat(entries);
    const end = firstOpenCall(all);
    const ready = all.slice(0, end);
    this.#pending = all.slice(end);
    const { tools, thinking, conversation } = this.request;
    const options = { tools: tools ? ('full' as const) : ('folded' as const), thinking, numbered: true };
    const turn = { isContinued: this.#isAnswered, isOpen: true };
    const parts = conversationParts(ready, options, this.screen, conversation.folders, turn);
    for (const { message } of ready) {
      if (message.kind === 'prompt') this.#isAnswered = false;
      if (message.kind === 'answer') this.#isAnswered = true;
    }
    await this.#write(parts.flatMap(({ lines }) => lines));
  }

  async #write(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.context.stdout.write(`${lines.join('\n')}\n`);
  }
}

/**
 * Returns the position of the first message after the last prompt with a tool call that has no result yet; the number
 * of messages if there is none.
 */
function firstOpenCall(entries: readonly MessageEntry[]): number {
  const start = entries.findLastIndex(({ message }) => message.kind === 'prompt') + 1;
  const answered = new Set(
    entries.flatMap(({ message, large }) =>
      large === null ? message.content.map((block) => asString(asEntry(block)?.['tool_use_id'])) : [large.toolUseId],
    ),
  );
  const isOpen = ({ message }: MessageEntry): boolean =>
    message.kind === 'answer' &&
    message.content
      .map(asEntry)
      .some((block) => block?.['type'] === 'tool_use' && !answered.has(asString(block['id'])));
  const found = entries.findIndex((entry, at) => at >= start && isOpen(entry));
  return found < 0 ? entries.length : found;
}
