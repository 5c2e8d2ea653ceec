import {
  asEntry,
  asString,
  classifyUser,
  promptText,
  typedCommand,
  type Entry,
} from '../../transcript/messages/classify.js';
import { jsonText } from '../../transcript/json/json-text.js';
import type { SessionMessage } from '../../transcript/messages/message.js';
import type { MessageEntry } from '../../transcript/messages/messages.js';
import { dayAndTime, formatMoment } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { PageScreen } from './text/screen.js';
import { isLooking, toolLine, type Folders, type ToolCall, type ToolOutcome } from './tool-line.js';
import { largeOutcome, outcomesOf } from './tool-outcome.js';

/** Parts of a conversation that a page shows. */
export interface ConversationOptions {
  /** Inputs and results of tools in full, instead of a line each. */
  tools: boolean;
  thinking: boolean;
  /** Prompts carry the number `fork --at` takes; without, as when only the end is read, none. */
  numbered: boolean;
}

const INDENT = '    ';
const BESIDE = '   ';

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

function promptLines(
  { message, entry }: MessageEntry,
  { numbered }: ConversationOptions,
  screen: PageScreen,
): string[] {
  const number = numbered ? String(message.prompt).padStart(2) : '  ';
  const text = promptText(entry);
  const when = message.timestamp === null ? '' : dayAndTime(message.timestamp, screen.now);
  const { color } = screen;
  return [
    '',
    `${color.dim(number)}  ${color.bold('you')}     ${color.dim(when)}`.trimEnd(),
    ...indented(text === '' ? message.text : text, screen),
  ];
}

/** A call waits for its outcome, the heading for the last answer; other parts are lines already. */
type Part = 'heading' | { lines: string[] } | { call: ToolCall; outcome: ToolOutcome | null };

/** Everything Claude did between two prompts. */
class Turn {
  readonly #parts: Part[] = [];
  readonly #calls = new Map<string, { call: ToolCall; outcome: ToolOutcome | null }>();
  readonly #models = new Set<string>();
  readonly #times: string[] = [];
  #answered = false;

  constructor(
    readonly options: ConversationOptions,
    readonly screen: PageScreen,
    readonly folders: Folders,
  ) {}

  add({ message, entry, large }: MessageEntry): void {
    if (message.kind === 'answer') this.#addAnswer(message);
    else if (large !== null) this.#settle(largeOutcome(large));
    else if (message.kind === 'tool-result')
      for (const outcome of outcomesOf(entry, message.content)) this.#settle(outcome);
    else this.#addNote(noteLines(message, entry, this.screen));
  }

  lines(): string[] {
    const { color, width, fit } = this.screen;
    let lines: string[] = [];
    // `concat`, not `push(...)`: a full tool result may have more lines than a call can have arguments.
    const add = (more: readonly string[]): void =>
      void (more.length < 100 ? lines.push(...more) : (lines = lines.concat(more)));
    /** Calls that only look share a line as long as it fits. */
    let shared = '';
    for (const part of this.#parts) {
      const isCall = part !== 'heading' && 'call' in part;
      const line = isCall ? toolLine(part.call, part.outcome, this.folders, { width: width - INDENT.length, fit }) : '';
      const mayShare = isCall && isLooking(part.call) && !this.options.tools && Number.isFinite(width);
      if (mayShare && shared !== '' && fit.widthOf(INDENT + shared + BESIDE + line) <= width) {
        shared += BESIDE + line;
        continue;
      }
      if (shared !== '') add(this.#toolLines(shared));
      shared = mayShare ? line : '';
      if (part === 'heading') add(['', `${INDENT}${color.bold('claude')}  ${color.dim(this.#spent())}`.trimEnd()]);
      else if ('lines' in part) add(part.lines);
      else if (this.options.tools) add(this.#fullCall(line, part));
      else if (!mayShare) add(this.#toolLines(line));
    }
    if (shared !== '') add(this.#toolLines(shared));
    return lines;
  }

  #addAnswer(message: SessionMessage): void {
    const { model, timestamp, content } = message;
    // Inserted by Claude Code where a conversation continues without an answer.
    if (model === '<synthetic>' && message.text === 'No response requested.') return;
    if (!this.#answered) this.#parts.push('heading');
    this.#answered = true;
    if (model !== null && model !== '<synthetic>')
      this.#models.add(
        oneLine(model)
          .replace(/^claude-/, '')
          .replace(/-\d{8}$/, ''),
      );
    if (timestamp !== null) this.#times.push(timestamp);
    for (const block of content.map(asEntry)) {
      if (block?.['type'] === 'text') this.#addLines(indented(asString(block['text']) ?? '', this.screen));
      if (block?.['type'] === 'thinking' && this.options.thinking) {
        const text = asString(block['thinking']) ?? '';
        if (text !== '')
          this.#addLines(indented(`thinking: ${text}`, this.screen).map((line) => this.screen.color.dim(line)));
      }
      if (block?.['type'] === 'tool_use' || block?.['type'] === 'server_tool_use') {
        const part = {
          call: { name: asString(block['name']) ?? 'tool', input: asEntry(block['input']) ?? {} },
          outcome: null,
        };
        this.#parts.push(part);
        this.#calls.set(asString(block['id']) ?? '', part);
      }
    }
  }

  #addNote(lines: string[]): void {
    if (lines.length > 0) this.#parts.push({ lines: ['', ...lines] });
  }

  #addLines(lines: string[]): void {
    if (lines.length > 0) this.#parts.push({ lines });
  }

  #settle([id, outcome]: [id: string, outcome: ToolOutcome]): void {
    const call = this.#calls.get(id);
    if (call !== undefined) call.outcome = outcome;
    // A result whose call is not shown (the page begins after it).
    else this.#addLines(this.options.tools && outcome.text !== null ? indented(outcome.text, this.screen, '  │ ') : []);
  }

  #toolLines(line: string): string[] {
    return this.screen.fit.wrap(INDENT + line, this.screen.width).map((text) => this.screen.color.cyan(text));
  }

  #fullCall(line: string, { call, outcome }: { call: ToolCall; outcome: ToolOutcome | null }): string[] {
    const input = Object.entries(call.input).map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? value : jsonText(value)}`,
    );
    return [
      ...this.#toolLines(line),
      ...input.flatMap((text) => indented(text, this.screen, '    ')),
      ...(outcome?.text ? indented(outcome.text, this.screen, '  │ ').map((text) => this.screen.color.dim(text)) : []),
    ];
  }

  /** `18:02 → 18:09 · opus-5-5 · 7m 12s`. */
  #spent(): string {
    const [first, last] = [this.#times[0], this.#times.at(-1)];
    const models = [...this.#models].join(', ');
    if (first === undefined || last === undefined) return models;
    const [start, end] = [first, last].map((time) => formatMoment(Date.parse(time)).slice(-5));
    const span = Date.parse(last) - Date.parse(first);
    return [start === end ? start : `${start} → ${end}`, models, span >= 1000 ? duration(span) : '']
      .filter((part) => part !== '')
      .join(' · ');
  }
}

/** Commands, interruptions, compactions and errors: what a reader wants to know of Claude Code's own messages. */
function noteLines(message: SessionMessage, entry: Entry, screen: PageScreen): string[] {
  const dim = (text: string): string[] => indented(text, screen).map((line) => screen.color.dim(line));
  if (message.kind === 'compact-summary') return dim(`summary of what came before:\n${message.text}`);
  if (message.kind === 'system') {
    const subtype = asString(entry['subtype']);
    if (subtype === 'compact_boundary') return dim(compaction(entry));
    if (subtype === 'local_command') return dim(commandText(asString(entry['content']) ?? ''));
    const error = asString(entry['content']) ?? '';
    return subtype === 'api_error' || subtype === 'informational' ? dim(error) : [];
  }
  const kind = classifyUser(entry);
  if (kind === 'command-echo') return dim(commandText(message.text));
  if (kind === 'interruption') return dim(oneLine(message.text));
  return kind === 'notification'
    ? dim(`notice: ${tagged(message.text, 'summary') ?? oneLine(message.text).slice(0, 200)}`)
    : [];
}

function compaction(entry: Entry): string {
  const metadata = asEntry(entry['compactMetadata']);
  const trigger = asString(metadata?.['trigger']);
  const tokens = metadata?.['preTokens'];
  const details = [trigger ?? '', typeof tokens === 'number' ? `${grouped(tokens)} tokens` : ''].filter(
    (part) => part !== '',
  );
  return details.length === 0 ? 'compacted' : `compacted (${details.join(', ')})`;
}

/** `/name arguments`, `! command`, or what a command printed. */
function commandText(text: string): string {
  return typedCommand(text) ?? text.replace(/<\/?(?:local-command|bash|command)-[a-z]+>/g, '').trim();
}

function tagged(text: string, tag: string): string | null {
  return new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1]?.trim() ?? null;
}

/** Text as indented lines, safe to print, blank lines at its ends left out. */
function indented(text: string, screen: PageScreen, mark = ''): string[] {
  const width = Math.max(20, screen.width - INDENT.length - mark.length);
  const whole = text.trimEnd();
  const start = whole.lastIndexOf('\n', whole.length - whole.trimStart().length) + 1;
  const lines: string[] = [];
  for (const line of whole === '' ? [] : whole.slice(start).split(/\r\n?|\n/)) {
    const safe = sanitize(line.includes('\t') ? line.replaceAll('\t', '  ') : line);
    for (const piece of screen.fit.wrap(safe, width)) lines.push((INDENT + mark + piece).trimEnd());
  }
  return lines;
}

/** `42s`, `7m 12s`, `3h 5m`, `2 days`. */
function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
  return counted(Math.floor(seconds / 86_400), 'day');
}
