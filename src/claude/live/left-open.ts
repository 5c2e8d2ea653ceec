import type { ConfigDir } from '../model.js';
import { presenceOf } from './live-registry.js';
import { readRegistry } from './process-registry.js';
import type { System } from '../../system/system.js';
import { DAY_MS } from '../../system/time.js';

/** Registry files of killed processes stay for ever; older ones say nothing about what a person was doing. */
const MAX_AGE_MS = 7 * DAY_MS;

/** A session whose process is gone without having closed it. */
export interface LeftOpen {
  configDir: ConfigDir;
  sessionId: string;
  pid: number;
  /** Last sign of life of the process, in milliseconds. */
  updatedAtMs: number;
  /** The process ended with the machine; null where the time of the boot is not known. */
  isBeforeBoot: boolean | null;
}

/**
 * Sessions that processes held which ended without removing their registry file, as by a kill or a reboot: those of the
 * last 7 days, newest first, each once. Source: docs/storage.md, "Is a session in use". Never throws.
 */
export function readLeftOpen(configDirs: readonly ConfigDir[], system: System, nowMs: number): LeftOpen[] {
  const ownDomain = system.pidDomain();
  const bootMs = system.bootedAtMs();
  const found = configDirs.flatMap((configDir) =>
    readRegistry(configDir.path, []).flatMap((entry): LeftOpen[] => {
      const { sessionId, pid } = entry;
      const updatedAtMs = entry.updatedAtMs ?? entry.startedAtMs;
      if (sessionId === null || updatedAtMs === null || nowMs - updatedAtMs > MAX_AGE_MS) return [];
      if (presenceOf(entry, system, ownDomain) !== 'gone') return [];
      return [{ configDir, sessionId, pid, updatedAtMs, isBeforeBoot: bootMs === null ? null : updatedAtMs < bootMs }];
    }),
  );
  const newest = new Map<string, LeftOpen>();
  for (const item of found.sort((a, b) => b.updatedAtMs - a.updatedAtMs)) {
    const key = `${item.configDir.path}\n${item.sessionId}`;
    if (!newest.has(key)) newest.set(key, item);
  }
  return [...newest.values()];
}
