import { resumeLaunch } from '../../claude/launch.js';
import type { ConfigDir } from '../../claude/model.js';
import type { Context } from '../context.js';

/** A session to open in Claude Code. */
export interface Destination {
  /** Id of the session, or path of its transcript (`resumePoint`). */
  name: string;
  configDir: ConfigDir;
  /** The existing folder to start in. */
  cwd: string;
  /** Absolute path of `claude` from `findClaude`, which must be called before anything is changed. */
  program: string;
}

/**
 * Hands the terminal to Claude Code in a session, with further arguments; its exit code becomes ours. Nothing else may
 * be written to stdout, and CLAUDE_NOT_FOUND is thrown if it cannot be started.
 */
export async function openInClaude(
  { program, ...session }: Destination,
  args: readonly string[],
  context: Context,
): Promise<void> {
  context.setExitCode(await context.runClaude(resumeLaunch(session, program, args)));
}
