import { fstatSync, statSync, writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';

/** A destination of text. `write` resolves when the text was accepted, and rejects with Node's error. */
export interface Sink {
  readonly isTerminal: boolean;
  write(text: string | Uint8Array): Promise<void>;
}

/**
 * Returns a sink for one of the process's own descriptors. Files, pipes and sockets are written to directly, since
 * loading Node's stream takes milliseconds; terminals, and everything on Windows, through `stream`.
 */
export function sinkOf(fd: number, stream: () => WriteStream, platform: NodeJS.Platform): Sink {
  return platform === 'win32' || !isPlain(fd) ? streamSink(stream()) : descriptorSink(fd, stream);
}

/** True for a file, pipe, socket or the null device; Node's stream writes to all other devices. */
function isPlain(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    if (stats.isFile() || stats.isFIFO() || stats.isSocket()) return true;
    return stats.isCharacterDevice() && stats.rdev === statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}

/** Writes to a stream; its errors reject the write. */
export function streamSink(stream: WriteStream): Sink {
  stream.on('error', () => {});
  return {
    isTerminal: stream.isTTY === true,
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => {
          if (error === undefined || error === null) resolve();
          else reject(error);
        });
      }),
  };
}

function descriptorSink(fd: number, stream: () => WriteStream): Sink {
  /** The stream, used after the descriptor would not block. */
  let waiting: Sink | null = null;
  return {
    isTerminal: false,
    async write(text) {
      if (waiting !== null) return waiting.write(text);
      const rest = writeAll(fd, typeof text === 'string' ? Buffer.from(text) : text);
      if (rest === null) return;
      waiting = streamSink(stream());
      await waiting.write(rest);
    },
  };
}

/**
 * Writes all bytes. Returns the rest if the reader is full and the descriptor is non-blocking (`O_NONBLOCK`, set by
 * another process that shares it).
 */
function writeAll(fd: number, bytes: Uint8Array): Uint8Array | null {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return bytes.subarray(done);
    }
  }
  return null;
}
