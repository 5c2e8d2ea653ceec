import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, linkSync, lstatSync, renameSync, rmdirSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CcsessError } from '../system/errors.js';
import { makeFolders } from '../system/make-folders.js';
import type { ConfigDir } from '../claude/model.js';
import { sortedNames, statOrNull } from '../system/stat.js';
import type { Environment } from '../claude/environment.js';
import { finalNameOf } from '../system/temporaries.js';
import { fileKey } from '../system/process/written-files.js';
import { safeName } from '../system/safe-path.js';
import { carryLateLines, type CopiedPart } from '../transcript/late-lines.js';
import { openRegularFile } from '../transcript/lines.js';
import { renewResultPath } from '../transcript/result-path.js';
import type { TrashedRoot } from './trash/manifest.js';
import { ownFolder, takeLock } from './lock.js';
import { forgetOldFile, baseNameOf, linkOf, readRecord, writeRecord, type Replacement } from './replaced-record.js';

/** How long to wait for programs that write to a replaced file, before it is left to the next command. */
const PATIENCE_MS = 250;
const POLL_MS = 10;
/** Age at which a replaced file is removed where the system does not show which files are open. */
const UNSEEN_WRITER_MS = 10 * 60 * 1000;

/**
 * Keeps the file of a transcript that is about to be replaced by one with its `copied` part, so that the next run
 * carries late lines over if this one is killed. Returns a function that ends this, to call once they are carried over.
 */
export type KeepReplaced = (root: Pick<TrashedRoot, 'configDir' | 'path'>, copied: CopiedPart) => () => void;

/** The old file of a transcript, kept open because the file system has no hard links. */
interface OpenOriginal {
  fd: number;
  replaced: Replacement;
}

/** Returns true if a config dir keeps files of replaced transcripts. Never throws. */
function hasReplaced(configDir: ConfigDir): boolean {
  const folders = [ownFolder(configDir), replacedFolder(configDir)];
  return folders.every(isPlainFolder);
}

/**
 * Runs `ReplacedTranscripts.finish` for a command that takes no lock itself; if another ccsess holds the lock, that one
 * does it. Checks for two folders where there is nothing to do. Never rejects.
 */
export async function finishReplacements(configDir: ConfigDir, environment: Environment): Promise<void> {
  if (!hasReplaced(configDir)) return;
  try {
    const lock = await takeLock([configDir], [], 0, environment);
    try {
      await new ReplacedTranscripts(configDir, environment).finish({ patient: false });
    } finally {
      lock.release({ unfinished: lock.leftBehind.length > 0 });
    }
  } catch {
    // The next command tries again.
  }
}

/** Returns a function that keeps replaced files in the config dirs in use, if they can be linked. */
export function keeperOf(environment: Environment): KeepReplaced {
  return ({ configDir, path }, copied) => {
    const owner = environment.configDirs.find((one) => one.path === configDir);
    if (owner === undefined) return () => {};
    const [, ...names] = path.split('/').map(safeName);
    return new ReplacedTranscripts(owner, environment).keep({ path: names, copied, results: new Map() });
  };
}

/**
 * Replaces transcripts by rewritten copies without losing a line that a program appends meanwhile, under the lock of
 * the config dir. The old file stays linked in `.ccsess/replaced/` until no program has it open for writing; this run
 * and later ones append to the new file what still reaches the old one.
 */
export class ReplacedTranscripts {
  readonly #openOriginals: OpenOriginal[] = [];

  constructor(
    private readonly configDir: ConfigDir,
    private readonly environment: Pick<Environment, 'system' | 'now'>,
  ) {}

  /**
   * Replaces a transcript by the copy at `temporary`, which was made of the `copied` part of the file `original`.
   * Returns false, with nothing changed, if the transcript is now another file or shorter. Throws Node's error.
   */
  replace(temporary: string, original: Stats, change: Omit<Replacement, 'atMs'>): boolean {
    const replaced: Replacement = { ...change, atMs: this.environment.now() };
    const transcript = join(this.configDir.projectsRoot, ...change.path);
    const { fd, size } = openRegularFile(transcript);
    let isKeptOpen = false;
    let base: string | null = null;
    try {
      if (!isSameFile(fstatSync(fd), original) || size < change.copied.size) return false;
      base = this.#keep(transcript, replaced);
      if (!isSameFile(lstatSync(transcript), original)) return false;
      renameSync(temporary, transcript);
      isKeptOpen = base === null;
      if (isKeptOpen) this.#openOriginals.push({ fd, replaced });
      base = null;
      this.#tryCarrying(fd, transcript, replaced);
      return true;
    } finally {
      if (base !== null) forgetOldFile(base);
      if (!isKeptOpen) closeSync(fd);
    }
  }

  /** Links the file of a transcript that is about to be replaced; as `KeepReplaced`. Throws Node's error. */
  keep(change: Omit<Replacement, 'atMs'>): () => void {
    const transcript = join(this.configDir.projectsRoot, ...change.path);
    const base = this.#keep(transcript, { ...change, atMs: this.environment.now() });
    return () => {
      if (base !== null) forgetOldFile(base);
      removeIfEmpty(replacedFolder(this.configDir));
    };
  }

  /**
   * Carries over the lines that reached replaced files, and removes the files that no program can write to any more.
   * With `patient`, waits a moment for writers; the next command does the rest. Throws IO if the lines of a file
   * without a link cannot be carried over, since the next command would not know of that file.
   */
  async finish({ patient }: { patient: boolean }): Promise<void> {
    if (this.#openOriginals.length === 0 && !hasReplaced(this.configDir)) return;
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      // A program that is just opening the old file is not listed yet.
      if (patient) await sleep(POLL_MS);
      const isLast = !patient || waitedMs >= PATIENCE_MS;
      const written = this.environment.system.transcriptsBeingWritten();
      const left = this.#finishLinked(written) + this.#finishOpen(written, isLast);
      if (left === 0 || isLast) return;
    }
  }

  /** Finishes files that are linked, and returns the number of those left. */
  #finishLinked(written: ReadonlySet<string> | null): number {
    const folder = replacedFolder(this.configDir);
    if (!hasReplaced(this.configDir)) return 0;
    let left = 0;
    for (const name of sortedNames(folder)) {
      if (baseNameOf(finalNameOf(name) ?? '') !== null) rmSync(join(folder, name), { force: true });
      const base = baseNameOf(name);
      if (base !== null && !this.#tryFinishing(join(folder, base), written)) left += 1;
    }
    removeIfEmpty(folder);
    return left;
  }

  #tryFinishing(base: string, written: ReadonlySet<string> | null): boolean {
    try {
      return this.#finishOne(base, written);
    } catch {
      return true;
    }
  }

  /** Returns false while a process has the old file open, or may have it open. */
  #finishOne(base: string, written: ReadonlySet<string> | null): boolean {
    const replaced = readRecord(base);
    if (replaced === null) return true;
    const old = statOrNull(linkOf(base));
    const transcript = this.#find(replaced.path);
    const current = transcript === null ? null : statOrNull(transcript);
    // Without a link, the run was killed before it replaced the file, or after it was finished.
    if (old === null || (current !== null && isSameFile(old, current))) return forgetOldFile(base);
    if (!old.isFile()) return true;
    const isOld = this.environment.now() - replaced.atMs >= UNSEEN_WRITER_MS;
    const isDone = written === null ? isOld : !written.has(fileKey(old));
    if (transcript !== null) this.#carryFrom(linkOf(base), old, transcript, replaced, isDone);
    return isDone && forgetOldFile(base);
  }

  /** Finishes files without a link, which only this run can, and returns the number of those left. */
  #finishOpen(written: ReadonlySet<string> | null, isLast: boolean): number {
    for (const original of this.#openOriginals.splice(0)) {
      const { fd, replaced } = original;
      const isDone = isLast || (written !== null && !written.has(fileKey(fstatSync(fd))));
      try {
        const transcript = this.#find(replaced.path);
        if (transcript !== null) this.#carryLines(fd, transcript, replaced, isDone);
      } catch (error) {
        const message = `lines written to ${join(...replaced.path)} while it was moved could not be carried over.`;
        if (isLast) throw new CcsessError('IO', message, { cause: error });
      } finally {
        if (isDone) closeSync(fd);
        else this.#openOriginals.push(original);
      }
    }
    return this.#openOriginals.length;
  }

  #carryFrom(link: string, old: Stats, transcript: string, replaced: Replacement, withPartialLine: boolean): void {
    const { fd } = openRegularFile(link);
    try {
      if (isSameFile(fstatSync(fd), old)) this.#carryLines(fd, transcript, replaced, withPartialLine);
    } finally {
      closeSync(fd);
    }
  }

  /** Carries lines over at once, so that they keep their order as far as possible; `finish` does the rest. */
  #tryCarrying(fd: number, transcript: string, replaced: Replacement): void {
    try {
      this.#carryLines(fd, transcript, replaced, false);
    } catch {
      // For example on a full disk.
    }
  }

  #carryLines(fd: number, transcript: string, { copied, results }: Replacement, withPartialLine: boolean): void {
    const renew = (line: Buffer): Buffer | null => renewResultPath(line, (key) => results.get(key));
    carryLateLines(fd, transcript, copied, { renew, unfinished: withPartialLine });
  }

  /**
   * Links the old file in `.ccsess/replaced/`, after its record. Returns null if it cannot be linked. Throws Node's
   * error.
   */
  #keep(transcript: string, replaced: Replacement): string | null {
    const folder = replacedFolder(this.configDir);
    makeFolders(ownFolder(this.configDir));
    if (statOrNull(folder) === null) makeFolders(folder);
    if (!hasReplaced(this.configDir)) return null;
    const base = join(folder, randomBytes(8).toString('hex'));
    writeRecord(base, replaced);
    try {
      linkSync(transcript, linkOf(base));
      return base;
    } catch {
      // For any reason, the open file is used instead.
      forgetOldFile(base);
      return null;
    }
  }

  /**
   * Returns the path of a record's transcript, even after its session has moved; null if it is gone or behind a link.
   */
  #find([projectDir = '', ...names]: readonly string[]): string | null {
    const { projectsRoot } = this.configDir;
    const at = (folder: string): string[] =>
      isPlainFileAt(projectsRoot, [folder, ...names]) ? [join(projectsRoot, folder, ...names)] : [];
    const here = at(projectDir)[0] ?? null;
    const elsewhere = here === null ? sortedNames(projectsRoot).flatMap(at) : [];
    return here ?? (elsewhere.length === 1 ? (elsewhere[0] ?? null) : null);
  }
}

function replacedFolder(configDir: ConfigDir): string {
  return join(ownFolder(configDir), 'replaced');
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The folder is not empty.
  }
}

function isPlainFileAt(root: string, names: readonly string[]): boolean {
  const folders = names.slice(0, -1).map((_name, at) => join(root, ...names.slice(0, at + 1)));
  return folders.every(isPlainFolder) && statOrNull(join(root, ...names))?.isFile() === true;
}

function isPlainFolder(path: string): boolean {
  return statOrNull(path)?.isDirectory() === true;
}

function isSameFile(a: Stats, b: Stats): boolean {
  return fileKey(a) === fileKey(b);
}
