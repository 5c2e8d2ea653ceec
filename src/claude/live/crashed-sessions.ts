import type { ConfigDir } from '../model.js';
import { presenceOf } from './live-registry.js';
import { readRegistry } from './process-registry.js';
import type { System } from '../../system/system.js';
import { DAY_MS } from '../../system/time.js';

/** Registry files of killed processes are never removed; older ones are of no interest any more. */
const MAX_AGE_MS = 7 * DAY_MS;

/** A session whose process ended without closing it. */
export interface CrashedSession {
  configDir: ConfigDir;
  sessionId: string;
  pid: number;
  /** Last sign of life of the process, in milliseconds. */
  updatedAtMs: number;
  /** True if the process ended with the machine; null if the boot time is unknown. */
  isBeforeBoot: boolean | null;
}

/**
 * Returns the sessions whose process ended without removing its registry file, as after a kill or reboot: those of the
 * last 7 days, newest first, each once. Source: docs/storage.md, "Is a session in use".
 */
export function readCrashedSessions(configDirs: readonly ConfigDir[], system: System, nowMs: number): CrashedSession[] {
  const ownDomain = system.pidDomain();
  const bootMs = system.bootedAtMs();
  const found = configDirs.flatMap((configDir) =>
    readRegistry(configDir.path, []).flatMap((entry): CrashedSession[] => {
      const { sessionId, pid } = entry;
      const updatedAtMs = entry.updatedAtMs ?? entry.startedAtMs;
      if (sessionId === null || updatedAtMs === null || nowMs - updatedAtMs > MAX_AGE_MS) return [];
      if (presenceOf(entry, system, ownDomain) !== 'gone') return [];
      return [{ configDir, sessionId, pid, updatedAtMs, isBeforeBoot: bootMs === null ? null : updatedAtMs < bootMs }];
    }),
  );
  const newest = new Map<string, CrashedSession>();
  for (const item of found.sort((a, b) => b.updatedAtMs - a.updatedAtMs)) {
    const key = `${item.configDir.path}\n${item.sessionId}`;
    if (!newest.has(key)) newest.set(key, item);
  }
  return [...newest.values()];
}
