import type { ConfigDir, Live } from '../model.js';
import { fileProblem, type Problem } from '../../system/problem.js';
import { readJobs, readRegistry, type RegistryEntry } from './process-registry.js';
import type { System } from '../../system/system.js';
import { DAY_MS } from '../../system/time.js';
import { shortId } from '../layout.js';

export { localSystem, type System } from '../../system/system.js';

/**
 * A holder that cannot be checked no longer counts after this time without a sign of life, since killed containers
 * leave their registry files behind.
 */
const UNCHECKED_HOLDER_MS = 7 * DAY_MS;

/** Tolerance when the start of a process is compared with its registry file by clock times. */
const START_TOLERANCE_MS = 5000;

/** States of a background job that has ended. Any other state, also an unknown one, counts as running. */
const ENDED_JOB_STATES = new Set(['stopped', 'finished', 'failed']);

/** A running Claude Code process without a registry file. */
export interface UnregisteredHolder {
  live: Live;
  /** True for a session that it may hold; `lastActivityMs` is as in `LiveRegistry.liveOf`. */
  holds(id: string, lastActivityMs: number | null): boolean;
}

/** Sessions held by running processes or background jobs, as of one reading of the registries. */
export interface LiveRegistry {
  /**
   * Returns the holder of a session in any of the config dirs. `lastActivityMs` (the newest time in the session)
   * matters for two kinds of holder: one that cannot be checked counts until 7 days after the newer of that time and
   * its own last sign of life; one without a registry file counts if there was activity since its start.
   */
  liveOf(id: string, lastActivityMs: number | null, nowMs: number): Live | null;
  /** State of the session's background job as Claude Code wrote it, even after it ended; null without a job. */
  jobStateOf(id: string): string | null;
  /** Running processes whose registry file does not name a session: each may hold any. */
  unnamedHolders: readonly { pid: number; file: string }[];
  problems: readonly Problem[];
}

/**
 * Reads `sessions/<pid>.json` and `jobs/<short>/state.json` of all config dirs and checks each process
 * (docs/storage.md, "Is a session in use"); `findOthers` returns the holders that are not among the registered pids.
 * Never throws; commands that change sessions use `readHolders` instead.
 */
export function readLiveRegistry(
  configDirs: readonly ConfigDir[],
  system: System,
  findOthers: (registered: ReadonlySet<number>) => readonly UnregisteredHolder[] = () => [],
): LiveRegistry {
  const registered = new Set<number>();
  const holders: Holder[] = [];
  const jobStates = new Map<string, string>();
  const unnamedHolders: { pid: number; file: string }[] = [];
  const problems: Problem[] = [];
  const ownDomain = system.pidDomain();

  for (const path of new Set(configDirs.map((configDir) => configDir.path))) {
    for (const entry of readRegistry(path, problems)) {
      const { pid, sessionId, file } = entry;
      const presence = presenceOf(entry, system, ownDomain);
      if (presence === 'gone') continue;
      if (!isForeign(entry.pidDomain, ownDomain)) registered.add(pid);
      if (sessionId !== null) {
        holders.push(presence === 'running' ? runningHolder(sessionId, entry) : uncheckedHolder(sessionId, entry));
      } else if (presence === 'running') {
        // The file names no session, or was torn even when read again.
        unnamedHolders.push({ pid, file });
        problems.push(
          fileProblem(
            'unreadable-registry',
            `Process ${pid} runs, but the file does not say which session it holds.`,
            file,
          ),
        );
      }
    }
    for (const { sessionId, short, state } of readJobs(path, problems)) {
      if (sessionId !== null) jobStates.set(sessionId, state);
      if (!ENDED_JOB_STATES.has(state)) holders.push(jobHolder(sessionId ?? short, state));
    }
  }
  const holdersOf = groupById(holders);
  const others = findOthers(registered);
  const othersOf = (id: string, lastActivityMs: number | null): Holder[] =>
    others.filter(({ holds }) => holds(id, lastActivityMs)).map(({ live }) => unregisteredHolder(id, live));
  return {
    liveOf: (id, lastActivityMs, nowMs) => {
      if (holdersOf.size + others.length === 0) return null;
      // A job whose file does not name its session is known by the short id, which every job has.
      const named = holdersOf.get(id);
      const byJob = holdersOf.size === 0 ? undefined : holdersOf.get(shortId(id));
      // Called for every session of a plan, hardly any of which is held.
      if (named === undefined && byJob === undefined && !isHeld(others, id, lastActivityMs)) return null;
      const found = [...(named ?? []), ...(byJob ?? [])];
      if (others.length > 0) found.push(...othersOf(id, lastActivityMs));
      return mostCertain(found, lastActivityMs, nowMs);
    },
    jobStateOf: (id) => jobStates.get(id) ?? null,
    unnamedHolders,
    problems,
  };
}

function isHeld(others: readonly UnregisteredHolder[], id: string, lastActivityMs: number | null): boolean {
  for (const other of others) if (other.holds(id, lastActivityMs)) return true;
  return false;
}

interface Holder {
  id: string;
  live: Live;
  /** Order of reliability: a holder with a lower rank is reported first. */
  rank: number;
  /** Last sign of life of a holder that cannot be checked; null for holders that were checked. */
  lastSignMs: number | null;
}

function runningHolder(id: string, { pid, status, waitingFor }: RegistryEntry): Holder {
  const live = { pid, status: status ?? 'unknown', ...(waitingFor === null ? {} : { waitingFor }) };
  return { id, live, rank: 0, lastSignMs: null };
}

function unregisteredHolder(id: string, live: Live): Holder {
  return { id, live, rank: 1, lastSignMs: null };
}

function jobHolder(id: string, state: string): Holder {
  return { id, live: { pid: null, status: state }, rank: 2, lastSignMs: null };
}

function uncheckedHolder(id: string, { updatedAtMs, startedAtMs }: RegistryEntry): Holder {
  return { id, live: { pid: null, status: 'unknown' }, rank: 3, lastSignMs: updatedAtMs ?? startedAtMs ?? 0 };
}

/**
 * Returns whether the process of a registry file runs; `unchecked` if that cannot be determined here. `ownDomain` is
 * the value of `System.pidDomain`.
 */
export function presenceOf(
  entry: RegistryEntry,
  system: System,
  ownDomain: string | null,
): 'running' | 'unchecked' | 'gone' {
  if (isForeign(entry.pidDomain, ownDomain)) return 'unchecked';
  if (!system.pidExists(entry.pid)) return 'gone';
  if (!entry.parsed) return 'running';
  // The format of `procStart` is only known for Linux.
  const startTime = system.platform === 'linux' && entry.procStart !== null ? system.startTime(entry.pid) : null;
  if (startTime !== null) return startTime === entry.procStart ? 'running' : 'gone';

  const startedAtMs = entry.startedAtMs === null ? null : system.startedAtMs(entry.pid);
  if (startedAtMs === null || entry.startedAtMs === null) return 'unchecked';
  return startedAtMs <= entry.startedAtMs + START_TOLERANCE_MS ? 'running' : 'gone';
}

/**
 * True if an entry is from another pid domain, such as a container. An entry without a domain is local; if our own is
 * unknown, only an entry that names Linux is certainly foreign.
 */
function isForeign(recorded: string | null, own: string | null): boolean {
  if (recorded === null) return false;
  return own === null ? recorded.startsWith('linux:') : recorded !== own;
}

function mostCertain(holders: readonly Holder[], lastActivityMs: number | null, nowMs: number): Live | null {
  const counting = holders.filter(
    ({ lastSignMs }) => lastSignMs === null || nowMs - Math.max(lastSignMs, lastActivityMs ?? 0) <= UNCHECKED_HOLDER_MS,
  );
  return counting.sort((a, b) => a.rank - b.rank)[0]?.live ?? null;
}

function groupById(holders: readonly Holder[]): Map<string, Holder[]> {
  const groups = new Map<string, Holder[]>();
  for (const holder of holders) groups.set(holder.id, [...(groups.get(holder.id) ?? []), holder]);
  return groups;
}
