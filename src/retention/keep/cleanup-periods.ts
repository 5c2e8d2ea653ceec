import { isShorter } from '../../claude/cleanup/cleanup-policies.js';
import type { CleanupPolicy } from '../../claude/cleanup/cleanup-policy.js';
import type { ConfigDir } from '../../claude/model.js';
import type { SessionIndex } from '../../session-index/session-index.js';

/**
 * A folder whose own settings make Claude Code delete sooner: a start there applies them to the sessions of all
 * projects.
 */
export interface ShorterPeriod {
  folder: string;
  /** The settings file that sets the period. */
  file: string;
  /** The shortest of the config dirs' periods there. */
  days: number;
  policyOf(configDir: ConfigDir): CleanupPolicy;
}

/** The cleanup policies that Claude Code may apply, depending on the folder it is started in. */
export interface Periods {
  /** The policy of the start of Claude Code that deletes the soonest. */
  shortestOf(configDir: ConfigDir): CleanupPolicy;
  /** Shortest first. */
  shorter: readonly ShorterPeriod[];
}

/** Reads the settings of each folder that a session ran in, in addition to those of the index. Never throws. */
export function readPeriods(index: SessionIndex, configDirs: readonly ConfigDir[]): Periods {
  const { cleanup } = index;
  const shorter = index
    .cwds()
    .flatMap((folder): ShorterPeriod[] => {
      const policyOf = cleanup.inFolder(folder);
      if (policyOf === null) return [];
      const policies = configDirs.flatMap((configDir) => {
        const policy = policyOf(configDir);
        return isShorter(policy, cleanup.of(configDir)) ? [policy] : [];
      });
      const [shortest] = policies.sort((a, b) => (a.days ?? Infinity) - (b.days ?? Infinity));
      if (shortest === undefined || shortest.days === null) return [];
      return [{ folder, file: shortest.file ?? folder, days: shortest.days, policyOf }];
    })
    .sort((a, b) => a.days - b.days || (a.folder < b.folder ? -1 : 1));
  const shortestOf = (configDir: ConfigDir): CleanupPolicy =>
    shorter
      .map(({ policyOf }) => policyOf(configDir))
      .reduce((known, policy) => (isShorter(policy, known) ? policy : known), cleanup.of(configDir));
  return { shortestOf, shorter };
}
