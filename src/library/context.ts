import { existsSync } from 'node:fs';
import { refuseSiblingFolder, resolveConfigDirs } from '../claude/config-dir.js';
import { CcsessError } from '../system/errors.js';
import { option, phrase } from '../system/phrase.js';
import { isFolder, statOrNull } from '../system/stat.js';
import { currentFolder, homeFolder, localSystem } from '../system/system.js';
import type { Problem } from '../system/problem.js';
import type { Environment } from '../claude/environment.js';
import { cacheFolder, isInMissingHome } from '../session-index/cache-dir.js';
import { openSessionIndex } from '../session-index/open.js';
import type { IndexOptions, SessionIndex, SessionRow } from '../session-index/session-index.js';
import { sessionGoneError } from '../sessions/amend/amend.js';
import { checkPath, toList, type OneOrMore, type OptionNames, withoutUndefined } from './support/options.js';

/** Options of all functions of the library. */
export interface LibraryOptions {
  /** Existing config dirs to read; by default `$CLAUDE_CONFIG_DIR`, else `~/.claude`. */
  configDir?: OneOrMore<string>;
  /** Folder of the index; by default below `$XDG_CACHE_HOME`. With null, everything is read on each call. */
  cacheDir?: string | null;
  /** Returns the current time in milliseconds since the epoch; by default by the machine's clock. */
  now?: () => number;
  /** Aborts long operations, which then reject with the signal's reason. A session object keeps it for its methods. */
  signal?: StopSignal;
  /**
   * Called once with each file that cannot be read and each damaged journal of a move, even if the problem is among
   * those of a plan. A session object keeps it for its methods.
   */
  onProblem?: (problem: Problem) => void;
}

/**
 * The members of `AbortSignal` that its types have in every runtime: programs that are compiled without the types of
 * Node and of browsers have no such type.
 */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

/** Names of the options in `LibraryOptions`. */
export const LIBRARY_OPTIONS: OptionNames<LibraryOptions> = {
  configDir: 'other',
  cacheDir: 'other',
  now: 'other',
  signal: 'other',
  onProblem: 'other',
};

/** The options of a call, with defaults taken from the process. */
export interface LibraryContext extends Environment {
  cacheDir: string | null;
  signal: AbortSignal | null;
  onProblem: (problem: Problem) => void;
}

/** The options of a call that replace those of its session. */
type OwnOptions = Pick<LibraryContext, 'cacheDir' | 'now' | 'onProblem'> & { signal: AbortSignal };

/** Returns the options of a call except its config dirs, without those that are undefined. Throws USAGE. */
export function ownOptions({ cacheDir, now, signal, onProblem }: LibraryOptions): Partial<OwnOptions> {
  for (const [name, value] of Object.entries({ now, onProblem }))
    if (value !== undefined && typeof value !== 'function')
      throw new CcsessError('USAGE', `${name} is not a function.`);
  if (cacheDir !== undefined && cacheDir !== null) checkPath(cacheDir, 'cacheDir');
  return withoutUndefined({ cacheDir, now, onProblem, signal: abortSignal(signal) });
}

/** Returns the context of a call. Throws USAGE for a named config dir that does not exist, and as `homeFolder`. */
export function contextOf({ configDir, ...options }: LibraryOptions): LibraryContext {
  const { cacheDir, now = () => Date.now(), signal = null, onProblem = () => {} } = ownOptions(options);
  const { env } = process;
  const home = homeFolder();
  const cwd = currentFolder(env, home);
  const explicit =
    configDir === undefined ? [] : toList(configDir, 'configDir').map((path) => checkPath(path, 'configDir'));
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
    signal,
    onProblem,
  };
}

function defaultCacheDir(env: NodeJS.ProcessEnv, home: string): string | null {
  const found = cacheFolder(env, home);
  return isInMissingHome(found, home) ? null : found;
}

/** Returns the signal. Throws USAGE for anything but an `AbortSignal`. */
function abortSignal(signal: StopSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new CcsessError('USAGE', 'signal is not an AbortSignal.');
}

/** Throws USAGE unless the folder exists, so that a typing error does not look like an empty config dir. */
function requireFolder(path: string): void {
  if (isFolder(path)) return;
  const what = statOrNull(path) === null ? 'no such folder' : 'not a folder';
  throw new CcsessError('USAGE', `configDir ${path}: ${what}.`);
}

/** Opens the index of the sessions as they are now; with `readOnly` nothing is written. Rejects when aborted. */
export async function openIndex(
  context: LibraryContext,
  options: Pick<IndexOptions, 'readOnly' | 'processes' | 'paths'> = {},
): Promise<SessionIndex> {
  const { configDirs, cacheDir, now, system, signal } = context;
  signal?.throwIfAborted();
  const stop = signal === null ? {} : { signal };
  const index = await openSessionIndex({ configDirs, cacheDir, now, system, ...options, ...stop });
  reportProblems(index.problems, context);
  return index;
}

/** Keys of problems that were handed to `onProblem`: some calls open the index several times. */
const reported = new WeakMap<LibraryContext, Set<string>>();

/** Hands problems to `onProblem`, each once per context. */
export function reportProblems(problems: readonly Problem[], context: LibraryContext): void {
  const known = reported.get(context) ?? new Set();
  reported.set(context, known);
  for (const problem of problems) {
    const key = `${problem.code} ${problem.line ?? ''} ${problem.byteOffset ?? ''} ${problem.file} ${problem.message}`;
    if (known.has(key)) continue;
    known.add(key);
    context.onProblem(problem);
  }
}

/**
 * Returns the row of the session with this id and transcript. Throws NOT_FOUND, or USAGE if it is in a config dir that
 * was not given.
 */
export function rowAt(index: SessionIndex, { id, path }: { id: string; path: string }): SessionRow {
  const row = index.rows.find(({ file }) => file.path === path);
  if (row !== undefined) return row;
  if (!existsSync(path)) throw sessionGoneError(id);
  throw new CcsessError('USAGE', `session ${id} is in none of the config dirs of this call: ${path}.`, {
    hint: phrase`name them with ${option('configDir')}`,
  });
}
