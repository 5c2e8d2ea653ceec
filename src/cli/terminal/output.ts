import { CcsessError } from '../../system/errors.js';
import type { Output } from '../context.js';
import { sanitizeNotes } from '../render/text/sanitize.js';
import type { Sink } from './sink.js';

/** Thrown by a write to a closed pipe (`| head`). The run ends without a message, with exit code 0. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

const GONE_CODES = ['EPIPE', 'EOF', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/** Returns the output for results. A write waits until the sink accepts the text, and fails if the sink fails. */
export function resultOutput({ isTerminal, write }: Sink): Output {
  return {
    isTerminal,
    async write(text) {
      try {
        await write(text);
      } catch (error) {
        throw failureOf(error as NodeJS.ErrnoException);
      }
    },
  };
}

/**
 * Returns the output for notes, questions and errors: without control sequences other than colours, and wrapped between
 * words on a terminal. A closed pipe does not make the run fail.
 */
export function noteOutput({ isTerminal, write }: Sink, width: number): Output {
  const safe = async (text: string | Uint8Array): Promise<string | Uint8Array> => {
    if (typeof text !== 'string') return text;
    const note = sanitizeNotes(text);
    return isTerminal ? wrapped(note, width) : note;
  };
  return { isTerminal, write: async (text) => write(await safe(text)).catch(() => {}) };
}

/** Wraps the long lines of a note, except JSON and progress lines, which clear themselves. */
async function wrapped(note: string, width: number): Promise<string> {
  const lines = note.split('\n');
  if (lines.every(({ length }) => length <= width)) return note;
  const { wrapLine } = await import('../render/text/wrap.js');
  return lines
    .flatMap((line) => (line.startsWith('{') || line.includes('\r') ? [line] : wrapLine(line, width)))
    .join('\n');
}

function failureOf(error: NodeJS.ErrnoException): Error {
  if (GONE_CODES.includes(error.code ?? '')) return new ClosedPipe();
  return new CcsessError('IO', `the output could not be written: ${error.message}.`, { cause: error });
}
