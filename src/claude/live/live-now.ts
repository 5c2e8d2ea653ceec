import { readHolders } from './holders.js';
import type { Live } from '../model.js';
import type { Environment } from '../environment.js';

/**
 * Returns the current holder of a session, from registries and processes read now: they may have changed since the
 * index was opened. `lastActivityMs` is as in `LiveRegistry.liveOf`; never throws.
 */
export function liveNow(
  { configDirs, system, now }: Environment,
  id: string,
  lastActivityMs: number | null,
): Live | null {
  return readHolders(configDirs, system).liveOf(id, lastActivityMs, now());
}
