import { readFileSync } from 'node:fs';

/**
 * Returns the milliseconds for which the calling thread has had a processor, where Linux reports them; elsewhere those
 * that have passed. Only differences have a meaning. Never throws.
 */
export function threadTimeMs(): number {
  try {
    const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ');
    if (Number(nanoseconds) > 0) return Number(nanoseconds) / 1e6;
  } catch {
    // Other systems, and kernels that do not count it.
  }
  return performance.now();
}
