import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Saves a file of the index, given in pieces, for the user alone: under a temporary name that is then renamed. Returns
 * false, with nothing changed, if the disk refuses. Never throws.
 */
export function saveFile(path: string, pieces: readonly Uint8Array[]): boolean {
  const temporary = `${path}.${unique()}.tmp`;
  try {
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      // Joined into one buffer first, the pieces would be copied.
      for (const piece of pieces) writeFileSync(fd, piece);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    return true;
  } catch {
    removeTemporary(temporary);
    return false;
  }
}

/** Returns twelve characters that no other run uses. Loading Node's crypto module takes longer than a warm list may. */
export function unique(): string {
  const half = (): string => Math.random().toString(36).slice(2, 8).padEnd(6, '0');
  return half() + half();
}

/** Removes a temporary file that could not be written whole. Never throws. */
export function removeTemporary(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // `force` ignores a missing file, but not a parent that is a file or that may not be entered.
  }
}
