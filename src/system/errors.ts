import { LIBRARY_WORDING, wordPhrase, type Phrase, type Wording } from './phrase.js';

/** Codes shared by `--json` errors and the library. */
export type ErrorCode =
  | 'USAGE'
  | 'NOT_FOUND'
  | 'AMBIGUOUS'
  | 'LIVE'
  | 'LOCKED'
  | 'EXISTS'
  | 'PLAN_REFUSED'
  | 'CLAUDE_NOT_FOUND'
  | 'IO'
  | 'INTERNAL';

/** Exit code of a command that handled some of its sessions or files, but not all. */
export const PARTLY_DONE = 3;
/** Exit code of a command that the user cancelled, as shells show a command ended by Ctrl-C. */
export const INTERRUPTED = 130;

/** Exit codes of errors. */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  USAGE: 2,
  NOT_FOUND: 4,
  AMBIGUOUS: 4,
  LIVE: 5,
  LOCKED: 5,
  EXISTS: 5,
  PLAN_REFUSED: 2,
  CLAUDE_NOT_FOUND: 127,
  IO: 1,
  INTERNAL: 1,
};

/**
 * An error that a user can act on. `message` is one sentence that says what was wrong; `hint` (one or more lines) says
 * what to do. Anything else that is thrown is an internal error.
 */
export class CcsessError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;
  /** Exit code of the process for this error: that of its code, unless another one was given. */
  readonly exitCode: number;

  readonly #message: Phrase;
  readonly #hint: Phrase | null;

  constructor(code: ErrorCode, message: Phrase, options: { hint?: Phrase; cause?: unknown; exitCode?: number } = {}) {
    super(wordPhrase(message, LIBRARY_WORDING), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CcsessError';
    this.code = code;
    this.#message = message;
    this.#hint = options.hint ?? null;
    this.hint = this.#hint === null ? null : wordPhrase(this.#hint, LIBRARY_WORDING);
    this.exitCode = options.exitCode ?? EXIT_CODES[code];
  }

  /** Returns message and hint in the given wording instead of the library's. */
  textIn(wording: Wording): { message: string; hint: string | null } {
    return {
      message: wordPhrase(this.#message, wording),
      hint: this.#hint === null ? null : wordPhrase(this.#hint, wording),
    };
  }
}
