import { setFlagsFromString } from 'node:v8';

/** Runs that read this many bytes or more are long enough to benefit. */
const MUCH_BYTES = 150 * 1024 * 1024;

let tuned = false;
let isRestoredAtExit = false;

/** True where V8 has the flags that are set here: it is that of Node 20. */
const HAS_FLAGS = process.versions.v8.startsWith('11.');
/** The flags that are set here, as V8 has them at the start. */
const DEFAULTS = ['--interrupt-budget=67584', '--semi-space-growth-factor=2'];

/**
 * Delays V8's optimizations in a run of at most a few seconds, within which most of them would not pay off. Affects the
 * whole process, so the library must not call it.
 */
export function delayOptimizations(): void {
  if (tuned) return;
  tuned = true;
  // Later versions of V8 than that of Node 20 have no such flag, and a cheaper first compiler.
  if (HAS_FLAGS) setUntilExit('--interrupt-budget=500000');
}

/** Delays V8's optimizations in a run that reads `total` bytes in all, if these are many. */
export function tuneFor(total: number): void {
  if (total >= MUCH_BYTES) delayOptimizations();
}

/**
 * Keeps the space for young objects at its size in a run that may read `total` bytes in all, if these are many. Saves
 * tens of megabytes in each thread; must be called again once threads run, since each resets the flag for all.
 */
export function keepYoungSpaceSmall(total = Infinity): void {
  if (HAS_FLAGS && total >= MUCH_BYTES) setUntilExit('--semi-space-growth-factor=1');
}

/**
 * Sets a flag until the exit. Flags have their defaults again before `bin/code-cache.js` saves the compiled code: V8
 * does not use code that was saved under other flags than those of the start.
 */
function setUntilExit(flag: string): void {
  setFlagsFromString(flag);
  if (isRestoredAtExit) return;
  isRestoredAtExit = true;
  process.prependOnceListener('exit', () => DEFAULTS.forEach((one) => setFlagsFromString(one)));
}
