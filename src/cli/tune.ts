import { setFlagsFromString } from 'node:v8';

/** From here on a run reads for long enough to be worth it. */
const MUCH_BYTES = 150 * 1024 * 1024;

let tuned = false;

/**
 * Called again and again with the bytes a run reads in all. If they are many, V8 waits some four times as long as usual
 * (in bytes of bytecode run) before it optimizes a function: it would spend much of such a run, which is still over in
 * seconds, on what never pays it back. Versions later than that of Node 20 know no such flag, and have a cheaper
 * compiler for a start. It holds for the whole process, so it is not for a library.
 */
export function tuneFor(total: number): void {
  if (tuned || total < MUCH_BYTES) return;
  tuned = true;
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=500000');
}
