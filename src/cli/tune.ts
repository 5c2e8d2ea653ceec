import { setFlagsFromString } from 'node:v8';

/** Runs that read this many bytes or more are long enough to benefit. */
const MUCH_BYTES = 150 * 1024 * 1024;

let tuned = false;

/**
 * Takes the bytes that a run reads in all; may be called repeatedly. In a long run, V8 then waits some four times as
 * long as usual (in bytes of bytecode run) before it optimizes a function: such a run still ends within seconds, and
 * much of its time would go to optimizations that never pay off. Versions of V8 after that of Node 20 do not know the
 * flag, and have a cheaper first compiler. It applies to the whole process, so the library must not call it.
 */
export function tuneFor(total: number): void {
  if (tuned || total < MUCH_BYTES) return;
  tuned = true;
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=500000');
}
