import type { ForkOptions } from '../sessions/fork/fork.js';
import type { SessionMessage } from '../transcript/messages/message.js';
import type { MessageOptions } from './conversation.js';

/** The transcript of a session; `path` is absolute. */
export interface Transcript {
  path: string;
  /**
   * Yields Claude Code's own entries unchanged, with one in memory at a time. Damaged lines yield the entries that can
   * be recovered; long texts in a line of 128 MiB or more are cut.
   */
  entries(): AsyncGenerator<Readonly<Record<string, unknown>>>;
}

/** A subagent of a session, with a transcript of its own. */
export interface Subagent {
  id: string;
  /** Absolute path of its transcript. */
  path: string;
  /** Yields its conversation as `Session.messages` does. */
  messages(options?: MessageOptions): AsyncGenerator<SessionMessage>;
}

/** Option of changes that may renew the transcript's times. */
export interface TouchOption {
  /** Renew the transcript's times; by default they are preserved. */
  touch?: boolean;
}

/** Options of a fork: its start, title, id, folder and tag. */
export interface SessionForkOptions extends Omit<ForkOptions, 'dryRun' | 'at'> {
  /** The last prompt to keep, by its number, or the last message, by its uuid or the start of it. */
  at?: string | number;
}

/** Options for starting Claude Code. */
export interface ResumeOptions {
  /** Name or path of the program; by default `$CCSESS_CLAUDE_BIN`, else `claude`. */
  claudeBin?: string;
  /** Further arguments for the program. */
  args?: readonly string[];
}

/** A command that resumes a session, as `ccsess resume --print-command --json` prints it. */
export interface ResumeCommand {
  /** The command as one line for a shell. */
  command: string;
  program: string;
  args: string[];
  /** Folder to start the command in. */
  cwd: string;
  /** Variables to set; null means that the variable must not be set. */
  env: { CLAUDE_CONFIG_DIR: string | null };
}
