import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CcsessError } from '../system/errors.js';
import { isFolder } from '../system/stat.js';
import { option, phrase } from '../system/phrase.js';
import type { ConfigDir } from './model.js';
import { absolutePath, realPathOrSelf } from '../system/real-path.js';

/** Names other than `.claude` that config dirs often have. */
const LIKELY_NAMES = ['claude', 'config'] as const;

/** Sources of a run's config dirs. Nothing is read from the process itself. */
export interface ConfigDirSources {
  /** Values of `--config-dir`, in the order given; they take precedence over everything else. */
  explicit: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  cwd: string;
}

/**
 * Returns the config dirs to read, without duplicates: those given, else `CLAUDE_CONFIG_DIR` (empty counts as unset),
 * else `~/.claude`. They need not exist; relative paths start from `cwd`, and `~` is expanded only in `--config-dir`,
 * since Claude Code does not expand it in the variable.
 */
export function resolveConfigDirs({ explicit, env, home, cwd }: ConfigDirSources): ConfigDir[] {
  const defaultPath = join(home, '.claude');
  const fromEnv = env['CLAUDE_CONFIG_DIR'] ?? '';
  const named =
    explicit.length > 0
      ? explicit.map((value) => absolutePath(value, { cwd, home }))
      : fromEnv === ''
        ? []
        : [resolve(cwd, fromEnv)];

  const paths = named.length > 0 ? withoutRepeats(named) : [defaultPath];
  return paths.map((path) => ({
    path,
    projectsRoot: realRoot(path),
    explicit: named.length > 0,
    isDefault: path === defaultPath,
  }));
}

/** Returns paths without those that lead to the same folder as an earlier one. */
function withoutRepeats(paths: readonly string[]): string[] {
  const byFolder = new Map<string, string>();
  for (const path of paths) {
    const folder = realPathOrSelf(path);
    if (!byFolder.has(folder)) byFolder.set(folder, path);
  }
  return [...byFolder.values()];
}

/**
 * Returns the config dir that was probably meant when a folder above or below it was named, such as
 * `~/.claude/projects` or `~`; null if the folder has projects itself, or none is found.
 */
export function likelyConfigDir({ path, projectsRoot }: Pick<ConfigDir, 'path' | 'projectsRoot'>): string | null {
  if (existsSync(projectsRoot)) return null;
  if (basename(path) === 'projects') return dirname(path);
  if (basename(dirname(path)) === 'projects') return dirname(dirname(path));
  const own = join(path, '.claude');
  if (existsSync(join(own, 'projects'))) return own;
  return LIKELY_NAMES.map((name) => join(path, name)).find(hasProjectDirs) ?? null;
}

/** True if a folder has projects with names as Claude Code gives them: other programs use folders of the same name. */
function hasProjectDirs(path: string): boolean {
  try {
    return readdirSync(join(path, 'projects')).some((name) => name.startsWith('-'));
  } catch {
    return false;
  }
}

/**
 * Throws USAGE for a named config dir that does not exist, and for a folder named instead of a config dir. Called
 * before sessions are removed, so that a mistyped name does not look like a prune with nothing to do.
 */
export function requireConfigDirs(
  configDirs: readonly ConfigDir[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  for (const configDir of configDirs) {
    const { path, explicit } = configDir;
    if (explicit && !isFolder(path))
      throw new CcsessError('USAGE', `CLAUDE_CONFIG_DIR=${env['CLAUDE_CONFIG_DIR'] ?? path}: no such folder.`);
    refuseSiblingFolder(configDir);
  }
}

/** Throws USAGE for a folder that was named instead of the config dir above or below it. */
export function refuseSiblingFolder(configDir: Pick<ConfigDir, 'path' | 'projectsRoot'>): void {
  const meant = likelyConfigDir(configDir);
  if (meant === null) return;
  throw new CcsessError(
    'USAGE',
    phrase`${configDir.path} is not a config dir: did you mean ${option('configDir', meant)}?`,
  );
}

/** Returns the real path of `projects`, which two accounts often share by a symlink. */
function realRoot(configDir: string): string {
  const projects = join(configDir, 'projects');
  try {
    return realpathSync(projects);
  } catch {
    return projects;
  }
}
