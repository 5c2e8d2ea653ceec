import type { ColorDepth } from './frame/style.js';

/** The number of columns and rows of a terminal. */
export interface Size {
  columns: number;
  rows: number;
}

/** Signals that end a program: the terminal is restored before they take effect. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** The events of the process and its terminal that a screen listens to. */
export interface HostListener {
  /** Bytes that were typed or pasted. */
  onInput(bytes: Uint8Array): void;
  /** The terminal is gone, or its input has ended. */
  onEnd(): void;
  onResize(): void;
  /** A signal that would end the process; the listener ends it with `HostTerminal.die`. */
  onSignal(signal: EndingSignal): void;
  /** Another program asks the process to stop (SIGTSTP). */
  onStop(): void;
  /** The process was stopped and runs again (SIGCONT). */
  onContinue(): void;
  /** The process ends, or an error reached no handler: the last moment to restore the terminal. */
  onExit(): void;
}

/** A terminal and the process around it, as a screen needs them; a test passes its own. */
export interface HostTerminal {
  readonly colors: ColorDepth;
  /** Writes control sequences and text unchanged, before it returns. Never throws. */
  write(text: string): void;
  size(): Size;
  /** Starts or stops reading single keys (raw mode) and calling the listener. Never throws. */
  listen(listener: HostListener | null): void;
  /** False where a stopped process could not be continued, for example in a command substitution. */
  readonly canStop: boolean;
  /** Stops the process until it is continued. */
  stop(): void;
  /** Ends the process by a signal, as if nothing had caught it. */
  die(signal: EndingSignal): void;
}
