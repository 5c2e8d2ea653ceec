import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CcsessError } from '../system/errors.js';
import { isFolder } from '../system/look.js';
import { option, phrase } from '../system/phrase.js';
import type { ConfigDir } from './model.js';
import { absolutePath } from '../system/real-path.js';

/** Names other than `.claude` that config dirs often have. */
const LIKELY_NAMES = ['claude', 'config'] as const;

/** Sources of the config dirs of a run; nothing is taken from the process itself. */
export interface ConfigDirSources {
  /** Values of `--config-dir`, in the order given; they win over everything else. */
  explicit: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  cwd: string;
}

/**
 * The config dirs to read: those given, else `CLAUDE_CONFIG_DIR` (empty counts as unset), else `~/.claude`.
 * Relative paths are taken from `cwd`; a leading `~` is the home folder only in `--config-dir`, since Claude Code
 * does not expand it in the variable. One named twice comes once. Nothing has to exist; never throws.
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

  const paths = named.length > 0 ? [...new Set(named)] : [defaultPath];
  return paths.map((path) => ({
    path,
    projectsRoot: realRoot(path),
    explicit: named.length > 0,
    isDefault: path === defaultPath,
  }));
}

/**
 * Returns the config dir around or below a folder without projects that was named in its place, as `~/.claude/projects`
 * and `~` are; null if it may be meant itself.
 */
export function likelyConfigDir({ path, projectsRoot }: Pick<ConfigDir, 'path' | 'projectsRoot'>): string | null {
  if (existsSync(projectsRoot)) return null;
  if (basename(path) === 'projects') return dirname(path);
  if (basename(dirname(path)) === 'projects') return dirname(dirname(path));
  const own = join(path, '.claude');
  if (existsSync(join(own, 'projects'))) return own;
  return LIKELY_NAMES.map((name) => join(path, name)).find(hasProjectDirs) ?? null;
}

/** True if a folder has projects as Claude Code names them; those of other programs may be called the same. */
function hasProjectDirs(path: string): boolean {
  try {
    return readdirSync(join(path, 'projects')).some((name) => name.startsWith('-'));
  } catch {
    return false;
  }
}

/**
 * Refuses config dirs that cannot be meant, before sessions are removed: a mistyped name must not look like a prune
 * that had nothing to do. Throws USAGE for one that was named and is not there, and for a folder next to one.
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

/** Throws USAGE for a folder next to a config dir that is named in its place. */
export function refuseSiblingFolder(configDir: Pick<ConfigDir, 'path' | 'projectsRoot'>): void {
  const meant = likelyConfigDir(configDir);
  if (meant === null) return;
  throw new CcsessError(
    'USAGE',
    phrase`${configDir.path} is not a config dir: did you mean ${option('configDir', meant)}?`,
  );
}

/** Two accounts often share their transcripts by a symlinked `projects`; the real path shows that they do. */
function realRoot(configDir: string): string {
  const projects = join(configDir, 'projects');
  try {
    return realpathSync(projects);
  } catch {
    return projects;
  }
}
