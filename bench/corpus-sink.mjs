// A file written line by line from strings and bytes, in big pieces.
import { closeSync, openSync, utimesSync, writeSync } from 'node:fs';

const FLUSH_BYTES = 4_000_000;
const LONGEST_LINE_BYTES = 4_000_000;
const buffer = Buffer.allocUnsafe(FLUSH_BYTES + LONGEST_LINE_BYTES);

/** Use one at a time: all sinks of a thread share a buffer. */
export class Sink {
  #path;
  #file;
  #held = 0;
  #flushed = 0;
  lines = 0;

  constructor(path) {
    this.#path = path;
    this.#file = openSync(path, 'w', 0o600);
  }

  get bytes() {
    return this.#flushed + this.#held;
  }

  /** Writes the parts (strings, Buffers) one after another, and a newline. */
  line(...parts) {
    for (const part of parts)
      this.#held += typeof part === 'string' ? buffer.write(part, this.#held) : part.copy(buffer, this.#held);
    buffer[this.#held++] = 10;
    this.lines++;
    if (this.#held >= FLUSH_BYTES) this.#flush();
  }

  /** Ends the file and gives it a modification time. */
  close(modifiedMs) {
    this.#flush();
    closeSync(this.#file);
    utimesSync(this.#path, modifiedMs / 1000, modifiedMs / 1000);
  }

  #flush() {
    writeSync(this.#file, buffer, 0, this.#held);
    this.#flushed += this.#held;
    this.#held = 0;
  }
}
