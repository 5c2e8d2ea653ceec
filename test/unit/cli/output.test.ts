import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { ClosedPipe, noteOutput, resultOutput } from '../../../src/cli/terminal/output.js';
import { sinkOf, streamSink, type Sink } from '../../../src/cli/terminal/sink.js';
import { temporaryFolder } from '../../support/temporary.js';

/** A stream that writes one piece at a time with `write`. */
function stream(write: (text: string, done: (error?: Error) => void) => void): WriteStream {
  const writable = new Writable({
    decodeStrings: false,
    highWaterMark: 1,
    write: (chunk: string, _, done) => write(chunk, done),
  });
  return Object.assign(writable, { isTTY: false }) as unknown as WriteStream;
}

const failing = (code: string): Sink =>
  streamSink(stream((_, done) => done(Object.assign(new Error(`${code}: it failed`), { code }))));

test('a write waits until the stream has accepted it', async () => {
  let taken = '';
  const output = resultOutput(streamSink(stream((text, done) => setImmediate(() => ((taken += text), done())))));
  await output.write('a');
  await output.write('b');
  expect(taken).toBe('ab');
});

test('a reader that has gone ends the run quietly, at the first write or later', async () => {
  const output = resultOutput(failing('EPIPE'));
  await expect(output.write('a')).rejects.toBeInstanceOf(ClosedPipe);
  await expect(output.write('b')).rejects.toBeInstanceOf(ClosedPipe);
});

test('a full disk is an error', async () => {
  await expect(resultOutput(failing('ENOSPC')).write('a')).rejects.toMatchObject({
    code: 'IO',
    message: 'the output could not be written: ENOSPC: it failed.',
  });
});

test('notes to a closed pipe are not an error', async () => {
  await expect(noteOutput(failing('EPIPE'), 80).write('a')).resolves.toBeUndefined();
});

const unused = (): WriteStream => {
  throw new Error('no stream is needed');
};

test('a file and a pipe are written to without a stream', async () => {
  const path = join(temporaryFolder('sink'), 'out');
  const fd = openSync(path, 'w');
  const sink = sinkOf(fd, unused, 'linux');
  await sink.write('text, ');
  await sink.write(Buffer.from('bytes'));
  closeSync(fd);
  expect([sink.isTerminal, readFileSync(path, 'utf8')]).toEqual([false, 'text, bytes']);
});

test('an error of the descriptor is the error of its write', async () => {
  const fd = openSync('/dev/full', 'w');
  let taken = '';
  // For a device the sink uses Node's stream, which is replaced here.
  await sinkOf(fd, () => stream((text, done) => ((taken = text), done())), 'linux').write('a');
  const readable = openSync('/dev/null', 'r');
  await expect(resultOutput(sinkOf(readable, unused, 'linux')).write('a')).rejects.toMatchObject({ code: 'IO' });
  for (const one of [fd, readable]) closeSync(one);
  expect(taken).toBe('a');
});

test('bytes that do not fit into a full non-blocking pipe are written by the stream, in order', async () => {
  const fifo = join(temporaryFolder('sink'), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  let rest = '';
  const sink = sinkOf(writer, () => stream((text, done) => ((rest += text.toString()), done())), 'linux');
  const text = `${'x'.repeat(1024 * 1024)}y`;
  await sink.write(text);
  await sink.write('z');
  const piped = Buffer.alloc(text.length);
  const length = readSync(reader, piped);
  for (const fd of [reader, writer]) closeSync(fd);
  expect(length).toBeGreaterThan(0);
  expect(piped.toString('utf8', 0, length) + rest).toBe(`${text}z`);
});

test('notes contain no control sequences except colours and the one that clears a progress line', async () => {
  let taken = '';
  const output = noteOutput(streamSink(stream((text, done) => ((taken += text), done()))), 80);
  await output.write(
    '\r\u001b[KReading\n' +
      '\u001b[1;31mred\u001b[0m ' +
      'a\u001b]0;title\u0007b\u009b2Jc\u001b[2Jd\u202ee\u200bf\rg\u001bcccsess\u001b]8;;x\nnext\n',
  );
  expect(taken).toBe('\r\u001b[KReading\n\u001b[1;31mred\u001b[0m abcdef gccsess]8;;x\nnext\n');
});
