import { fstatSync, readSync, statSync } from 'node:fs';
import { errorCode } from '../../system/problem.js';

const STDIN = 0;
const CHUNK = 64 * 1024;

/**
 * Returns the first `limit` bytes of standard input as text; null if it is a terminal, and empty if it cannot be read.
 * Reads synchronously if possible, since loading Node's stream takes milliseconds.
 */
export async function readInput(limit: number): Promise<string | null> {
  if (await isTerminal()) return null;
  const chunks: Buffer[] = [];
  for (let held = 0; held < limit; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, limit - held));
    try {
      const read = readSync(STDIN, chunk, 0, chunk.length, null);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      held += read;
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') break;
      return Buffer.concat([...chunks, await restOf(limit - held)]).toString('utf8');
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Loads `node:tty` only for a device, since it takes longer than the rest and nothing else can be a terminal. */
async function isTerminal(): Promise<boolean> {
  try {
    const stats = fstatSync(STDIN);
    if (!stats.isCharacterDevice() || stats.rdev === statSync('/dev/null').rdev) return false;
  } catch {
    return false;
  }
  return (await import('node:tty')).isatty(STDIN);
}

async function restOf(limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let held = 0;
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, limit - held));
      held += chunk.length;
      if (held >= limit) break;
    }
  } catch {
    // An error is treated as the end of the input.
  }
  return Buffer.concat(chunks);
}
