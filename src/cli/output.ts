import type { WriteStream } from 'node:tty';
import { CcsessError } from '../claude/errors.js';
import type { Output } from './context.js';

/** Thrown by a write to a reader that has gone (`| head`): the run ends quietly, with exit code 0. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

const GONE_CODES = ['EPIPE', 'EOF', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/** What results are written to: a write waits until the stream has taken the text, and fails with it. */
export function resultOutput(stream: WriteStream): Output {
  stream.on('error', () => {}); // told to the write itself
  return { isTerminal: stream.isTTY === true, write: (text) => writeTo(stream, text) };
}

/** What notes and errors are written to: nobody reading them is no reason to fail. */
export function noteOutput(stream: WriteStream): Output {
  stream.on('error', () => {});
  return { isTerminal: stream.isTTY === true, write: (text) => writeTo(stream, text).catch(() => {}) };
}

function writeTo(stream: WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error?: (Error & { code?: string }) | null) => {
      if (error === undefined || error === null) resolve();
      else if (GONE_CODES.includes(error.code ?? '')) reject(new ClosedPipe());
      else reject(new CcsessError('IO', `the output could not be written: ${error.message}.`, { cause: error }));
    });
  });
}
