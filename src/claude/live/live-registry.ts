import type { ConfigDir, Live } from '../model.js';
import { fileProblem, type Problem } from '../../system/problem.js';
import { readJobs, readRegistry, type RegistryEntry } from './process-registry.js';
import type { System } from '../../system/system.js';
import { DAY_MS } from '../../system/time.js';
import { shortId } from '../layout.js';

export { localSystem, type System } from '../../system/system.js';

/** Killed containers leave registry files for ever; past this without a sign of life nobody is taken to be there. */
const UNCHECKED_HOLDER_MS = 7 * DAY_MS;

/** How much later than its registry file says a process may have started, where only that can be compared. */
const START_TOLERANCE_MS = 5000;

/** States of a background job that has ended. Any other, also one not known yet, counts as still running. */
const ENDED_JOB_STATES = new Set(['stopped', 'finished', 'failed']);

/** A running Claude Code that no registry file accounts for. */
export interface UnregisteredHolder {
  live: Live;
  /** Returns true for a session it may hold; `lastActivityMs` as in `LiveRegistry.liveOf`. */
  holds(id: string, lastActivityMs: number | null): boolean;
}

/** Which sessions are held by running processes or background jobs, as of one reading of the registries. */
export interface LiveRegistry {
  /**
   * Who holds the session in any of the config dirs. `lastActivityMs` (the newest time in the session) and `nowMs`
   * matter only for holders that do not say all: one that cannot be checked counts until 7 days after the newer of
   * activity and its own last sign of life; one without a registry file counts if there was activity since its start.
   */
  liveOf(id: string, lastActivityMs: number | null, nowMs: number): Live | null;
  /** State of the session's background job as Claude Code wrote it, also when it has ended; `null` without a job. */
  jobStateOf(id: string): string | null;
  /** Running processes whose registry file does not name their session: it could be any. */
  unnamedHolders: readonly { pid: number; file: string }[];
  problems: readonly Problem[];
}

/**
 * Reads `sessions/<pid>.json` and `jobs/<short>/state.json` of all config dirs and checks each process. What acts on
 * sessions reads `readHolders` instead. Never throws.
 *
 * `findOthers` is given the pids that registry files account for, and returns the other holders.
 * A registry file that is not JSON even when read again, while its process runs, holds the session whose id can be made
 * out in it; if none can, it is in `unnamedHolders` and `problems`. Rule: docs/storage.md, "Is a session in use".
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
        holders.push(presence === 'running' ? running(sessionId, entry) : unchecked(sessionId, entry));
      } else if (presence === 'running') {
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
      if (!ENDED_JOB_STATES.has(state)) holders.push(parked(sessionId ?? short, state));
    }
  }
  const holdersOf = groupById(holders);
  const others = findOthers(registered);
  const othersOf = (id: string, lastActivityMs: number | null): Holder[] =>
    others.filter(({ holds }) => holds(id, lastActivityMs)).map(({ live }) => ofUnregistered(id, live));
  return {
    liveOf: (id, lastActivityMs, nowMs) => {
      if (holdersOf.size + others.length === 0) return null;
      // A job that does not say its session is known by the short id that every job has.
      const named = holdersOf.get(id);
      const byJob = holdersOf.size === 0 ? undefined : holdersOf.get(shortId(id));
      // Asked of every session of a plan, and hardly any is held.
      if (named === undefined && byJob === undefined && !isHeld(others, id, lastActivityMs)) return null;
      const found = [...(named ?? []), ...(byJob ?? [])];
      if (others.length > 0) found.push(...othersOf(id, lastActivityMs));
      return strongest(found, lastActivityMs, nowMs);
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
  /** The lower, the more it says about who holds the session. */
  rank: number;
  /** Last sign of life of a holder that cannot be checked; `null` for those that need none. */
  lastSignMs: number | null;
}

function running(id: string, { pid, status, waitingFor }: RegistryEntry): Holder {
  const live = { pid, status: status ?? 'unknown', ...(waitingFor === null ? {} : { waitingFor }) };
  return { id, live, rank: 0, lastSignMs: null };
}

function ofUnregistered(id: string, live: Live): Holder {
  return { id, live, rank: 1, lastSignMs: null };
}

function parked(id: string, state: string): Holder {
  return { id, live: { pid: null, status: state }, rank: 2, lastSignMs: null };
}

function unchecked(id: string, { updatedAtMs, startedAtMs }: RegistryEntry): Holder {
  return { id, live: { pid: null, status: 'unknown' }, rank: 3, lastSignMs: updatedAtMs ?? startedAtMs ?? 0 };
}

/**
 * Returns whether the process of a registry file runs; `unchecked` where that cannot be known here. `ownDomain` is
 * `System.pidDomain`.
 */
export function presenceOf(
  entry: RegistryEntry,
  system: System,
  ownDomain: string | null,
): 'running' | 'unchecked' | 'gone' {
  if (isForeign(entry.pidDomain, ownDomain)) return 'unchecked';
  if (!system.pidExists(entry.pid)) return 'gone';
  if (!entry.parsed) return 'running';
  // The form of `procStart` is proven on Linux only.
  const startTime = system.platform === 'linux' && entry.procStart !== null ? system.startTime(entry.pid) : null;
  if (startTime !== null) return startTime === entry.procStart ? 'running' : 'gone';

  const startedAtMs = entry.startedAtMs === null ? null : system.startedAtMs(entry.pid);
  if (startedAtMs === null || entry.startedAtMs === null) return 'unchecked';
  return startedAtMs <= entry.startedAtMs + START_TOLERANCE_MS ? 'running' : 'gone';
}

/** An entry without a domain is local; where ours is unknown, only one that names Linux is certainly another's. */
function isForeign(recorded: string | null, own: string | null): boolean {
  if (recorded === null) return false;
  return own === null ? recorded.startsWith('linux:') : recorded !== own;
}

function strongest(holders: readonly Holder[], lastActivityMs: number | null, nowMs: number): Live | null {
  const believed = holders.filter(
    ({ lastSignMs }) => lastSignMs === null || nowMs - Math.max(lastSignMs, lastActivityMs ?? 0) <= UNCHECKED_HOLDER_MS,
  );
  return believed.sort((a, b) => a.rank - b.rank)[0]?.live ?? null;
}

function groupById(holders: readonly Holder[]): Map<string, Holder[]> {
  const groups = new Map<string, Holder[]>();
  for (const holder of holders) groups.set(holder.id, [...(groups.get(holder.id) ?? []), holder]);
  return groups;
}
