import { changesBetween, type Grid } from './frame/diff.js';
import { cellsOf } from './frame/cells.js';
import type { Row } from './frame/style.js';
import type { EndingSignal, HostTerminal, Size } from './host.js';
import { KeyDecoder, type KeyEvent } from './keys/key-decoder.js';

/** The content of the whole screen. Rows beyond its height and text beyond its width are not shown. */
export interface Frame {
  rows: readonly Row[];
  /** Position of the cursor from 0; null hides it. */
  cursor: { row: number; column: number } | null;
}

/** Something that happened: a key, text, a paste; `end` if the terminal is gone, after which the app must close. */
export type ScreenEvent = KeyEvent | { type: 'end' };

/** A program on the screen, which draws frames and handles events. */
export interface ScreenApp {
  /** Returns the frame for a terminal of this size. Called once for all events that arrived together. */
  draw(size: Size): Frame;
  /** Handles one event; the screen is drawn afterwards. */
  onEvent(event: ScreenEvent): void;
}

/** The functions by which an app acts on its screen. */
export interface ScreenControl<Result> {
  readonly size: Size;
  /** Asks for a new frame, for example after something was read; several calls lead to one frame. */
  redraw(): void;
  /** Ends the app; `Screen.run` resolves to the result. */
  close(result: Result): void;
  /** Ends the app with an error, for example of a task it started; `Screen.run` rejects with it. */
  fail(error: unknown): void;
}

/** A terminal in use as a screen: alternate screen, single keys; restored by `close` and whenever the process ends. */
export interface Screen {
  readonly size: Size;
  /** Runs an app until it closes. An app may run another one on top, which hides it until that one closes. */
  run<Result>(start: (control: ScreenControl<Result>) => ScreenApp): Promise<Result>;
  /** Releases the terminal for the duration of a task, such as another program, then takes it over again. */
  outside<Result>(task: () => Promise<Result>): Promise<Result>;
  /** Copies text to the clipboard of the terminal (OSC 52), if it allows that. */
  copy(text: string): void;
  /** Restores the terminal; further calls do nothing. */
  close(): void;
}

/** Time after which an ESC with nothing after it counts as the Esc key. */
const ESCAPE_WAIT_MS = 40;
const RESUME_AFTER_MS = 200;
const ESC = '\u001b';
/**
 * Alternate screen, no line wrap, bracketed paste, focus reports, and kitty's keyboard protocol with unambiguous keys
 * and the keys of other layouts. Terminals ignore sequences that they do not know.
 */
const ENTER = `${ESC}[?1049h${ESC}[?7l${ESC}[?2004h${ESC}[?1004h${ESC}[>5u${ESC}[?25l${ESC}[m${ESC}[2J`;
const LEAVE = `${ESC}[m${ESC}[<u${ESC}[?1004l${ESC}[?2004l${ESC}[?7h${ESC}[?25h${ESC}[?1049l`;
const START_UPDATE = `${ESC}[?2026h`;
const END_UPDATE = `${ESC}[?2026l`;

interface RunningApp {
  app: ScreenApp | null;
  fail(error: unknown): void;
}

/** Takes over a terminal. Nothing runs while nothing is typed: there are no timers. */
export function openScreen(host: HostTerminal): Screen {
  return new TerminalScreen(host);
}

class TerminalScreen implements Screen {
  readonly #host: HostTerminal;
  readonly #apps: RunningApp[] = [];
  #decoder = new KeyDecoder();
  #shown: Grid | null = null;
  #cursor = '';
  #isActive = false;
  #isClosed = false;
  #drawing: NodeJS.Immediate | null = null;
  #escapeTimer: NodeJS.Timeout | null = null;
  #resumeTimer: NodeJS.Timeout | null = null;

  constructor(host: HostTerminal) {
    this.#host = host;
    this.#takeOver();
  }

  get size(): Size {
    return this.#host.size();
  }

  run<Result>(start: (control: ScreenControl<Result>) => ScreenApp): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const running: RunningApp = { app: null, fail: (error) => end(() => reject(asError(error))) };
      let isOver = false;
      const end = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        const at = this.#apps.indexOf(running);
        if (at >= 0) this.#apps.splice(at, 1);
        settle();
        this.#scheduleDraw();
      };
      const host = this.#host;
      this.#apps.push(running);
      try {
        running.app = start({
          get size() {
            return host.size();
          },
          redraw: () => this.#scheduleDraw(),
          close: (result) => end(() => resolve(result)),
          fail: running.fail,
        });
        // Drawn immediately instead of after the event loop's next turn, since no other event is to be combined with
        // this one.
        this.#draw();
      } catch (error) {
        running.fail(error);
      }
    });
  }

  async outside<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#giveBack();
    try {
      return await task();
    } finally {
      if (!this.#isClosed) this.#takeOver();
    }
  }

  copy(text: string): void {
    if (this.#isActive) this.#host.write(`${ESC}]52;c;${Buffer.from(text).toString('base64')}\u0007`);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#resumeTimer !== null) clearTimeout(this.#resumeTimer);
    this.#giveBack();
  }

  #takeOver(): void {
    if (this.#isActive || this.#isClosed) return;
    this.#isActive = true;
    this.#host.write(ENTER);
    this.#host.listen({
      onInput: (bytes) => this.#onInput(bytes),
      onEnd: () => this.#dispatch([{ type: 'end' }]),
      onResize: () => this.redraw(),
      onSignal: (signal) => this.#die(signal),
      onStop: () => this.#stop(),
      onContinue: () => this.#resume(),
      onExit: () => this.close(),
    });
    this.redraw();
  }

  #giveBack(): void {
    if (!this.#isActive) return;
    this.#isActive = false;
    this.#clearTimers();
    this.#host.listen(null);
    this.#host.write(LEAVE);
    this.#shown = null;
    this.#decoder = new KeyDecoder();
  }

  #clearTimers(): void {
    if (this.#escapeTimer !== null) clearTimeout(this.#escapeTimer);
    if (this.#drawing !== null) clearImmediate(this.#drawing);
    this.#escapeTimer = null;
    this.#drawing = null;
  }

  #onInput(bytes: Uint8Array): void {
    if (this.#escapeTimer !== null) clearTimeout(this.#escapeTimer);
    this.#escapeTimer = null;
    this.#dispatch(this.#decoder.decode(bytes));
    if (!this.#decoder.isWaiting || !this.#isActive) return;
    this.#escapeTimer = setTimeout(() => {
      this.#escapeTimer = null;
      this.#dispatch(this.#decoder.flush());
    }, ESCAPE_WAIT_MS);
  }

  #dispatch(events: readonly ScreenEvent[]): void {
    for (const event of events) {
      if (!this.#isActive) return;
      if (event.type === 'key' && event.key === 'ctrl-z') {
        this.#stop();
        continue;
      }
      // The end of the terminal ends all apps.
      const apps = event.type === 'end' ? [...this.#apps].reverse() : this.#apps.slice(-1);
      for (const app of apps) this.#pass(event, app);
    }
    this.#scheduleDraw();
  }

  #pass(event: ScreenEvent, running: RunningApp): void {
    try {
      running.app?.onEvent(event);
    } catch (error) {
      running.fail(error);
    }
  }

  /**
   * Keys held down arrive faster than frames can be drawn, so one frame is drawn for all events of a turn of the event
   * loop.
   */
  #scheduleDraw(): void {
    if (!this.#isActive || this.#drawing !== null || this.#apps.length === 0) return;
    this.#drawing = setImmediate(() => {
      this.#drawing = null;
      this.#draw();
    });
  }

  redraw(): void {
    this.#shown = null;
    this.#scheduleDraw();
  }

  #draw(): void {
    const top = this.#apps.at(-1);
    if (!this.#isActive || top?.app === undefined || top.app === null) return;
    const size = this.#host.size();
    try {
      this.#write(top.app.draw(size), size);
    } catch (error) {
      top.fail(error);
    }
  }

  #write({ rows, cursor }: Frame, { columns, rows: height }: Size): void {
    const { colors } = this.#host;
    const grid = Array.from({ length: height }, (_, at) => cellsOf(rows[at] ?? [], columns, colors));
    const isSameSize = this.#shown?.length === height && this.#shown[0]?.length === columns;
    const before = isSameSize ? this.#shown : null;
    const changes = (before === null ? `${ESC}[m${ESC}[2J` : '') + changesBetween(before, grid);
    const cursorCodes = cursorAt(cursor, columns, height);
    this.#shown = grid;
    if (changes === '' && cursorCodes === this.#cursor) return;
    this.#cursor = cursorCodes;
    this.#host.write(`${START_UPDATE}${ESC}[?25l${changes}${cursorCodes}${END_UPDATE}`);
  }

  #stop(): void {
    if (!this.#host.canStop || !this.#isActive) return;
    this.#giveBack();
    this.#host.stop();
    // Fires as soon as the process runs again, and also where nothing could stop it (without a shell that would
    // continue it).
    this.#resumeTimer = setTimeout(() => this.#resume(), RESUME_AFTER_MS);
  }

  /**
   * The shell, or another program that stopped the process, may have changed the terminal, so everything is set up
   * again.
   */
  #resume(): void {
    if (this.#resumeTimer !== null) clearTimeout(this.#resumeTimer);
    this.#resumeTimer = null;
    if (this.#isClosed) return;
    this.#giveBack();
    this.#host.listen(null);
    this.#takeOver();
  }

  #die(signal: EndingSignal): void {
    this.close();
    this.#host.listen(null);
    this.#host.die(signal);
  }
}

function cursorAt(cursor: Frame['cursor'], columns: number, rows: number): string {
  if (cursor === null) return '';
  const row = Math.max(0, Math.min(cursor.row, rows - 1));
  const column = Math.max(0, Math.min(cursor.column, columns - 1));
  return `${ESC}[${row + 1};${column + 1}H${ESC}[?25h`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
