import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './built.js';
import { temporaryFolder } from './temporary.js';

/** A user id that owns nothing on the machine, and has no name. */
export const OTHER_UID = 12_345;

/** True if the tests run as root, to whom the modes of files do not apply. */
export const isRoot = process.geteuid?.() === 0;

/** Gives a folder with all that is in it to a user. */
export function giveTo(uid: number, folder: string): void {
  spawnSync('chown', ['-R', `${uid}:${uid}`, folder]);
}

/** Runs `act` as a user to whom modes apply. For root that is another user, who gets the folder first. */
export async function withoutPrivileges<T>(folder: string, act: () => Promise<T> | T): Promise<T> {
  if (!isRoot) return act();
  giveTo(OTHER_UID, folder);
  process.seteuid?.(OTHER_UID);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}

/** Copies the built program and Node to a folder that every user can read; returns the command line that starts it. */
export function programForAnyone(): [node: string, bin: string] {
  const folder = temporaryFolder('anyone');
  chmodSync(folder, 0o755);
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  for (const part of ['bin', 'dist/main.cjs', 'dist/rest.cjs', 'dist/worker.cjs', 'node_modules/@pydantic']) {
    mkdirSync(join(folder, part, '..'), { recursive: true });
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  spawnSync('chmod', ['-R', 'a+rX', folder]);
  return [node, join(folder, 'bin/ccsess.js')];
}
