import { promptText } from '../../../transcript/messages/classify.js';
import type { MessageBlocks } from '../../../transcript/messages/message-blocks.js';
import type { MessageEntry } from '../../../transcript/messages/messages.js';
import type { RefreshResult, ViewerSource, ViewMode, ViewPart } from '../../../tui/viewer/source.js';
import { conversationParts } from '../../render/conversation/conversation.js';
import type { Folders } from '../../render/conversation/tool-line.js';
import type { PageScreen } from '../../render/text/screen.js';
import { mayShow } from './may-show.js';
import { redactedEntries } from './redacted.js';

/** Number of messages at the end of a long transcript that are shown before the rest is read. */
const FIRST_MESSAGES = 120;
/** Transcripts up to this size in bytes are read at once. */
const MAX_AT_ONCE = 8 * 1024 * 1024;
/** Key of the header; no message has it. */
const HEADER_KEY = -1;

/** Facts about a conversation that a viewer shows in addition to the messages. */
export interface Conversation {
  title: string;
  id: string;
  /** Returns the lines above the conversation for a screen. */
  header: (screen: PageScreen) => readonly string[];
  folders: Folders;
  isRedacted: boolean;
}

/** A conversation for the viewer: a header and blocks of messages. */
export class ConversationSource implements ViewerSource {
  /** Reads the positions of the last messages, or of all if the conversation is short or `isWhole` is true. */
  constructor(
    readonly blocks: MessageBlocks,
    readonly conversation: Conversation,
    readonly screen: PageScreen,
    isWhole: boolean,
  ) {
    if (isWhole || blocks.size <= MAX_AT_ONCE) blocks.readAll();
    else blocks.readEnd(FIRST_MESSAGES);
  }

  get title(): string {
    return this.conversation.title;
  }

  get id(): string {
    return this.conversation.id;
  }

  get path(): string {
    return this.blocks.path;
  }

  get count(): number {
    return this.blocks.blocks.length + 1;
  }

  get prompts(): readonly number[] {
    return this.blocks.promptBlocks.map((at) => at + 1);
  }

  get isWhole(): boolean {
    return this.blocks.isWhole;
  }

  extend(): void {
    this.blocks.readMore();
  }

  complete(): Generator<void, () => void> {
    return this.blocks.readAllSteps();
  }

  refresh(): RefreshResult {
    const change = this.blocks.refresh();
    if (change === 'gone')
      return { hasChanged: false, note: 'The transcript was removed; what was read stays readable.' };
    const note = change === 'replaced' ? 'The transcript was replaced and read again.' : null;
    return { hasChanged: change !== 'none', note };
  }

  parts(block: number, mode: ViewMode, width: number): readonly ViewPart[] {
    const screen = { ...this.screen, width };
    const { header, folders } = this.conversation;
    if (block === 0) {
      const rest = this.isWhole ? [] : ['', this.screen.color.dim('  … earlier messages')];
      return [{ key: HEADER_KEY, lines: [...header(screen), ...rest] }];
    }
    const entries = this.#read(block, mode.tools !== 'full');
    const options = { ...mode, numbered: this.isWhole };
    const turn = this.blocks.blocks[block - 1] ?? { isContinued: false, isOpen: false };
    return conversationParts(entries, options, screen, folders, turn).map(({ source, lines }) => ({
      key: entries[source]?.node.start ?? HEADER_KEY,
      lines,
    }));
  }

  mayHold(block: number, mode: ViewMode, word: string): boolean {
    return block === 0 || mayShow(this.#read(block, mode.tools !== 'full'), word);
  }

  blockOf(key: number): number | null {
    if (key === HEADER_KEY) return 0;
    const block = this.blocks.blockAt(key);
    return block === null ? null : block + 1;
  }

  textOf(block: number, key: number): string {
    const item = block === 0 ? undefined : this.#read(block, true).find(({ node }) => node.start === key);
    if (item === undefined || item.large !== null || item.message.kind === 'tool-result') return '';
    return item.message.kind === 'prompt' ? promptText(item.entry) || item.message.text : item.message.text;
  }

  #read(block: number, brief: boolean): MessageEntry[] {
    const entries = this.blocks.read(block - 1, brief);
    return this.conversation.isRedacted ? [...redactedEntries(entries)] : entries;
  }
}
