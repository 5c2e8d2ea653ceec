import { basename } from 'node:path';
import type { LiveRegistry } from '../../claude/live/live-registry.js';
import type { ConfigDir } from '../../claude/model.js';
import type { PruneCandidate } from '../plan/candidates.js';
import { liveReasons, pinReasons, timeReasons } from './reasons.js';
import type { Problem } from '../../system/problem.js';
import type { ProtectionRules, Reason, KeepCode } from '../model.js';
import { restoredReasons, restoredSessions, type RestoredSessions } from './restored.js';
import type { Survey } from '../plan/survey/survey.js';

/** Protections that apply when a plan is made. */
export interface PlanRules extends ProtectionRules {
  /** Archived sessions are protected. */
  archived: boolean;
  /** Sessions of unknown age are protected. */
  unknownAge: boolean;
}

/** Sources of a plan's protections. */
export interface ProtectionSources {
  registry: LiveRegistry;
  rules: PlanRules;
  configDirs: readonly ConfigDir[];
  now: number;
}

const NONE: readonly Reason<KeepCode>[] = [];

/** The protections of a plan, computed for a candidate on demand. */
export class Protections {
  readonly #sources: ProtectionSources;
  readonly #own = new Map<PruneCandidate, readonly Reason<KeepCode>[]>();

  readonly #restored: ReadonlyMap<string, RestoredSessions>;

  constructor(sources: ProtectionSources) {
    this.#sources = sources;
    this.#restored = new Map(
      sources.rules.restored
        ? sources.configDirs.map((configDir) => [configDir.path, restoredSessions(configDir)])
        : [],
    );
  }

  get rules(): PlanRules {
    return this.#sources.rules;
  }

  /** Problems with restore marks; all sessions of such a config dir are protected. */
  get problems(): Problem[] {
    return [...this.#restored.values()].flatMap(({ problem }) => problem ?? []);
  }

  /** Returns the reasons to keep a candidate; a protected copy of its id is one of them. */
  reasonsOf(found: PruneCandidate): readonly Reason<KeepCode>[] {
    if (found.copies.length === 0) return this.#findReasons(found);
    const own = this.#ownReasons(found);
    for (const copy of found.copies) {
      const codes = this.#ownReasons(copy).map(({ code }) => code);
      if (codes.length > 0) return [...own, { code: 'other-copy', detail: `${codes.join(', ')}: ${copy.path}` }];
    }
    return own;
  }

  /**
   * Returns true if a session is not protected by a process, by a mark of a restored session, or by activity or writes
   * (milliseconds) within the idle window. If it returns false, `reasonsOf` decides.
   */
  isQuiet({ id, configDir }: Pick<PruneCandidate, 'id' | 'configDir'>, activityMs: number, writtenMs: number): boolean {
    const { rules, now, registry } = this.#sources;
    if (rules.minIdleMs !== null && !(Math.max(activityMs, writtenMs) <= now - rules.minIdleMs)) return false;
    if (this.#restored.get(configDir.path)?.mayHold(id) === true) return false;
    return liveReasons(registry, id, activityMs, now).length === 0;
  }

  #ownReasons(found: PruneCandidate): readonly Reason<KeepCode>[] {
    let reasons = this.#own.get(found);
    if (reasons === undefined) {
      reasons = this.#findReasons(found);
      this.#own.set(found, reasons);
    }
    return reasons;
  }

  #findReasons(found: PruneCandidate): readonly Reason<KeepCode>[] {
    const { rules, now } = this.#sources;
    const { row, ageMs } = found;
    const survey = found.survey();
    if (survey === null) return [{ code: 'unrecognised', detail: 'it has just vanished' }];
    const activity = row === null ? survey.touchedMs : row.lastActivityMs;
    const reasons: Reason<KeepCode>[] = liveReasons(this.#sources.registry, found.id, ageMs, now);
    if (rules.minIdleMs !== null) reasons.push(...this.#idleReasons(rules.minIdleMs, activity, survey));
    this.#addMarks(found, reasons);
    if (rules.archived && row?.archived === true) reasons.push({ code: 'archived', detail: null });
    if (rules.unknownAge && ageMs === null) reasons.push({ code: 'unknown-age', detail: null });
    if (row?.unreadable === true) reasons.push({ code: 'unrecognised', detail: 'not all of it could be read' });
    reasons.push(...survey.oddities);
    // Nearly all selected sessions have no reason, so they share one empty list.
    return reasons.length === 0 ? NONE : reasons;
  }

  #idleReasons(minIdleMs: number, activity: number | null, survey: Survey): Reason<KeepCode>[] {
    // The file has changed since it was indexed.
    if (!survey.asIndexed) return [{ code: 'recent', detail: 'it is being written' }];
    return timeReasons([activity, survey.writtenMs], minIdleMs, this.#sources.now);
  }

  /** Adds the reasons of marks: pinned and restored. Their files are read only for sessions that have one. */
  #addMarks(found: PruneCandidate, reasons: Reason<KeepCode>[]): void {
    const { row, id } = found;
    if (row === null) reasons.push(...pinReasons(found.roots().own.filter((root) => basename(root) === id)));
    else if (row.pinned) reasons.push({ code: 'pinned', detail: null });
    if (this.#restored.get(found.configDir.path)?.mayHold(id) === true)
      reasons.push(...restoredReasons(found.configDir, id, this.#sources.now));
  }
}
