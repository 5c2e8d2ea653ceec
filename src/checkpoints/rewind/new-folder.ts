import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { statOrNull } from '../../system/stat.js';
import { errorCode } from '../../system/problem.js';
import { removeQuietly, sweepTemporaries, temporaryNextTo } from '../../system/temporaries.js';
import { StagedFile } from './stage.js';

/** A file to be copied into a new folder. */
export interface CopiedFile {
  /** Relative to the new folder. */
  path: string;
  /** The file to copy. */
  from: string;
  /** By default that of the copied file. */
  mode?: number;
}

/** Throws EXISTS unless a folder is missing or empty. */
export function requireEmpty(folder: string): void {
  const stats = statOrNull(folder);
  if (stats === null || (stats.isDirectory() && readdirSync(folder).length === 0)) return;
  const what = stats.isDirectory() ? 'is not empty' : 'is not a folder';
  throw new CcsessError('EXISTS', `${folder} ${what}: name a new folder.`);
}

/** Copies files into a new folder, which appears whole or not at all. Throws IO. */
export function writeNewFolder(folder: string, contents: readonly CopiedFile[]): void {
  const temporary = temporaryNextTo(folder);
  try {
    mkdirSync(dirname(folder), { recursive: true });
    sweepTemporaries(dirname(folder), (name) => name === basename(folder));
    mkdirSync(temporary);
    for (const { path, from, mode = modeOf(from) } of contents)
      new StagedFile(join(temporary, path), { from, mode, mtimeMs: null, sha256: null }).publish();
    renameSync(temporary, folder);
  } catch (error) {
    removeQuietly(temporary);
    const code = errorCode(error) ?? 'unknown error';
    const { path } = error as NodeJS.ErrnoException;
    const isRead = contents.some(({ from }) => from === path);
    const what = isRead ? `${path ?? ''} cannot be read` : `${folder} cannot be written`;
    throw new CcsessError('IO', `${what} (${code}): nothing was written.`, { cause: error });
  }
}

function modeOf(path: string): number {
  return (statOrNull(path)?.mode ?? PRIVATE) & 0o777;
}

const PRIVATE = 0o600;
