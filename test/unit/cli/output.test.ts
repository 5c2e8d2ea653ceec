import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { ClosedPipe, noteOutput, resultOutput } from '../../../src/cli/output.js';

/** A stream that takes what `write` lets it, one piece at a time. */
function stream(write: (text: string, done: (error?: Error) => void) => void): WriteStream {
  const writable = new Writable({ decodeStrings: false, highWaterMark: 1, write: (chunk: string, _, done) => write(chunk, done) });
  return Object.assign(writable, { isTTY: false }) as unknown as WriteStream;
}

const failing = (code: string): WriteStream => stream((_, done) => done(Object.assign(new Error(`${code}: it failed`), { code })));

test('a write waits until the stream has taken it', async () => {
  let taken = '';
  const output = resultOutput(stream((text, done) => setImmediate(() => ((taken += text), done()))));
  await output.write('a');
  await output.write('b');
  expect(taken).toBe('ab');
});

test('a reader that has gone ends the run quietly, at once and later', async () => {
  const output = resultOutput(failing('EPIPE'));
  await expect(output.write('a')).rejects.toBeInstanceOf(ClosedPipe);
  await expect(output.write('b')).rejects.toBeInstanceOf(ClosedPipe);
});

test('a full disk is an error', async () => {
  await expect(resultOutput(failing('ENOSPC')).write('a')).rejects.toMatchObject({ code: 'IO', message: 'the output could not be written: ENOSPC: it failed.' });
});

test('notes that nobody reads are no error', async () => {
  await expect(noteOutput(failing('EPIPE')).write('a')).resolves.toBeUndefined();
});
