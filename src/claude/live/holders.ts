import { readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { sessionArgumentsOf, type SessionArguments } from './claude-process.js';
import type { ConfigDir } from '../model.js';
import type { RunningProcess } from '../../system/process/process-table.js';
import { readLiveRegistry, type LiveRegistry, type UnregisteredHolder } from './live-registry.js';
import { projectKey } from '../project-key.js';
import { isSessionId } from '../scan/scan.js';
import { readStart } from '../../system/small-file.js';
import { ownUid, type System } from '../../system/system.js';

const TRANSCRIPT_SUFFIX = '.jsonl';
/** A longer file holds more than titles. */
const MAX_START_BYTES = 256 * 1024;

/**
 * Everything that may hold a session at this moment: `readLiveRegistry`, and the running Claude Code processes that no
 * registry file accounts for. To be read again just before acting. Never throws.
 *
 * Versions before 2.1.43 write no registry file, and later ones may lose it (docs/storage.md, "Is a session in use").
 */
export function readHolders(configDirs: readonly ConfigDir[], system: System): LiveRegistry {
  return readLiveRegistry(configDirs, system, (registered) => unregisteredHolders(configDirs, system, registered));
}

function unregisteredHolders(
  configDirs: readonly ConfigDir[],
  system: System,
  registered: ReadonlySet<number>,
): UnregisteredHolder[] {
  const processes = system.processes();
  // A prune asks for every session, mostly while one list of processes is valid.
  let found = lastFound.get(processes);
  if (found?.configDirs !== configDirs) {
    found = { configDirs, holders: holdersAmong(processes, configDirs) };
    lastFound.set(processes, found);
  }
  return found.holders.filter(({ pid }) => !registered.has(pid)).map(({ holder }) => holder);
}

/** A running Claude Code, as the holder it is without a registry file. */
interface Claude {
  pid: number;
  holder: UnregisteredHolder;
}

/** The holders found for some config dirs. */
interface Found {
  configDirs: readonly ConfigDir[];
  holders: readonly Claude[];
}

const lastFound = new WeakMap<readonly RunningProcess[], Found>();

function holdersAmong(processes: readonly RunningProcess[], configDirs: readonly ConfigDir[]): Claude[] {
  const owners = new Set([ownUid(), ...configDirs.flatMap(({ path }) => statsOf(path)?.uid ?? [])]);
  const folders = new Map<string, Transcripts>();
  const transcriptsIn = (projectDir: string): Transcripts => {
    const transcripts = folders.get(projectDir) ?? new Transcripts(projectDir);
    folders.set(projectDir, transcripts);
    return transcripts;
  };
  return processes.flatMap((running) => {
    const said = owners.has(running.uid) ? sessionArgumentsOf(running) : null;
    if (said === null) return [];
    const transcripts = projectDirsOf(running, configDirs).map(transcriptsIn);
    return [{ pid: running.pid, holder: holderOf(running, said, transcripts) }];
  });
}

function holderOf(
  running: RunningProcess,
  said: SessionArguments,
  folders: readonly Transcripts[],
): UnregisteredHolder {
  const { pid, startedMs } = running;
  const { ids, opened } = said;
  const startMs = startedMs ?? -Infinity;
  const holdsIn = (transcripts: Transcripts, id: string, lastActivityMs: number | null): boolean => {
    const modifiedMs = transcripts.times().get(id);
    if (modifiedMs === undefined) return false;
    // In the UI a process may go over to another session of its folder, whatever it was started with.
    if ((lastActivityMs ?? modifiedMs) >= startMs) return true;
    return opened !== 'none' && transcripts.newest(opened === 'continued' ? startMs : Infinity) === id;
  };
  return {
    live: { pid, status: 'unknown' },
    holds: (id, lastActivityMs) => ids.includes(id) || folders.some((folder) => holdsIn(folder, id, lastActivityMs)),
  };
}

/** Its project dir in each config dir: only its environment, which is never read, says which config dir it uses. */
function projectDirsOf({ folder }: RunningProcess, configDirs: readonly ConfigDir[]): string[] {
  if (folder === null) return [];
  const key = projectKey(folder);
  return [...new Set(configDirs.map(({ projectsRoot }) => join(projectsRoot, key)))];
}

/** The transcripts of one project dir, looked at once and only if asked. */
class Transcripts {
  #times: Map<string, number> | undefined;
  readonly #newest = new Map<number, string | null>();

  constructor(private readonly path: string) {}

  /** Modification times by session id. */
  times(): ReadonlyMap<string, number> {
    return (this.#times ??= timesIn(this.path));
  }

  /** The session `claude -c` opens among those last changed before a moment; null if there is none. */
  newest(beforeMs: number): string | null {
    const known = this.#newest.get(beforeMs);
    if (known !== undefined) return known;
    const ids = [...this.times()]
      .filter(([, ms]) => ms < beforeMs)
      .sort(([, a], [, b]) => b - a)
      .map(([id]) => id);
    const newest = ids.find((id) => hasConversation(join(this.path, id + TRANSCRIPT_SUFFIX))) ?? ids[0] ?? null;
    this.#newest.set(beforeMs, newest);
    return newest;
  }
}

function timesIn(folder: string): Map<string, number> {
  const times = new Map<string, number>();
  for (const name of namesIn(folder)) {
    const id = name.endsWith(TRANSCRIPT_SUFFIX) ? name.slice(0, -TRANSCRIPT_SUFFIX.length) : '';
    // Transcripts of subagents may be among them.
    const stats = isSessionId(id) ? statsOf(join(folder, name)) : null;
    if (stats !== null) times.set(id, stats.mtimeMs);
  }
  return times;
}

/** False for the file of titles alone that old versions make for the id they had before they resumed a session. */
function hasConversation(path: string): boolean {
  const start = readStart(path, MAX_START_BYTES);
  return start === null || !start.whole || start.text.includes('"parentUuid"');
}

/** Empty for a folder in which Claude Code has no sessions: it has no project dir. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
