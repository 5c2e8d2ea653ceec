import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { errorCode } from './problem.js';
import { temporaryNextTo } from './temporaries.js';

/** Mode of files that only their owner may read, as Claude Code makes them, since conversations are private. */
export const PRIVATE_FILE = 0o600;
/** Mode of folders that only their owner may read. */
export const PRIVATE_FOLDER = 0o700;

/** Errors of file systems without hard links, and of files that may not be linked. */
const NO_LINKS = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Returns true for the error of a hard link that the file system cannot make or does not allow. */
export function isLinkRefused(error: unknown): boolean {
  return NO_LINKS.includes(errorCode(error) ?? '');
}

/**
 * Creates a file with mode 0600, in one step. Returns false, with nothing changed, if something has the path. Throws
 * Node's error, and leaves nothing, if it cannot be written.
 */
export function createFile(path: string, content: string | Uint8Array): boolean {
  return writeNewFile(path, content, (file) => file.publish());
}

/** Creates or replaces a file with mode 0600, in one step: at every moment the old or the new one is there, whole. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  writeNewFile(path, content, (file) => file.replace());
}

function writeNewFile<T>(path: string, content: string | Uint8Array, name: (file: NewFile) => T): T {
  const file = new NewFile(path);
  try {
    file.write(content);
    return name(file);
  } finally {
    file.discard();
  }
}

/** Number of pending bytes that are written together. */
const FLUSH_BYTES = 256 * 1024;

/**
 * A file that is written piece by piece under a temporary name, and gets its own when it is complete, with mode 0600.
 * The caller must call `discard` at the end, even after an error. Every step may throw Node's error.
 */
export class NewFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #isOpen = true;

  constructor(path: string) {
    this.#path = path;
    this.#temporary = temporaryNextTo(path);
    this.#fd = openSync(this.#temporary, 'wx', PRIVATE_FILE);
  }

  /** Appends bytes, which must not change afterwards, since they may be written later. */
  write(content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#pieces.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= FLUSH_BYTES) this.#flush();
  }

  /** Gives the file its name; returns false, with nothing changed, if something has it. */
  publish(): boolean {
    this.#finish();
    try {
      // Unlike a rename, a link never replaces a file that was created meanwhile.
      linkSync(this.#temporary, this.#path);
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      if (!isLinkRefused(error)) throw error;
      return this.#publishWithoutLinks();
    }
  }

  /**
   * `publish` on a file system without hard links: creates an empty file of the name first, so that no other program
   * can.
   */
  #publishWithoutLinks(): boolean {
    try {
      closeSync(openSync(this.#path, 'wx', PRIVATE_FILE));
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      renameSync(this.#temporary, this.#path);
      return true;
    } catch (error) {
      if (lstatSync(this.#path, { throwIfNoEntry: false })?.size === 0) rmSync(this.#path);
      throw error;
    }
  }

  /** Gives the file its name, replacing what has it. */
  replace(): void {
    this.#finish();
    renameSync(this.#temporary, this.#path);
  }

  /** Removes the temporary file, if there still is one. */
  discard(): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  /** Flushes the file to the disk before it gets its name, so that a power failure leaves no empty file. */
  #finish(): void {
    this.#flush();
    fsyncSync(this.#fd);
    this.#close();
  }

  #flush(): void {
    writeAll(this.#fd, Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#pendingBytes = 0;
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}

/** Writes all bytes; one write may take only some of them, as on a disk that is nearly full. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}
