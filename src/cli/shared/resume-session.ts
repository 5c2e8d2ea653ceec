import { resumeLaunch } from '../../claude/launch.js';
import type { ConfigDir } from '../../claude/model.js';
import type { Context } from '../context.js';

/** A session that Claude Code is to open. */
export interface Destination {
  /** Its id, or the path of its transcript (`resumePoint`). */
  name: string;
  configDir: ConfigDir;
  /** The folder to start in; it exists. */
  cwd: string;
  /** Absolute path of `claude`, from `findClaude`: look for it before anything is changed. */
  program: string;
}

/**
 * Hands the terminal to Claude Code in a session, with more arguments for it; its exit code becomes ours. Nothing may
 * be written to stdout before or after: it is Claude Code's. Throws CLAUDE_NOT_FOUND if it cannot be started.
 */
export async function openInClaude(
  { program, ...session }: Destination,
  args: readonly string[],
  context: Context,
): Promise<void> {
  context.setExitCode(await context.runClaude(resumeLaunch(session, program, args)));
}
