import { fileURLToPath } from 'node:url';
import { CcsessError, EXIT_CODES, INTERRUPTED, type ErrorCode } from '../../system/errors.js';
import { describeSystemError } from '../../system/problem.js';
import { QuestionCancelled } from './choose.js';
import { ClosedPipe } from './output.js';
import { sanitize, sanitizeLines } from '../render/text/sanitize.js';
import { toJson } from '../render/text/json.js';
import { commandWording } from '../shared/wording.js';
import { sourceStack } from './source-stack.js';

/** Text for stderr, which may be empty, and exit code. */
export interface Failure {
  text: string;
  exitCode: number;
}

/** How to report errors. */
export interface Reporting {
  json: boolean;
  debug: boolean;
  /** How suggested commands begin, as in a context. */
  invocation: string;
}

interface ErrorReport {
  code: ErrorCode;
  message: string;
  hint: string | null;
  exitCode: number;
}

/**
 * Describes a thrown value in one sentence (`ccsess: …`, hints on separate lines), or with `json` in one line of JSON;
 * with `debug`, the stack follows. A closed pipe is not an error, and a cancelled question has an exit code but no
 * text.
 */
export function describeFailure(error: unknown, { json, debug, invocation }: Reporting): Failure {
  if (error instanceof ClosedPipe) return { text: '', exitCode: 0 };
  if (error instanceof QuestionCancelled) return { text: '', exitCode: INTERRUPTED };
  const report = reportOf(error, invocation);
  const text = json ? `${toJson({ error: report }, false)}\n` : sentence(report);
  const stack = debug && error instanceof Error ? stackOf(error) : '';
  return { text: text + stack, exitCode: report.exitCode };
}

/**
 * Returns the stack of an error, made safe to print: its message may contain anything, even text that looks like output
 * of ccsess.
 */
function stackOf({ stack = '', message }: Error): string {
  if (stack === '') return '';
  // A function as replacement, since `$&` in a text would be replaced by the message.
  const inOneLine = message === '' ? stack : stack.replace(message, () => sanitize(message));
  return `${sanitizeLines(sourceStack(inOneLine, fileURLToPath(new URL('.', import.meta.url)).slice(0, -1)))}\n`;
}

function reportOf(error: unknown, invocation: string): ErrorReport {
  if (error instanceof CcsessError) {
    return { code: error.code, ...error.textIn(commandWording(invocation)), exitCode: error.exitCode };
  }
  if (isSystemError(error))
    return { code: 'IO', message: `${describeSystemError(error)}.`, hint: null, exitCode: EXIT_CODES.IO };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'INTERNAL',
    message: `internal error: ${message} (please report it)`,
    hint: 'run again with --debug',
    exitCode: EXIT_CODES.INTERNAL,
  };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}

function sentence({ message, hint, code }: ErrorReport): string {
  // A usage error has one sentence: its hint only repeats the help command.
  const hints = hint === null || (code === 'USAGE' && !hint.includes('\n')) ? [] : hint.split('\n');
  return [`ccsess: ${sanitize(message)}`, ...hints.map((line) => `  ${sanitize(line)}`)].join('\n') + '\n';
}
