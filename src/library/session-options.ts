import type { ForkOptions } from '../sessions/fork/fork.js';
import type { SessionMessage } from '../transcript/messages/message.js';
import type { MessageOptions } from './conversation.js';

/** The file a session is written to. */
export interface Transcript {
  /** Absolute. */
  path: string;
  /**
   * Claude Code's own entries, line by line, untouched; of damaged lines what can be saved. Long texts of a line of 128
   * MiB or more are cut. One entry in memory at a time.
   */
  entries(): AsyncGenerator<Readonly<Record<string, unknown>>>;
}

/** A subagent of a session, with a transcript of its own. */
export interface Subagent {
  id: string;
  /** Absolute path of its transcript. */
  path: string;
  /** Its conversation, message by message, as `Session.messages`. */
  messages(options?: MessageOptions): AsyncGenerator<SessionMessage>;
}

/** Choice of whether a change updates the modification time of the session. */
export interface TouchOption {
  /** Renew the transcript's times; else they stay as they are. */
  touch?: boolean;
}

/** Options of a fork: its start, title, id, folder and tag. */
export interface SessionForkOptions extends Omit<ForkOptions, 'dryRun' | 'at'> {
  /** Number of the last prompt to take over, with its answer; or the uuid of the last message, or the start of it. */
  at?: string | number;
}

/** Options of a start of Claude Code. */
export interface ResumeOptions {
  /** Name or path of the program; else `$CCSESS_CLAUDE_BIN`, else `claude`. */
  claudeBin?: string;
  /** Further arguments for it. */
  args?: readonly string[];
}

/** A command that resumes a session, as `ccsess resume --print-command --json` prints it. */
export interface ResumeCommand {
  /** One line for a shell. */
  command: string;
  program: string;
  args: string[];
  /** Folder to start it in. */
  cwd: string;
  /** A value of null: the variable must not be set. */
  env: { CLAUDE_CONFIG_DIR: string | null };
}
