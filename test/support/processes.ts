import type { System } from '../../src/system/system.js';
import { IDLE } from './context.js';
import { addFile } from './transcripts.js';

/** Writes the registry file of a running process that holds a session, and returns a system on which it runs. */
export function registryOf(configDir: string, sessionId: string, pid: number): System {
  addFile(
    configDir,
    `sessions/${pid}.json`,
    JSON.stringify({ pid, sessionId, procStart: '1', startedAt: 0, status: 'idle' }),
  );
  return { ...IDLE, pidExists: (asked) => asked === pid, startTime: () => '1' };
}
