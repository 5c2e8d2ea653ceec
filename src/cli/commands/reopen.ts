import type { Command } from 'commander';
import { claudeName, resumeLaunch } from '../../claude/launch.js';
import { readCrashedSessions } from '../../claude/live/crashed-sessions.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { resumePoint } from '../../sessions/resolve/resume-folder.js';
import { CcsessError } from '../../system/errors.js';
import type { Context } from '../context.js';
import { reopenedJson, reopenLabel, reopenLines, type Reopenable } from '../render/reopen.js';
import { shellCommand } from '../../claude/shell-command.js';
import { sanitize } from '../render/text/sanitize.js';
import { toJson } from '../render/text/json.js';
import { choose } from '../terminal/choose.js';
import { shortIdOf } from '../shared/named-session.js';
import { MINUTE_MS } from '../../system/time.js';

/** A session with activity this many milliseconds after its process was last seen was opened and closed again. */
const CLOSED_SINCE_MS = MINUTE_MS;

/** The flags of `reopen`, as typed. */
export interface ReopenFlags {
  printCommand?: boolean;
  claudeBin?: string;
}

/** Options of `reopen`. */
export interface ReopenOptions {
  /** Print the shell command for each session instead. */
  printCommand: boolean;
  /** Claude Code program as typed; undefined for the default. */
  claudeBin: string | undefined;
}

/** `ccsess reopen`: resumes a session that a crash or reboot ended. */
export function define(command: Command, context: Context): void {
  command
    .option('--print-command', 'print the shell command for each session instead')
    .option('--claude-bin <program>', 'Claude Code program (default: $CCSESS_CLAUDE_BIN, else claude on PATH)')
    .action((flags: ReopenFlags) => runReopen(readReopenOptions(flags), context));
}

/** Reads the flags of `reopen`. */
export function readReopenOptions({ printCommand = false, claudeBin }: ReopenFlags): ReopenOptions {
  return { printCommand, claudeBin };
}

/**
 * Lets the person at the terminal choose a session and resumes it; in a pipe, lists the sessions. Throws
 * `QuestionCancelled`, CLAUDE_NOT_FOUND, and as `resume`.
 */
export async function runReopen({ printCommand, claudeBin }: ReopenOptions, context: Context): Promise<void> {
  const { stdout, stderr, global } = context;
  const index = await context.openIndex({ processes: true });
  const sessions = reopenable(index, claudeBin, context);
  if (global.json) return stdout.write(`${toJson(reopenedJson(sessions), stdout.isTerminal)}\n`);
  if (printCommand) {
    for (const { command, isBeforeBoot, record } of sessions) {
      if (command === null) await stderr.write(`ccsess: ${record.id} cannot be resumed: its folder is gone.\n`);
      // The command must be exact in a pipe, and safe to print on a terminal.
      else
        await stdout.write(
          `${stdout.isTerminal ? sanitize(command) : command}${mark(isBeforeBoot, stdout.isTerminal)}\n`,
        );
    }
    return;
  }
  if (sessions.length === 0) return stderr.write('ccsess: no session was left open in the last 7 days.\n');
  const questions = stdout.isTerminal ? await context.questions() : null;
  if (questions === null) return stdout.write(reopenLines(sessions).join(''));
  const choices = sessions.map((session) => ({ label: reopenLabel(session, context), value: session }));
  const { record } = await choose(questions, 'Which session do you want to resume?', choices);
  const { resumeOptions, runResume } = await import('./resume.js');
  return runResume({ ...resumeOptions(record.transcript), claudeBin }, context);
}

/** Returns the sessions left open that are not live and were not opened and closed again since. */
function reopenable(index: SessionIndex, claudeBin: string | undefined, context: Context): Reopenable[] {
  const { configDirs, system, now } = context;
  const program = claudeName(claudeBin, context);
  return readCrashedSessions(configDirs, system, now()).flatMap(
    ({ sessionId, configDir, pid, updatedAtMs, isBeforeBoot }) => {
      const row = index.withId(sessionId).find(({ file }) => file.configDir.path === configDir.path);
      const [record] = row === undefined ? [] : index.records([row], { footprint: false });
      if (row === undefined || record === undefined || row.live !== null || !row.resumable) return [];
      if ((row.lastActivityMs ?? 0) > updatedAtMs + CLOSED_SINCE_MS || record.kind === 'headless') return [];
      let command: string | null = null;
      try {
        const { folder, name } = resumePoint(index, row, record, context);
        const launch = { name, configDir, cwd: folder ?? context.cwd, program };
        command = shellCommand(resumeLaunch(launch, program, []), context.env);
      } catch (error) {
        if (!(error instanceof CcsessError)) throw error;
      }
      return [{ record, shortId: shortIdOf(index, row), pid, updatedAtMs, isBeforeBoot, command }];
    },
  );
}

/** Returns a comment for the reader of a command line. */
function mark(isBeforeBoot: boolean | null, isTerminal: boolean): string {
  return isTerminal && isBeforeBoot === true ? '   # before this boot' : '';
}
