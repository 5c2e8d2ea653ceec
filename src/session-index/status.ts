import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { statOrNull } from '../system/stat.js';
import type { ConfigDir } from '../claude/model.js';
import { FILTERS_SUFFIX, loadStore, storeName } from './format/store.js';

/** State of the index of one config dir. */
export interface IndexStatus {
  configDir: string;
  /** Absolute path of the cache folder. */
  cacheDir: string;
  /** Number of sessions in the index; null if there is no index that this version can use. */
  sessions: number | null;
  /** Bytes of its files, usable or not. */
  bytes: number;
  /** The part of `bytes` that is filters of searches. */
  filterBytes: number;
  /** When it was last written, milliseconds; null if there is no file. */
  writtenMs: number | null;
}

/** Returns the state of the index of each config dir, from the index files alone. */
export function indexStatus(cacheDir: string, configDirs: readonly ConfigDir[]): IndexStatus[] {
  return configDirs.map((configDir) => {
    const files = cacheFiles(cacheDir, configDir.projectsRoot);
    const stats = files.flatMap((path) => statOrNull(path) ?? []);
    const store = loadStore(cacheDir, configDir.projectsRoot);
    store?.segments.close();
    return {
      configDir: configDir.path,
      cacheDir,
      sessions: store?.table.length ?? null,
      bytes: stats.reduce((sum, { size }) => sum + size, 0),
      filterBytes: files
        .filter((path) => path.endsWith(FILTERS_SUFFIX))
        .reduce((sum, path) => sum + (statOrNull(path)?.size ?? 0), 0),
      writtenMs: stats.length === 0 ? null : Math.max(...stats.map(({ mtimeMs }) => mtimeMs)),
    };
  });
}

/** Removes the index of the given config dirs, which is then rebuilt, and returns the number of bytes freed. */
export function clearIndex(cacheDir: string, configDirs: readonly ConfigDir[]): number {
  let freed = 0;
  for (const path of configDirs.flatMap(({ projectsRoot }) => cacheFiles(cacheDir, projectsRoot))) {
    freed += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    rmSync(path, { force: true });
  }
  return freed;
}

function cacheFiles(cacheDir: string, root: string): string[] {
  try {
    return readdirSync(cacheDir)
      .filter((name) => name.startsWith(`${storeName(root)}.`))
      .map((name) => join(cacheDir, name));
  } catch {
    return [];
  }
}
