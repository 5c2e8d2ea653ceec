import { refuseSiblingFolder, resolveConfigDirs } from '../claude/config-dir.js';
import { CcsessError } from '../system/errors.js';
import { isFolder, statOrNull } from '../system/look.js';
import { currentFolder, homeFolder, localSystem } from '../system/system.js';
import type { Problem } from '../system/problem.js';
import type { Workplace } from '../claude/workplace.js';
import { cacheFolder, isInMissingHome } from '../session-index/cache-dir.js';
import { openSessionIndex } from '../session-index/open.js';
import type { IndexOptions, SessionIndex, SessionRow } from '../session-index/session-index.js';
import { sessionGoneError } from '../sessions/amend/amend.js';
import { listOf, type OneOrMore, type OptionNames } from './support/options.js';

/** Options of every function of the library. */
export interface LibraryOptions {
  /** Config dirs to look in, which must exist; else `$CLAUDE_CONFIG_DIR`, else `~/.claude`. */
  configDir?: OneOrMore<string>;
  /** Folder of the index between calls; else below `$XDG_CACHE_HOME`. Null: everything is read each time. */
  cacheDir?: string | null;
  /** Milliseconds since the epoch; else the machine's clock. */
  now?: () => number;
  /**
   * Ends what takes long; it then rejects with the signal's reason. A session keeps it for what is done with it later.
   */
  signal?: StopSignal;
  /**
   * Called with what went wrong on the way and has no place in the result, such as a folder that cannot be read or a
   * damaged journal of a move. A session keeps it for what is done with it later.
   */
  onProblem?: (problem: Problem) => void;
}

/**
 * An `AbortSignal`, by the members that its types have in every runtime. (Programs may be compiled without the types of
 * Node and of browsers, and then have no name for it.)
 */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

/** The names of `LibraryOptions`. */
export const LIBRARY_OPTIONS: OptionNames<LibraryOptions> = {
  configDir: true,
  cacheDir: true,
  now: true,
  signal: true,
  onProblem: true,
};

/** The options, with what they leave open taken from the process. */
export interface Surroundings extends Workplace {
  cacheDir: string | null;
  signal: AbortSignal | null;
  onProblem: (problem: Problem) => void;
}

/**
 * Looks at the process, and at nothing on disk but the paths of the config dirs and of the home folder. Throws USAGE
 * for a config dir that is named and does not exist, and as `homeFolder`.
 */
export function surroundingsOf({
  configDir,
  cacheDir,
  now = () => Date.now(),
  signal,
  onProblem = () => {},
}: LibraryOptions): Surroundings {
  if (typeof onProblem !== 'function') throw new CcsessError('USAGE', 'onProblem is not a function.');
  const { env } = process;
  const home = homeFolder();
  const cwd = currentFolder(env, home);
  const explicit = configDir === undefined ? [] : listOf(configDir, 'configDir');
  if (explicit.includes('')) throw new CcsessError('USAGE', 'configDir needs a value.');
  const configDirs = resolveConfigDirs({ explicit, env, home, cwd });
  if (explicit.length > 0) {
    for (const found of configDirs) {
      requireFolder(found.path);
      refuseSiblingFolder(found);
    }
  }
  return {
    configDirs,
    cacheDir: cacheDir === undefined ? defaultCacheDir(env, home) : cacheDir,
    now,
    system: localSystem(),
    env,
    home,
    cwd,
    signal: abortSignal(signal) ?? null,
    onProblem,
  };
}

function defaultCacheDir(env: NodeJS.ProcessEnv, home: string): string | null {
  const found = cacheFolder(env, home);
  return isInMissingHome(found, home) ? null : found;
}

/** Returns a signal that was passed. Throws USAGE for anything but an `AbortSignal`. */
export function abortSignal(signal: StopSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new CcsessError('USAGE', 'signal is not an AbortSignal.');
}

/** A typo in a program must not look like an empty machine. */
function requireFolder(path: string): void {
  if (isFolder(path)) return;
  const what = statOrNull(path) === null ? 'no such folder' : 'not a folder';
  throw new CcsessError('USAGE', `configDir ${path}: ${what}.`);
}

/**
 * The sessions as they are now; with `readOnly` nothing at all is written. What could not be read is handed to
 * `onProblem`. Rejects when aborted.
 */
export async function openIndex(
  surroundings: Surroundings,
  options: Pick<IndexOptions, 'readOnly' | 'processes' | 'paths'> = {},
): Promise<SessionIndex> {
  const { configDirs, cacheDir, now, system, signal } = surroundings;
  signal?.throwIfAborted();
  const stop = signal === null ? {} : { signal };
  const index = await openSessionIndex({ configDirs, cacheDir, now, system, ...options, ...stop });
  reportProblems(index.problems, surroundings);
  return index;
}

/** Problems that were handed to `onProblem`: the index is opened several times by some calls. */
const reported = new WeakMap<Surroundings, Set<string>>();

/** Hands problems to `onProblem`, each once for these surroundings. */
export function reportProblems(problems: readonly Problem[], surroundings: Surroundings): void {
  const known = reported.get(surroundings) ?? new Set();
  reported.set(surroundings, known);
  for (const problem of problems) {
    const key = `${problem.code} ${problem.line ?? ''} ${problem.byteOffset ?? ''} ${problem.file} ${problem.message}`;
    if (known.has(key)) continue;
    known.add(key);
    surroundings.onProblem(problem);
  }
}

/** Returns the session with this id and transcript. Throws NOT_FOUND. */
export function rowAt(index: SessionIndex, { id, path }: { id: string; path: string }): SessionRow {
  const row = index.rows.find(({ file }) => file.path === path);
  if (row === undefined) throw sessionGoneError(id);
  return row;
}
