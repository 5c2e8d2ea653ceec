import { lstatSync } from 'node:fs';
import { sessionRoots, type SessionPart, type SessionRoot } from './layout.js';
import { statOrNull } from '../system/stat.js';
import type { TranscriptFile } from './model.js';

/** A file of a session, by its absolute path. */
export interface SessionFile {
  part: SessionPart;
  path: string;
  bytes: number;
}

/** Returns a session's files with their sizes. The transcript has the size it had when it was scanned. */
export async function footprintFiles(file: TranscriptFile): Promise<SessionFile[]> {
  return (await footprintPaths(file)).flatMap(({ part, path }) => {
    const bytes = path === file.path ? file.stamp.size : (statOrNull(path)?.size ?? null);
    return bytes === null ? [] : [{ part, path, bytes }];
  });
}

/**
 * Returns the paths of a session's files that exist now, each with the name of its part: links and special files
 * included, folders only if they are empty. Symlinks are not followed.
 */
export async function footprintPaths(file: TranscriptFile): Promise<SessionRoot[]> {
  const found: SessionRoot[] = [];
  for (const { part, path } of sessionRoots(file)) {
    const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (isFolder === undefined) continue;
    const below = isFolder ? await pathsBelow(path) : [path];
    for (const each of below) found.push({ part, path: each });
  }
  return found;
}

async function pathsBelow(folder: string): Promise<string[]> {
  const { default: glob } = await import('fast-glob');
  // The defaults of fast-glob would follow symlinks, and miss dot files and empty folders.
  const options = {
    cwd: folder,
    absolute: true,
    dot: true,
    followSymbolicLinks: false,
    onlyFiles: false,
    markDirectories: true,
    suppressErrors: true,
  };
  const paths = (await glob('**', options)).sort();
  const isEmptyFolder = (path: string, i: number): boolean => path.endsWith('/') && !paths[i + 1]?.startsWith(path);
  if (paths.length === 0) return [folder];
  return paths
    .filter((path, i) => !path.endsWith('/') || isEmptyFolder(path, i))
    .map((path) => path.replace(/\/$/, ''));
}
