import { listIdArtifacts } from '../../claude/layout.js';
import { readHolders } from '../../claude/live/holders.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { Protections } from '../keep/protections.js';
import { candidatesOf, EVERYTHING, type PruneCandidate } from './candidates.js';
import { Forks } from './forks.js';
import type { PlannedPrune, PlannedRemoval } from './planned.js';
import { ourFolders } from './survey/our-folders.js';

/** Fields by which a session is found again in another index. */
export interface SessionKey {
  id: string;
  /** Path of the config dir. */
  configDir: string;
  projectDir: string;
}

/** Returns the fields of a key as one text. */
export function keyOf({ id, configDir, projectDir }: SessionKey): string {
  return [configDir, projectDir, id].join('\0');
}

/** Returns candidates by the keys of their sessions. */
export function candidatesByKey(candidates: readonly PruneCandidate[]): Map<string, PruneCandidate> {
  return new Map(
    candidates.map((candidate) => {
      const { id, configDir, projectDir } = candidate;
      return [keyOf({ id, configDir: configDir.path, projectDir }), candidate];
    }),
  );
}

/**
 * Returns the plan with the present protections of its sessions, from an index opened after the plan was made. A
 * session that has vanished gets none: it is noticed when it is checked before the move.
 */
export function updateProtections(
  planned: PlannedPrune,
  index: SessionIndex,
  { configDirs, now, system }: Environment,
): PlannedPrune {
  const isOurs = ourFolders(configDirs);
  const { all } = candidatesOf({ index, policy: EVERYTHING, idArtifacts: listIdArtifacts(configDirs), isOurs });
  const byKey = candidatesByKey(all);
  const candidates = planned.removals.map(({ removal }) => byKey.get(keyOf(removal)));
  const registry = readHolders(configDirs, system);
  const protections = new Protections({ registry, rules: planned.rules, configDirs, now: now() });
  const removals = withProtections(planned.removals, candidates, { protections, forks: new Forks(index, all) });
  return { ...planned, removals };
}

/** Sources of protections that need the whole index. */
interface IndexProtections {
  protections: Protections;
  forks: Forks<PruneCandidate>;
}

/** Returns removals with the protections of their candidates; `undefined` stands for a session that has vanished. */
export function withProtections(
  removals: readonly PlannedRemoval[],
  candidates: readonly (PruneCandidate | undefined)[],
  { protections, forks }: IndexProtections,
): PlannedRemoval[] {
  const removed = new Set(candidates);
  const parentsInUse = new Map(forks.findParentsInUse((candidate) => removed.has(candidate)));
  return removals.map((each, at) => {
    const candidate = candidates[at];
    if (candidate === undefined) return { ...each, protections: [] };
    const isNamed = each.removal.reasons.some(({ code }) => code === 'named');
    const forFork = isNamed ? undefined : parentsInUse.get(candidate);
    const own = protections.reasonsOf(candidate);
    return { ...each, protections: forFork === undefined ? own : [...own, forFork] };
  });
}
