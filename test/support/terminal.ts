import headless from '@xterm/headless';
import type { EndingSignal, HostListener, HostTerminal, Size } from '../../src/tui/host.js';

/** A terminal in memory: it shows what is written to it, and its keys are typed by the test. */
export class TestTerminal implements HostTerminal {
  readonly colors;
  canStop = true;
  /** Everything that was written. */
  written = '';
  /** The signal that ended the process. */
  died: EndingSignal | null = null;
  stops = 0;
  #listener: HostListener | null = null;
  readonly #xterm;
  #pending = Promise.resolve();

  constructor(size: Size, colors: HostTerminal['colors'] = 0) {
    this.colors = colors;
    this.#xterm = new headless.Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true });
    this.#write('before\r\n$ ');
  }

  write(text: string): void {
    this.written += text;
    this.#write(text);
  }

  #write(text: string): void {
    this.#pending = this.#pending.then(() => new Promise((resolve) => this.#xterm.write(text, resolve)));
  }

  size(): Size {
    return { columns: this.#xterm.cols, rows: this.#xterm.rows };
  }

  listen(listener: HostListener | null): void {
    this.#listener = listener;
  }

  stop(): void {
    this.stops++;
  }

  die(signal: EndingSignal): void {
    this.died = signal;
  }

  /** True while single keys are read. */
  get isListening(): boolean {
    return this.#listener !== null;
  }

  /** Types keys as bytes of a terminal, all in one read, and waits until the screen has changed. */
  async type(...keys: string[]): Promise<void> {
    this.#listener?.onInput(Buffer.from(keys.join('')));
    await this.settle();
  }

  /** Waits until everything that is due was drawn. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setImmediate(resolve));
    await this.#pending;
  }

  async resize(size: Size): Promise<void> {
    await this.#pending;
    this.#xterm.resize(size.columns, size.rows);
    this.#listener?.onResize();
    await this.settle();
  }

  /** An event of the process or the terminal. */
  emit(event: 'end' | 'stop' | 'continue' | 'exit' | EndingSignal): void {
    if (event === 'end') this.#listener?.onEnd();
    else if (event === 'stop') this.#listener?.onStop();
    else if (event === 'continue') this.#listener?.onContinue();
    else if (event === 'exit') this.#listener?.onExit();
    else this.#listener?.onSignal(event);
  }

  /** The visible rows, without the spaces at their ends. */
  get rows(): string[] {
    const { active } = this.#xterm.buffer;
    return Array.from({ length: this.#xterm.rows }, (_, at) =>
      (active.getLine(active.viewportY + at)?.translateToString(true) ?? '').trimEnd(),
    );
  }

  /** The texts that are shown with an attribute, with the number of their row. */
  textsWith(attribute: 'inverse' | 'underline'): { row: number; text: string }[] {
    const { active } = this.#xterm.buffer;
    const texts: { row: number; text: string }[] = [];
    for (let row = 0; row < this.#xterm.rows; row++) {
      let last: { row: number; text: string } | null = null;
      for (let column = 0; column < this.#xterm.cols; column++) {
        const cell = active.getLine(active.viewportY + row)?.getCell(column);
        const hasIt = (attribute === 'inverse' ? cell?.isInverse() : cell?.isUnderline()) ?? 0;
        if (hasIt === 0) last = null;
        else if (last === null) texts.push((last = { row, text: cell?.getChars() ?? '' }));
        else last.text += cell?.getChars() ?? '';
      }
    }
    return texts;
  }

  /** The picture: the visible rows as one text, without empty ones at the end. */
  get picture(): string {
    return this.rows.join('\n').trimEnd();
  }

  get cursor(): { row: number; column: number } {
    const { active } = this.#xterm.buffer;
    return { row: active.cursorY, column: active.cursorX };
  }

  /** True while the alternate screen is shown. */
  get isTakenOver(): boolean {
    return this.#xterm.buffer.active.type === 'alternate';
  }

  /** The modes that a program must leave as it found them. */
  get modes(): { bracketedPaste: boolean; wraparound: boolean } {
    const { bracketedPasteMode, wraparoundMode } = this.#xterm.modes;
    return { bracketedPaste: bracketedPasteMode, wraparound: wraparoundMode };
  }
}

/** The bytes that terminals send for keys without text. */
export const KEYS = {
  enter: '\r',
  esc: '\u001b[27u',
  tab: '\t',
  backspace: '\u007f',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  pageDown: '\u001b[6~',
  pageUp: '\u001b[5~',
  home: '\u001b[H',
  end: '\u001b[F',
  f1: '\u001bOP',
} as const;

/** The byte of a letter with Ctrl. */
export function ctrl(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) & 31);
}

/** The bytes of a character with Alt. */
export function alt(character: string): string {
  return `\u001b${character}`;
}

/** Bytes of a paste. */
export function paste(text: string): string {
  return `\u001b[200~${text}\u001b[201~`;
}
