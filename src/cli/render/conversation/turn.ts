import { asEntry, asString } from '../../../transcript/messages/classify.js';
import type { SessionMessage } from '../../../transcript/messages/message.js';
import type { MessageEntry } from '../../../transcript/messages/messages.js';
import { oneLine } from '../text/sanitize.js';
import type { PageScreen } from '../text/screen.js';
import { imageLines } from './image.js';
import { indented, INDENT, textWidth } from './indent.js';
import { noteLines } from './notes.js';
import type { ConversationOptions, PagePart } from './options.js';
import { spentText } from './spent.js';
import { BETWEEN_CALLS, callLines, callRest, resultLines } from './tool-call.js';
import {
  isReadOnly,
  toolLine,
  toolText,
  type Folders,
  type ToolCall,
  type ToolLine,
  type ToolOutcome,
} from './tool-line.js';
import { largeOutcome, outcomesOf } from './tool-outcome.js';

/** A call waits for its outcome, the heading for the last answer; other parts are lines already. */
type Piece = { source: number } & (
  | { kind: 'heading' }
  | { kind: 'lines'; lines: string[] }
  | { kind: 'call'; call: ToolCall; outcome: ToolOutcome | null }
);

/** Claude's messages and calls between two prompts. */
export class Turn {
  readonly #pieces: Piece[] = [];
  readonly #calls = new Map<string, Extract<Piece, { kind: 'call' }>>();
  readonly #models = new Set<string>();
  readonly #times: string[] = [];
  #answered: boolean;

  /** `isContinued`: the heading was shown before. */
  constructor(
    readonly options: ConversationOptions,
    readonly screen: PageScreen,
    readonly folders: Folders,
    isContinued = false,
  ) {
    this.#answered = isContinued;
  }

  /** Adds a message; `source` is its index among those of the page. */
  add({ message, entry, large }: MessageEntry, source = 0): void {
    if (message.kind === 'answer') this.#addAnswer(message, source);
    else if (large !== null) this.#settle(largeOutcome(large), source);
    else if (message.kind === 'tool-result')
      for (const outcome of outcomesOf(entry, message.content)) this.#settle(outcome, source);
    else {
      const lines = noteLines(message, entry, this.screen);
      if (lines.length > 0) this.#addLines(['', ...lines], source);
    }
  }

  /** The lines of all parts. */
  lines(): string[] {
    let lines: string[] = [];
    // `concat`, not `push(...)`: a full tool result may have more lines than a call can have arguments.
    for (const { lines: more } of this.parts())
      void (more.length < 100 ? lines.push(...more) : (lines = lines.concat(more)));
    return lines;
  }

  /** The parts in order; with `isOpen`, the heading leaves out when the turn ended. */
  parts(isOpen = false): PagePart[] {
    const { color, width, fit } = this.screen;
    const { tools } = this.options;
    const parts: PagePart[] = [];
    /** Calls that only read share a line as long as it fits. */
    let shared: { source: number; calls: ToolLine[] } = { source: 0, calls: [] };
    const endShared = (): void => {
      if (shared.calls.length > 0) parts.push({ source: shared.source, lines: callLines(shared.calls, this.screen) });
      shared = { source: 0, calls: [] };
    };
    for (const piece of this.#pieces) {
      const { source } = piece;
      if (piece.kind !== 'call') {
        endShared();
        const heading = (): string[] => [
          '',
          `${INDENT}${color.bold('claude')}  ${color.dim(spentText(this.#times, this.#models, isOpen))}`.trimEnd(),
        ];
        parts.push({ source, lines: piece.kind === 'heading' ? heading() : piece.lines });
        continue;
      }
      const line = toolLine(piece.call, piece.outcome, this.folders, { width: textWidth(this.screen), fit });
      const mayShare = isReadOnly(piece.call) && tools === 'folded' && Number.isFinite(width);
      const both = [...shared.calls, line];
      const isFitting = fit.widthOf(INDENT + both.map(toolText).join(BETWEEN_CALLS)) <= width;
      if (mayShare && shared.calls.length > 0 && isFitting) {
        shared = { source: shared.source, calls: both };
        continue;
      }
      endShared();
      if (mayShare) shared = { source, calls: [line] };
      else
        parts.push({
          source,
          lines: [...callLines([line], this.screen), ...callRest(piece.call, piece.outcome, tools, this.screen)],
        });
    }
    endShared();
    return parts;
  }

  #addAnswer(message: SessionMessage, source: number): void {
    const { model, timestamp, content } = message;
    // Inserted by Claude Code where a conversation continues without an answer.
    if (model === '<synthetic>' && message.text === 'No response requested.') return;
    if (!this.#answered) this.#pieces.push({ source, kind: 'heading' });
    this.#answered = true;
    if (model !== null && model !== '<synthetic>') this.#models.add(shortModel(model));
    if (timestamp !== null) this.#times.push(timestamp);
    for (const block of content.map(asEntry)) {
      if (block?.['type'] === 'text') this.#addLines(this.#answerLines(asString(block['text']) ?? ''), source);
      if (block?.['type'] === 'thinking' && this.options.thinking) {
        const text = asString(block['thinking']) ?? '';
        const lines = text === '' ? [] : indented(`thinking: ${text}`, this.screen);
        this.#addLines(
          lines.map((line) => this.screen.color.dim(line)),
          source,
        );
      }
      if (block?.['type'] === 'tool_use' || block?.['type'] === 'server_tool_use') {
        const call = { name: asString(block['name']) ?? 'tool', input: asEntry(block['input']) ?? {} };
        const piece = { source, kind: 'call' as const, call, outcome: null };
        this.#pieces.push(piece);
        this.#calls.set(asString(block['id']) ?? '', piece);
      }
    }
    if (this.screen.markdown !== null)
      this.#addLines(
        imageLines(content).map((line) => INDENT + this.screen.color.cyan(line)),
        source,
      );
  }

  /** An answer's text: Markdown laid out on a terminal, as written in a pipe. */
  #answerLines(text: string): string[] {
    const { markdown } = this.screen;
    if (markdown === null) return indented(text, this.screen);
    return markdown(text, textWidth(this.screen)).map((line) => (line === '' ? '' : INDENT + line));
  }

  #addLines(lines: string[], source: number): void {
    if (lines.length > 0) this.#pieces.push({ source, kind: 'lines', lines });
  }

  #settle([id, outcome]: [id: string, outcome: ToolOutcome], source: number): void {
    const call = this.#calls.get(id);
    if (call !== undefined) call.outcome = outcome;
    // A result whose call is not shown (the page begins after it).
    else this.#addLines(resultLines(outcome, this.options.tools, this.screen), source);
  }
}

function shortModel(model: string): string {
  return oneLine(model)
    .replace(/^claude-/, '')
    .replace(/-\d{8}$/, '');
}
