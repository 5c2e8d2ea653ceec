import { readHolders } from './holders.js';
import type { Live } from '../model.js';
import type { Workplace } from '../workplace.js';

/**
 * Returns the present holder of a session. Registries and processes are read anew, since a process may have started,
 * ended or changed its session after the index was opened. `lastActivityMs` is as in `LiveRegistry.liveOf`. Never
 * throws.
 */
export function liveNow(
  { configDirs, system, now }: Workplace,
  id: string,
  lastActivityMs: number | null,
): Live | null {
  return readHolders(configDirs, system).liveOf(id, lastActivityMs, now());
}
