import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CcsessError } from '../system/errors.js';
import { makeFolders } from '../system/make-folders.js';
import type { ConfigDir } from '../claude/model.js';
import { errorCode, isDiskFull } from '../system/problem.js';
import type { Environment } from '../claude/environment.js';
import { sweepTemporaries } from '../system/temporaries.js';
import { lockedError, lockState, lockTarget, lockText, type LeftWork, type LockState } from './lock-file.js';
import { createLock, replaceLock, type LockContent } from './lock-write.js';
import { FREE_SPACE_HINT, keepReserve } from './reserve.js';

/** Files in ccsess's own folder that are written under temporary names. */
const OWN_FILES = ['swept', 'lock', 'lock.takeover', 'move.journal'];

const POLL_MS = 100;
/** How long to wait for another ccsess that is just taking the lock, so that the error can name it. */
const CONTENTION_MS = 3000;

/**
 * Returns the folder of ccsess in a config dir, with lock, trash and marks. Claude Code's cleanup and purge do not
 * delete it (docs/storage.md).
 */
export function ownFolder({ path }: ConfigDir): string {
  return join(path, '.ccsess');
}

/** An exclusive lock on some config dirs, for changes to their files. */
export interface Lock {
  /** Trash folders of holders that were killed, whose work is to be finished or rolled back. */
  readonly leftBehind: readonly string[];
  /** A holder that was killed may have left staged files: sessions that it was deleting without a manifest. */
  readonly mayHaveStaged: boolean;
  /** Releases the lock. If `unfinished`, its file stays for the next holder to find, as after a kill. */
  release(options: { unfinished: boolean }): void;
}

/** How a lock is taken. */
export interface LockOptions {
  /** The work only deletes, so it needs no record of where files are moved and can run on a full disk. */
  onlyDeletes?: boolean;
}

/**
 * Takes the lock of each config dir that exists; one whose process is gone is taken over. Waits at most `waitMs` for
 * another holder, then throws LOCKED; throws IO if the lock cannot be read or created.
 */
export async function takeLock(
  configDirs: readonly ConfigDir[],
  trashDirs: readonly string[],
  waitMs: number,
  environment: Environment,
  { onlyDeletes = false }: LockOptions = {},
): Promise<Lock> {
  const taken: TakenLock[] = [];
  const leftBehind = new Set<string>();
  try {
    // Always in the same order, so that two processes never wait for each other.
    for (const configDir of configDirs.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      if (!existsSync(configDir.path)) continue;
      const lock = new TakenLock(lockFile(configDir), environment, onlyDeletes);
      await lock.take(trashDirs, leftBehind, waitMs);
      taken.push(lock);
      sweepTemporaries(ownFolder(configDir), (name) => OWN_FILES.includes(name));
      sweepTemporaries(join(ownFolder(configDir), 'restored'), (name) => name.endsWith('.json'));
    }
  } catch (error) {
    for (const lock of taken) lock.release({ unfinished: lock.wasStale });
    throw error;
  }
  return {
    leftBehind: [...leftBehind],
    mayHaveStaged: taken.some((lock) => lock.mayHaveStaged),
    release(options) {
      for (const lock of taken) {
        lock.keepReserve();
        lock.release(options);
        // The lock may have held the last free inode.
        lock.keepReserve();
      }
    },
  };
}

/**
 * Returns true if a ccsess was killed while it changed one of the config dirs, so that a session may be half moved.
 * Never throws.
 */
export function wasInterrupted(configDirs: readonly ConfigDir[], world: Pick<Environment, 'system' | 'now'>): boolean {
  return configDirs.some((configDir) => lockState(lockFile(configDir), world).kind === 'stale');
}

/** Returns true if a ccsess is changing a config dir now, or may be. Never throws. */
export function isLocked(configDir: ConfigDir, world: Pick<Environment, 'system' | 'now'>): boolean {
  return ['held', 'blocked'].includes(lockState(lockFile(configDir), world).kind);
}

/** Returns the trash folders that the locks of killed runs name. Never throws. */
export function trashDirsLeftIn(
  configDirs: readonly ConfigDir[],
  world: Pick<Environment, 'system' | 'now'>,
): string[] {
  return configDirs.flatMap((configDir) => {
    const state = lockState(lockFile(configDir), world);
    return state.kind === 'stale' ? state.trashDirs : [];
  });
}

function lockFile(configDir: ConfigDir): string {
  return join(ownFolder(configDir), 'lock');
}

/** The lock of one config dir. */
class TakenLock {
  /** The lock was taken over from a killed run, whose work may be unfinished. */
  wasStale = false;
  /** As `Lock.mayHaveStaged`. */
  mayHaveStaged = false;
  #trashDirs: string[] = [];
  #text: string | null = null;

  constructor(
    private readonly file: string,
    private readonly environment: Environment,
    private readonly onlyDeletes: boolean,
  ) {}

  /** Takes the lock, and adds the trash folders of a killed holder to `leftBehind`. Throws as `takeLock`. */
  async take(trashDirs: readonly string[], leftBehind: Set<string>, waitMs: number): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const state = lockState(this.file, this.environment);
      if (state.kind === 'unusable') throw state.error;
      const left = state.kind === 'stale' ? state.trashDirs : [];
      this.#trashDirs = [...new Set([...trashDirs, ...leftBehind, ...left])];
      this.mayHaveStaged = state.kind === 'stale' && state.mayHaveStaged;
      this.#text = state.kind === 'free' ? this.#create() : state.kind === 'stale' ? this.#takeOver(state.text) : null;
      if (this.#text !== null) {
        this.wasStale = state.kind === 'stale';
        for (const dir of left) leftBehind.add(dir);
        return;
      }
      const { error, minWaitMs } = refusal(state, this.file);
      if (waitedMs >= Math.max(waitMs, minWaitMs)) throw error;
      await sleep(POLL_MS);
    }
  }

  /** Creates or refills the reserve for a full disk. Never throws. */
  keepReserve(): void {
    keepReserve(dirname(this.file));
  }

  /**
   * Releases the lock, unless another process took it over. Never throws: a file that cannot be removed is stale once
   * this process has ended.
   */
  release({ unfinished }: { unfinished: boolean }): void {
    try {
      if (!this.#isOurs()) return;
      if (unfinished) replaceLock(this.file, this.#content({ ended: true }));
      else rmSync(this.file);
    } catch {
      // As after a kill.
    }
  }

  #isOurs(): boolean {
    const state = lockState(this.file, this.environment);
    return 'text' in state && state.text === this.#text;
  }

  #create(): string | null {
    return this.#withWriteError(() => {
      makeFolders(dirname(this.file));
      return createLock(this.file, this.#content({ ended: false }));
    });
  }

  /**
   * Replaces a stale lock in one step, so that the file names the killed run's trash folders at every moment. A second
   * lock makes sure that one process does it at a time; returns null to the others.
   */
  #takeOver(stale: string): string | null {
    const guard = `${this.file}.takeover`;
    return this.#withWriteError(() => {
      const work: LeftWork = { trashDirs: [], ended: false, inPlace: false };
      if (createLock(guard, { text: lockText(this.environment, work), link: lockTarget(this.environment) }) === null) {
        const state = lockState(guard, this.environment);
        if (state.kind === 'unusable' || state.kind === 'blocked') throw state.error;
        if (state.kind === 'stale') rmSync(guard, { force: true });
        return null;
      }
      try {
        const state = lockState(this.file, this.environment);
        if (state.kind !== 'stale' || state.text !== stale) return null;
        return replaceLock(this.file, this.#content({ ended: false }));
      } finally {
        rmSync(guard, { force: true });
      }
    });
  }

  #content({ ended }: { ended: boolean }): LockContent {
    const text = lockText(this.environment, {
      trashDirs: this.#trashDirs,
      ended,
      inPlace: this.mayHaveStaged || this.onlyDeletes,
    });
    return { text, link: this.onlyDeletes && !ended ? lockTarget(this.environment) : null };
  }

  #withWriteError(write: () => string | null): string | null {
    try {
      return write();
    } catch (error) {
      if (error instanceof CcsessError) throw error;
      const why = errorCode(error) ?? 'unknown error';
      throw new CcsessError('IO', `${this.file} cannot be written (${why}), so nothing was changed.`, {
        cause: error,
        ...(isDiskFull(error) && !this.onlyDeletes ? { hint: FREE_SPACE_HINT } : {}),
      });
    }
  }
}

/** Returns the error for a lock that is not free, and how long it is waited for even if the caller does not wait. */
function refusal(
  state: Exclude<LockState, { kind: 'unusable' }>,
  file: string,
): { error: CcsessError; minWaitMs: number } {
  if (state.kind === 'held') return { error: state.error, minWaitMs: state.isNew ? CONTENTION_MS : 0 };
  if (state.kind === 'blocked') return { error: state.error, minWaitMs: 0 };
  return { error: lockedError(null, file), minWaitMs: CONTENTION_MS };
}
