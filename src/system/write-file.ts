import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { errorCode } from './problem.js';
import { temporaryNextTo } from './temporaries.js';

/** Conversations are private: files are for their owner alone, as Claude Code makes them. */
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
 * Makes a file that must not be there yet: it appears whole, with mode 0600, or not at all. False if something has the
 * name already, which then stays as it is. Throws Node's error if it cannot be written; nothing is left behind then.
 */
export function createFile(path: string, content: string | Uint8Array): boolean {
  return written(path, content, (file) => file.publish());
}

/**
 * Puts a file in the place of another, or where none is: at every moment the old or the new one is there, whole. Mode
 * 0600.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  written(path, content, (file) => file.replace());
}

function written<T>(path: string, content: string | Uint8Array, name: (file: NewFile) => T): T {
  const file = new NewFile(path);
  try {
    file.write(content);
    return name(file);
  } finally {
    file.discard();
  }
}

/** Bytes held back until there are enough of them for one write. */
const ENOUGH = 256 * 1024;

/**
 * A file in the making, piece by piece, under a temporary name next to its final one: it gets that name whole, with
 * mode 0600, or never. Whoever makes one calls `discard` in the end, however it went. Every step may throw Node's
 * error.
 */
export class NewFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #isOpen = true;

  constructor(path: string) {
    this.#path = path;
    this.#temporary = temporaryNextTo(path);
    this.#fd = openSync(this.#temporary, 'wx', PRIVATE_FILE);
  }

  /** Adds to its end; the bytes may be kept until later, so they must not change. */
  write(content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    if (this.#held >= ENOUGH) this.#flush();
  }

  /** Gives it its name, unless something has it already, which then stays as it is: false. */
  publish(): boolean {
    this.#finish();
    try {
      // Unlike a rename, a link never replaces what somebody else has made meanwhile.
      linkSync(this.#temporary, this.#path);
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      if (!isLinkRefused(error)) throw error;
      return this.#claim();
    }
  }

  /**
   * `publish` on a file system without hard links: the name is taken by an empty file first, which nothing else can do
   * then.
   */
  #claim(): boolean {
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

  /** Gives it its name, in the place of whatever has it. */
  replace(): void {
    this.#finish();
    renameSync(this.#temporary, this.#path);
  }

  /** Removes what is left under the temporary name. */
  discard(): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  /** On the disk, not only in its cache, before it gets its name: after a power cut there is no empty file. */
  #finish(): void {
    this.#flush();
    fsyncSync(this.#fd);
    this.#close();
  }

  #flush(): void {
    writeAll(this.#fd, Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#held = 0;
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}

/** Writes all bytes; a disk that is nearly full may take only some at a time before it refuses. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}
