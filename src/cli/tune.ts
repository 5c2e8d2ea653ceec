import { setFlagsFromString } from 'node:v8';

/** Runs that read this many bytes or more are long enough to benefit. */
const MUCH_BYTES = 150 * 1024 * 1024;

let tuned = false;

/**
 * Delays V8's optimizations in a run that reads `total` bytes in all, if these are many: most optimizations would not
 * pay off within its few seconds. Affects the whole process, so the library must not call it.
 */
export function tuneFor(total: number): void {
  if (tuned || total < MUCH_BYTES) return;
  tuned = true;
  // Later versions of V8 than that of Node 20 have no such flag, and a cheaper first compiler.
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=500000');
}
