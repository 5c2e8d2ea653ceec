import { readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { sessionArgumentsOf, type SessionArguments } from './claude-process.js';
import type { ConfigDir } from '../model.js';
import type { RunningProcess } from '../../system/process/process-table.js';
import { readLiveRegistry, type LiveRegistry, type UnregisteredHolder } from './live-registry.js';
import { projectKey } from '../project-key.js';
import { mayHaveTitle } from './titled.js';
import { isSessionId } from '../scan/scan.js';
import { readStart } from '../../system/small-file.js';
import { ownUid, type System } from '../../system/system.js';

const TRANSCRIPT_SUFFIX = '.jsonl';
/** Transcripts that have nothing but titles are shorter than this. */
const MAX_START_BYTES = 256 * 1024;

/**
 * Returns everything that may hold a session now: `readLiveRegistry`, and running Claude Code processes without a
 * registry file, as of versions before 2.1.43 (docs/storage.md, "Is a session in use"). Call it again just before
 * acting on the result.
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
  // A prune calls this for every 32 sessions, mostly with the same list of processes.
  let found = cachedHolders.get(processes);
  if (found?.configDirs !== configDirs) {
    found = { configDirs, holders: holdersAmong(processes, configDirs) };
    cachedHolders.set(processes, found);
  }
  return found.holders.filter(({ pid }) => !registered.has(pid)).map(({ holder }) => holder);
}

/** A running Claude Code process as a holder without a registry file. */
interface UnregisteredProcess {
  pid: number;
  holder: UnregisteredHolder;
}

/** The holders that were found for some config dirs. */
interface CachedHolders {
  configDirs: readonly ConfigDir[];
  holders: readonly UnregisteredProcess[];
}

const cachedHolders = new WeakMap<readonly RunningProcess[], CachedHolders>();

function holdersAmong(processes: readonly RunningProcess[], configDirs: readonly ConfigDir[]): UnregisteredProcess[] {
  const owners = new Set([ownUid(), ...configDirs.flatMap(({ path }) => statsOf(path)?.uid ?? [])]);
  const folders = new Map<string, ProjectTranscripts>();
  const transcriptsIn = (projectDir: string): ProjectTranscripts => {
    const transcripts = folders.get(projectDir) ?? new ProjectTranscripts(projectDir);
    folders.set(projectDir, transcripts);
    return transcripts;
  };
  return processes.flatMap((running) => {
    const sessionArguments = owners.has(running.uid) ? sessionArgumentsOf(running) : null;
    if (sessionArguments === null) return [];
    const transcripts = projectDirsOf(running, configDirs).map(transcriptsIn);
    return [{ pid: running.pid, holder: holderOf(running, sessionArguments, transcripts) }];
  });
}

function holderOf(
  running: RunningProcess,
  { ids, opened, titles = [] }: SessionArguments,
  folders: readonly ProjectTranscripts[],
): UnregisteredHolder {
  const { pid, startedMs } = running;
  const startMs = startedMs ?? -Infinity;
  const holdsIn = (transcripts: ProjectTranscripts, id: string, lastActivityMs: number | null): boolean => {
    const modifiedMs = transcripts.times().get(id);
    if (modifiedMs === undefined) return false;
    // In the UI a process may switch to another session of its folder, whatever it was started with.
    if ((lastActivityMs ?? modifiedMs) >= startMs) return true;
    if (transcripts.titled(titles).includes(id)) return true;
    return opened !== 'none' && transcripts.newest(opened === 'continued' ? startMs : Infinity) === id;
  };
  return {
    live: { pid, status: 'unknown' },
    holds: (id, lastActivityMs) => ids.includes(id) || folders.some((folder) => holdsIn(folder, id, lastActivityMs)),
  };
}

/**
 * Returns the process's project dir in each config dir: only its environment, which is never read, names the right one.
 */
function projectDirsOf({ folder }: RunningProcess, configDirs: readonly ConfigDir[]): string[] {
  if (folder === null) return [];
  const key = projectKey(folder);
  return [...new Set(configDirs.map(({ projectsRoot }) => join(projectsRoot, key)))];
}

/** The transcripts of one project dir, read once and only when needed. */
class ProjectTranscripts {
  #times: Map<string, number> | undefined;
  readonly #newest = new Map<number, string | null>();
  readonly #titled = new Map<string, readonly string[]>();

  constructor(private readonly path: string) {}

  /** Modification times by session id. */
  times(): ReadonlyMap<string, number> {
    return (this.#times ??= timesIn(this.path));
  }

  /** Returns the sessions that may have one of these titles. */
  titled(titles: readonly string[]): readonly string[] {
    if (titles.length === 0) return [];
    const key = titles.join('\n');
    const known = this.#titled.get(key);
    if (known !== undefined) return known;
    const ids = [...this.times().keys()].filter((id) => mayHaveTitle(join(this.path, id + TRANSCRIPT_SUFFIX), titles));
    this.#titled.set(key, ids);
    return ids;
  }

  /** Returns the session that `claude -c` opens, among those last changed before a time; null if there is none. */
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

/** False for a file that has only titles, which old versions created for a new id before they resumed a session. */
function hasConversation(path: string): boolean {
  const start = readStart(path, MAX_START_BYTES);
  return start === null || !start.whole || start.text.includes('"parentUuid"');
}

/** Returns the names in a project dir; none if it is missing, since Claude Code has no sessions of that folder. */
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
