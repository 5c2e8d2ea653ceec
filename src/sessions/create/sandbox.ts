import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { errorCode } from '../../system/problem.js';
import type { Environment } from '../../claude/environment.js';
import type { NewFiles } from './new-files.js';
import { realPathToBe } from '../resolve/work-folder.js';

/** Claude Code's settings of a project: commands, agents, permissions. */
const SETTINGS = '.claude';

/**
 * Returns the real path of a session's sandbox, `<folder>/<id>/sandbox`, from the current folder; it need not exist.
 * Throws USAGE for an empty name, and for a path that cannot be created because one of its parents is not a folder.
 */
export function sandboxPath(sandboxes: string, id: string, { cwd }: Pick<Environment, 'cwd'>): string {
  if (sandboxes === '') throw new CcsessError('USAGE', phrase`${option('sandboxes')} needs a value.`);
  try {
    return realPathToBe(join(resolve(cwd, sandboxes), id, 'sandbox'));
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    throw new CcsessError(
      'USAGE',
      phrase`${option('sandboxes')} ${sandboxes}: ${code === 'ENOTDIR' ? 'not a folder' : `cannot be used (${code})`}.`,
      { cause: error },
    );
  }
}

/**
 * Creates the sandbox at a path, with `.claude` linked to the project's if that has one. An existing sandbox, left by
 * an earlier attempt with the same id, is used unchanged. ccsess removes a sandbox only if creating its session fails.
 */
export function makeSandbox(path: string, project: string, newFiles: NewFiles): void {
  newFiles.folder(path);
  const settings = join(project, SETTINGS);
  const link = join(path, SETTINGS);
  if (!existsSync(settings) || existsSync(link)) return;
  symlinkSync(settings, link, 'dir');
  newFiles.onFailure(() => rmSync(link));
}
