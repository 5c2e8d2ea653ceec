import type { ChalkInstance } from 'chalk';
import type { ClaudeLaunch } from '../claude/launch.js';
import type { HostTerminal } from '../tui/host.js';
import type { System } from '../system/system.js';
import type { Workplace } from '../claude/workplace.js';
import type { IndexOptions, SessionIndex } from '../session-index/session-index.js';

/** A stream a command writes to. `write` resolves when more may be written (back-pressure). */
export interface Output {
  /** Bytes go out as they are: only for what is meant untouched. */
  write(text: string | Uint8Array): Promise<void>;
  readonly isTerminal: boolean;
}

/** The global flags, parsed once for every command. */
export interface GlobalOptions {
  json: boolean;
  /** Output is laid out as for a terminal, whatever stdout is. */
  table: boolean;
  cache: boolean;
  debug: boolean;
}

/** One of several things to choose from. */
export interface Choice<T> {
  label: string;
  value: T;
}

/** Puts questions to the person at the terminal, on stderr. */
export interface Questions {
  /** `question [y/N]`: true only for a yes. */
  confirm(question: string): Promise<boolean>;
  /** The line typed after the question; null if there was none (Ctrl-D). */
  ask(question: string): Promise<string | null>;
  /** The value chosen; null if the question was left (Esc, Ctrl-C): the command ends with exit code 130. */
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T | null>;
}

/** A choice of sessions on a screen (`picker/`). */
export interface PickRequest {
  /** The sessions to choose from. */
  index: SessionIndex;
  /** Name of the command that asks; empty for ccsess itself. */
  name: string;
  /** The effect of Enter, in one or two words: `resume`. */
  verb: string;
  /** Several may be chosen. */
  several: boolean;
  /** Sessions may be renamed, forked, removed and so on while they are looked at. */
  canChange: boolean;
  /** Initial filter. */
  query: string;
  order: 'activity' | 'size' | 'cost';
  /** Begin with all folders, whatever was chosen last time. */
  isEverywhere: boolean;
}

/**
 * Everything a command needs from outside, so that each runs in a test without a process:
 * streams, environment, clock, processes, width and colour. Made by `main.ts`, or by `test/support/context.ts`.
 */
export interface Context extends Workplace {
  stdout: Output;
  stderr: Output;
  /** All of standard input, as text. */
  readStdin(): Promise<string>;
  /** The first `limit` bytes of standard input, as text; null if it is a terminal. Never rejects. */
  readInput(limit: number): Promise<string | null>;
  /** Null where nobody can be asked: stdin or stderr is not a terminal, or in CI. */
  questions(): Promise<Questions | null>;
  /** The terminal for a screen (`tui/`); null where there is none: stdin or stderr is not a terminal, or in CI. */
  terminal(): Promise<HostTerminal | null>;
  system: System;
  /** Columns of the terminal; 80 where unknown. Meaningless when stdout is not a terminal. */
  width: number;
  /** Rows of the terminal; 24 where unknown. */
  height: number;
  /** Level 0 when colour is off, so it can be used everywhere. */
  color: ChalkInstance;
  global: GlobalOptions;
  /** Name of the command that runs, as in `ccsess --help`; empty for ccsess itself. */
  commandName: string;
  /** Folder of the index between runs, set even if `--no-cache` says not to use it. */
  cacheDir: string;
  /** Folder of notes on what was shown when; null keeps none. */
  stateDir: string | null;
  /** Arguments after `--` on the command line, unchanged; for `claude`. */
  passthrough: readonly string[];
  /** Reads (or refreshes) the index of all config dirs, with progress on a terminal's stderr. */
  openIndex(
    options?: Pick<IndexOptions, 'readOnly' | 'around' | 'processes' | 'paths'> & { isQuiet?: boolean },
  ): Promise<SessionIndex>;
  /**
   * Lets the person at the terminal choose sessions and resolves to the paths of their transcripts; null if the picker
   * was left. Rejects with USAGE for a configuration of keys that is not valid.
   */
  pick(request: PickRequest, terminal: HostTerminal): Promise<string[] | null>;
  /**
   * Shows text through the user's pager, or through `command`, and resolves when it is closed; only on a terminal.
   */
  page(chunks: AsyncIterable<string>, command?: string): Promise<void>;
  /**
   * Hands the terminal to Claude Code and resolves to its exit code when it has ended, 128 + N if signal N ended it.
   * Rejects with CLAUDE_NOT_FOUND if it cannot be started.
   */
  runClaude(launch: ClaudeLaunch): Promise<number>;
  /** Runs Claude Code with `input` as its stdin and returns its stdout. */
  askClaude(launch: ClaudeLaunch, input: string): Promise<{ exitCode: number; stdout: string }>;
  /** Sets the exit code of the process if nothing is thrown; it starts at 0. */
  setExitCode(code: number): void;
}
