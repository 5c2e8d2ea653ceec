import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const LOWEST = 19;

/** Lets other threads run before the current one, where the system has priorities of threads (Linux). Never throws. */
export function lowerThreadPriority(by: number): void {
  try {
    const thread = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]);
    setPriority(thread, Math.min(LOWEST, getPriority(thread) + by));
  } catch {
    // The thread keeps its priority.
  }
}
