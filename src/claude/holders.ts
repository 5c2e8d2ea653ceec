import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sessionArgumentsOf, type SessionArguments } from './claude-process.js';
import type { ConfigDir } from './model.js';
import type { RunningProcess } from './process-table.js';
import { readLiveRegistry, type LiveRegistry, type UnregisteredHolder } from './processes.js';
import { projectKey } from './project-key.js';
import { ownUid, type System } from './system.js';

const TRANSCRIPT_SUFFIX = '.jsonl';

/**
 * Everything that may hold a session at this moment: `readLiveRegistry`, and the running Claude Code processes that no
 * registry file tells of. To be read again just before acting. Never throws.
 *
 * Versions before 2.1.43 write no registry file, and some later ones lose theirs (docs/storage.md, "Is a session in use").
 */
export function readHolders(configDirs: readonly ConfigDir[], system: System): LiveRegistry {
  return readLiveRegistry(configDirs, system, (registered) => unregisteredHolders(configDirs, system, registered));
}

function unregisteredHolders(configDirs: readonly ConfigDir[], system: System, registered: ReadonlySet<number>): UnregisteredHolder[] {
  const { claudes, transcriptsIn } = lookedAt(system.processes());
  if (claudes.length === 0) return [];
  const owners = new Set([ownUid(), ...configDirs.flatMap(({ path }) => statSync(path, { throwIfNoEntry: false })?.uid ?? [])]);
  return claudes
    .filter(({ running }) => !registered.has(running.pid) && owners.has(running.uid))
    .map((claude) => holderOf(claude, foldersFor(claude.running, configDirs).map(transcriptsIn)));
}

/** A running Claude Code. */
interface Claude {
  running: RunningProcess;
  said: SessionArguments;
}

/** What was found for one list of processes, while that list is valid: a prune asks again for every session. */
interface Found {
  claudes: readonly Claude[];
  transcriptsIn: (projectDir: string) => Transcripts;
}

const found = new WeakMap<readonly RunningProcess[], Found>();

function lookedAt(processes: readonly RunningProcess[]): Found {
  const known = found.get(processes);
  if (known !== undefined) return known;
  const claudes = processes.flatMap((running) => {
    const said = sessionArgumentsOf(running);
    return said === null ? [] : [{ running, said }];
  });
  const folders = new Map<string, Transcripts>();
  const transcriptsIn = (projectDir: string): Transcripts => {
    const transcripts = folders.get(projectDir) ?? new Transcripts(projectDir);
    folders.set(projectDir, transcripts);
    return transcripts;
  };
  found.set(processes, { claudes, transcriptsIn });
  return { claudes, transcriptsIn };
}

function holderOf({ running: { pid, startedMs }, said: { ids, opened } }: Claude, folders: readonly Transcripts[]): UnregisteredHolder {
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
    holds: (id, lastActivityMs) => ids.includes(id) || folders.some((transcripts) => holdsIn(transcripts, id, lastActivityMs)),
  };
}

/** Its project dir in each config dir: only its environment, which is never read, says which config dir it uses. */
function foldersFor({ folder }: RunningProcess, configDirs: readonly ConfigDir[]): string[] {
  if (folder === null) return [];
  const key = projectKey(folder);
  return [...new Set(configDirs.map(({ projectsRoot }) => join(projectsRoot, key)))];
}

/** The transcripts of one project dir, looked at once and only if asked. */
class Transcripts {
  #times: Map<string, number> | undefined;

  constructor(private readonly path: string) {}

  /** Modification times by session id. */
  times(): ReadonlyMap<string, number> {
    return (this.#times ??= timesIn(this.path));
  }

  /** The session `claude -c` opens, or opened at an earlier time if none was written to since; null if there is none. */
  newest(beforeMs: number): string | null {
    let newest: string | null = null;
    let newestMs = -Infinity;
    for (const [id, ms] of this.times()) {
      if (ms < beforeMs && ms > newestMs) [newest, newestMs] = [id, ms];
    }
    return newest;
  }
}

function timesIn(folder: string): Map<string, number> {
  const times = new Map<string, number>();
  try {
    for (const name of readdirSync(folder)) {
      if (!name.endsWith(TRANSCRIPT_SUFFIX)) continue;
      const stats = statSync(join(folder, name), { throwIfNoEntry: false });
      if (stats !== undefined) times.set(name.slice(0, -TRANSCRIPT_SUFFIX.length), stats.mtimeMs);
    }
  } catch {
    // A folder in which Claude Code has no sessions has no project dir.
  }
  return times;
}
