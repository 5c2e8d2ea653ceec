import type { ChalkInstance } from 'chalk';
import type { ClaudeLaunch } from '../claude/launch.js';
import type { HostTerminal } from '../tui/host.js';
import type { System } from '../system/system.js';
import type { Environment } from '../claude/environment.js';
import type { IndexOptions, SessionIndex } from '../session-index/session-index.js';

/** A stream that commands write to. `write` resolves when more may be written (back-pressure). */
export interface Output {
  /** Writes text. Bytes are written unchanged. */
  write(text: string | Uint8Array): Promise<void>;
  readonly isTerminal: boolean;
}

/** The global flags, parsed once for every command. */
export interface GlobalOptions {
  json: boolean;
  /** Lay out output as for a terminal, whatever stdout is. */
  table: boolean;
  cache: boolean;
  debug: boolean;
}

/** One of several choices. */
export interface Choice<T> {
  label: string;
  value: T;
}

/** Asks the person at the terminal, on stderr. */
export interface Questions {
  /** Asks `question [y/N]`; true only for a yes. */
  confirm(question: string): Promise<boolean>;
  /** Returns the line typed after the question; null if there is none (Ctrl-D). */
  ask(question: string): Promise<string | null>;
  /** Returns the chosen value; null if the question was cancelled (Esc, Ctrl-C). */
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T | null>;
}

/** A request to choose sessions on a screen (`picker/`). */
export interface PickRequest {
  /** The sessions to choose from. */
  index: SessionIndex;
  /** Name of the calling command; empty for ccsess itself. */
  name: string;
  /** The effect of Enter in one or two words, such as `resume`. */
  verb: string;
  /** Several sessions may be chosen. */
  several: boolean;
  /** Sessions may be renamed, forked, removed and so on in the picker. */
  canChange: boolean;
  /** Initial filter. */
  query: string;
  order: 'activity' | 'size' | 'cost';
  /** Start with all folders, whatever was chosen last time. */
  isEverywhere: boolean;
}

/**
 * Everything a command needs from outside, so that tests can run it without a process: streams, environment, clock,
 * processes, width and colour. Created by `main.ts` or `test/support/context.ts`.
 */
export interface Context extends Environment {
  stdout: Output;
  stderr: Output;
  /** Returns standard input as text. */
  readStdin(): Promise<string>;
  /** Returns the first `limit` bytes of standard input as text; null if it is a terminal. Never rejects. */
  readInput(limit: number): Promise<string | null>;
  /** Null if nobody can be asked: stdin or stderr is not a terminal, or in CI. */
  questions(): Promise<Questions | null>;
  /** Returns the terminal for a screen (`tui/`); null if stdin or stderr is not a terminal, or in CI. */
  terminal(): Promise<HostTerminal | null>;
  system: System;
  /** Columns of the terminal; 80 if unknown. Unused if stdout is not a terminal. */
  width: number;
  /** Rows of the terminal; 24 if unknown. */
  height: number;
  /** Has level 0 if colours are off, so that it can be used everywhere. */
  color: ChalkInstance;
  global: GlobalOptions;
  /** How suggested commands begin: `ccsess`, with the config dirs that this command line names. */
  invocation: string;
  /** Name of the command that runs, as in `ccsess --help`; empty for ccsess itself. */
  commandName: string;
  /** Folder of the index between runs, also set with `--no-cache`. */
  cacheDir: string;
  /** Folder that records when notes were shown; null records nothing. */
  stateDir: string | null;
  /** Arguments for `claude`: those after `--` on the command line, unchanged; none if the command does not start it. */
  passthrough: readonly string[];
  /** Opens the index of all config dirs, updating it if necessary, with progress on a terminal's stderr. */
  openIndex(
    options?: Pick<IndexOptions, 'readOnly' | 'around' | 'processes' | 'paths'> & { isQuiet?: boolean },
  ): Promise<SessionIndex>;
  /**
   * Lets the person at the terminal choose sessions and resolves to the paths of their transcripts; null if the picker
   * was left. Rejects with USAGE for an invalid key configuration.
   */
  pick(request: PickRequest, terminal: HostTerminal): Promise<string[] | null>;
  /** Shows text through a pager (the user's, or `command`) and resolves when it is closed. Only for terminals. */
  page(chunks: AsyncIterable<string>, command?: string): Promise<void>;
  /**
   * Hands the terminal to Claude Code and resolves to its exit code, 128 + N if signal N ended it. Rejects with
   * CLAUDE_NOT_FOUND if it cannot be started.
   */
  runClaude(launch: ClaudeLaunch): Promise<number>;
  /** Runs Claude Code with `input` as its stdin and returns its stdout. */
  askClaude(launch: ClaudeLaunch, input: string): Promise<{ exitCode: number; stdout: string }>;
  /** Sets the exit code of a run that throws nothing; initially 0. */
  setExitCode(code: number): void;
}
