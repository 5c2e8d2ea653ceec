import type { Command } from 'commander';
import { readStatusLine } from '../../sessions/status/status-line.js';
import { CcsessError } from '../../system/errors.js';
import type { Context } from '../context.js';
import { STATUS_FIELDS, statusText, statusValues, type StatusField } from '../render/status-line.js';
import { toJson } from '../render/text/json.js';
import { formatLine, parseFormat, type LineFormat } from '../shared/status/line-format.js';

/** The flags of `statusline`, as typed. */
export interface StatusLineFlags {
  format?: string;
}

/** Options of `statusline`. */
export interface StatusLineOptions {
  /** The line to print; null prints id, title, cost and, within a week, the expiry. */
  format: LineFormat<StatusField> | null;
}

const SETTING = '"statusLine": {"type": "command", "command": "ccsess statusline"}';
/** Maximum size of the input; Claude Code passes a few KiB. */
const MAX_INPUT_BYTES = 1024 * 1024;

const HELP = `
Reads the JSON that Claude Code passes to the command on stdin. To use it, put
${SETTING}
into its settings.json.`;

/** `ccsess statusline`: prints a line for Claude Code's status line. */
export function define(command: Command, context: Context): void {
  command
    .option('--format <text>', `print this line instead, with fields in braces: ${STATUS_FIELDS.join(', ')}`)
    .addHelpText('after', HELP)
    .action((flags: StatusLineFlags) => runStatusLine(readStatusLineOptions(flags, context), context));
}

/** Reads the flags of `statusline`. Throws USAGE for an invalid format, and for one together with `--json`. */
export function readStatusLineOptions({ format }: StatusLineFlags, { global }: Context): StatusLineOptions {
  if (format !== undefined && global.json) throw new CcsessError('USAGE', '--json and --format cannot be combined.');
  return { format: format === undefined ? null : parseFormat(format, STATUS_FIELDS) };
}

/**
 * Prints one line for the JSON on standard input, and nothing if it names no session. Throws USAGE if standard input is
 * a terminal.
 */
export async function runStatusLine({ format }: StatusLineOptions, context: Context): Promise<void> {
  const { stdout, global } = context;
  const input = await context.readInput(MAX_INPUT_BYTES);
  if (input === null)
    throw new CcsessError(
      'USAGE',
      `statusline reads JSON from Claude Code on stdin: put ${SETTING} into its settings.json.`,
    );
  const status = readStatusLine(input, context);
  if (global.json) return stdout.write(`${toJson(status, stdout.isTerminal)}\n`);
  if (status.id === null) return;
  const line = format === null ? await statusText(status, context) : formatLine(format, statusValues(status, context));
  await stdout.write(`${line}\n`);
}
