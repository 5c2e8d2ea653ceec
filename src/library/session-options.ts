import type { ForkOptions } from '../sessions/fork/fork.js';
import type { SessionMessage } from '../transcript/messages/message.js';
import type { MessageOptions } from './conversation.js';

/** The file of a session. */
export interface Transcript {
  /** Absolute. */
  path: string;
  /**
   * Yields Claude Code's own entries unchanged, one in memory at a time. Damaged lines yield what can be saved; long
   * texts in a line of 128 MiB or more are cut.
   */
  entries(): AsyncGenerator<Readonly<Record<string, unknown>>>;
}

/** A subagent of a session, with a transcript of its own. */
export interface Subagent {
  id: string;
  /** Absolute path of its transcript. */
  path: string;
  /** Yields its conversation, message by message, as `Session.messages` does. */
  messages(options?: MessageOptions): AsyncGenerator<SessionMessage>;
}

/** Option of changes that can renew the times of the transcript. */
export interface TouchOption {
  /** Renew the transcript's times; by default they are kept. */
  touch?: boolean;
}

/** Options of a fork: its start, title, id, folder and tag. */
export interface SessionForkOptions extends Omit<ForkOptions, 'dryRun' | 'at'> {
  /** Number of the last prompt to keep, with its answer; or the uuid of the last message, or the start of it. */
  at?: string | number;
}

/** Options of starting Claude Code. */
export interface ResumeOptions {
  /** Name or path of the program; default: `$CCSESS_CLAUDE_BIN`, else `claude`. */
  claudeBin?: string;
  /** Further arguments for the program. */
  args?: readonly string[];
}

/** A command that resumes a session, as `ccsess resume --print-command --json` prints it. */
export interface ResumeCommand {
  /** One line for a shell. */
  command: string;
  program: string;
  args: string[];
  /** Folder to start the command in. */
  cwd: string;
  /** Variables to set; null: the variable must not be set. */
  env: { CLAUDE_CONFIG_DIR: string | null };
}
