import { claudeName, resumeLaunch } from '../../claude/launch.js';
import { shellCommand } from '../../claude/shell-command.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { requireConversation } from '../../sessions/resolve/conversation.js';
import { resumePoint } from '../../sessions/resolve/resume-folder.js';
import type { LibraryContext } from '../context.js';
import type { ResumeCommand, ResumeOptions } from '../session-options.js';
import { checkOptions, toList, type OptionNames } from './options.js';

const RESUME: OptionNames<ResumeOptions> = { claudeBin: 'string', args: 'other' };

/** Throws USAGE for options of `resumeCommandOf` that it cannot read. */
export function checkResumeOptions(options: ResumeOptions): void {
  checkOptions(options, RESUME);
  if (options.args !== undefined) toList(options.args, 'args');
}

/** Returns the command that resumes a session in Claude Code. Throws IO if Claude Code cannot resume it. */
export function resumeCommandOf(
  index: SessionIndex,
  row: SessionRow,
  record: SessionRecord,
  { claudeBin, args = [] }: ResumeOptions,
  { env, cwd }: LibraryContext,
): ResumeCommand {
  requireConversation(row, record);
  const point = resumePoint(index, row, record, { env });
  const program = claudeName(claudeBin, { env, cwd });
  const resume = { name: point.name, configDir: row.file.configDir, cwd: point.folder ?? cwd };
  const launch = resumeLaunch(resume, program, args);
  return {
    command: shellCommand(launch, env),
    program,
    args: [...launch.args],
    cwd: launch.cwd,
    env: { CLAUDE_CONFIG_DIR: launch.configDir },
  };
}
