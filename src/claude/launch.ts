import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { CcsessError } from '../system/errors.js';
import { option, phrase } from '../system/phrase.js';
import type { ConfigDir } from './model.js';
import { errorCode } from '../system/problem.js';

/** One start of Claude Code, without a shell. */
export interface ClaudeLaunch {
  /** Absolute path of the program. */
  program: string;
  args: readonly string[];
  /** The folder the program starts in. */
  cwd: string;
  /** `CLAUDE_CONFIG_DIR` for the program; null if the variable must not be set. */
  configDir: string | null;
}

/** Environment for finding the program. */
export interface ClaudeSearch {
  env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  cwd: string;
}

const HINT = phrase`name it with ${option('claudeBin')} or in CCSESS_CLAUDE_BIN`;
const NOT_EXECUTABLE = 126;

/**
 * Returns the program's name as the user gave it: by flag, else by `CCSESS_CLAUDE_BIN`, else `claude`. A name with a
 * slash is made absolute.
 */
export function claudeName(flag: string | undefined, { env, cwd }: ClaudeSearch): string {
  const name = [flag, env['CCSESS_CLAUDE_BIN']].find((named) => named !== undefined && named !== '') ?? 'claude';
  return name.includes('/') ? resolve(cwd, name) : name;
}

/**
 * Returns the absolute path of the program that `claudeName` returns, found on PATH if it has no slash. Throws
 * CLAUDE_NOT_FOUND with exit code 127 if it does not exist, and 126 if it cannot be executed.
 */
export function findClaude(flag: string | undefined, search: ClaudeSearch): string {
  const name = claudeName(flag, search);
  if (name.includes('/')) {
    if (isExecutable(name)) return name;
    throw programExists(name)
      ? notExecutable(name)
      : new CcsessError('CLAUDE_NOT_FOUND', `${name}: no such program.`, { hint: HINT });
  }
  const folders = (search.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = folders.map((folder) => resolve(search.cwd, join(folder, name)));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const blocked = candidates.find(programExists);
  if (blocked !== undefined) throw notExecutable(blocked);
  throw new CcsessError('CLAUDE_NOT_FOUND', `'${name}' is not on PATH: is Claude Code installed?`, { hint: HINT });
}

/** Returns the error of a program that exists but cannot be executed. */
export function notExecutable(program: string): CcsessError {
  return new CcsessError('CLAUDE_NOT_FOUND', `${program} cannot be executed.`, {
    hint: HINT,
    exitCode: NOT_EXECUTABLE,
  });
}

/**
 * Returns the launch that resumes a session, named by its id or the path of its transcript. For the default config dir
 * `CLAUDE_CONFIG_DIR` is left unset: if it is set, Claude Code creates a second `.claude.json` (docs/storage.md).
 */
export function resumeLaunch(
  session: { name: string; configDir: ConfigDir; cwd: string },
  program: string,
  args: readonly string[],
): ClaudeLaunch {
  const { name, configDir, cwd } = session;
  return { program, args: [`--resume=${name}`, ...args], cwd, configDir: configDir.isDefault ? null : configDir.path };
}

/** Returns the environment of the child process: ours, except for the config dir. */
export function launchEnv({ configDir }: ClaudeLaunch, env: ClaudeSearch['env']): Record<string, string | undefined> {
  const { CLAUDE_CONFIG_DIR: _, ...others } = env;
  return configDir === null ? others : { ...others, CLAUDE_CONFIG_DIR: configDir };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function programExists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return errorCode(error) === 'EACCES';
  }
}
