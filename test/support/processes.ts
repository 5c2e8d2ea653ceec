import type { System } from '../../src/system/system.js';
import { IDLE } from './context.js';
import { addFile } from './transcripts.js';

/** Registers a running process that holds a session; the system to run it on. */
export function registryOf(configDir: string, sessionId: string, pid: number): System {
  addFile(
    configDir,
    `sessions/${pid}.json`,
    JSON.stringify({ pid, sessionId, procStart: '1', startedAt: 0, status: 'idle' }),
  );
  return { ...IDLE, pidExists: (asked) => asked === pid, startTime: () => '1' };
}
