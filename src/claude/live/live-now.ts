import { readHolders } from './holders.js';
import type { Live } from '../model.js';
import type { Workplace } from '../workplace.js';

/**
 * Who holds a session at this moment: registries and processes are read anew, since a process may have come, gone or
 * changed its session after the index was opened. `lastActivityMs` as in `LiveRegistry.liveOf`. Never throws.
 */
export function liveNow(
  { configDirs, system, now }: Workplace,
  id: string,
  lastActivityMs: number | null,
): Live | null {
  return readHolders(configDirs, system).liveOf(id, lastActivityMs, now());
}
