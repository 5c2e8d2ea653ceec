import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { readRegistry } from './process-registry.js';

/** Delay before the registry is read again, since a change of status writes a file several times. */
const WAIT_MS = 300;

/**
 * Calls `onChange` when a session of these config dirs starts, ends or changes its status, and returns a function that
 * stops watching. On systems that report no file changes it is never called.
 */
export function watchLive(configDirs: readonly string[], onChange: () => void): () => void {
  let before = stateOf(configDirs);
  let timer: NodeJS.Timeout | null = null;
  const check = (): void => {
    timer = null;
    const now = stateOf(configDirs);
    if (now === before) return;
    before = now;
    onChange();
  };
  const watchers = configDirs.flatMap((dir) =>
    watched(join(dir, 'sessions'), () => (timer ??= setTimeout(check, WAIT_MS))),
  );
  return () => {
    if (timer !== null) clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

function watched(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    // The folder may be removed while it is watched.
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

/** Returns everything in the registry files that a list shows. */
function stateOf(configDirs: readonly string[]): string {
  const entries = configDirs.flatMap((dir) => readRegistry(dir, []));
  return JSON.stringify(
    entries.map(({ file, sessionId, status, waitingFor }) => [file, sessionId, status, waitingFor]),
  );
}
