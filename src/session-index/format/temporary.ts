import { rmSync } from 'node:fs';

/** Twelve characters that no other run makes; loading the cryptographic kind takes longer than a warm list has. */
export function unique(): string {
  const half = (): string => Math.random().toString(36).slice(2, 8).padEnd(6, '0');
  return half() + half();
}

/** Removes a file that could not be written whole; where the disk refuses that too, it stays. Never throws. */
export function removeTemporary(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // `force` ignores a missing file, but not a parent that is a file or that may not be entered.
  }
}
