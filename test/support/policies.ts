import type { PrunePolicy } from '../../src/retention/model.js';

/** Returns a policy that selects nothing, with the given members changed. */
export function aPolicy(policy: Partial<PrunePolicy> = {}): PrunePolicy {
  return {
    before: null,
    largerThanBytes: null,
    promptsAtMost: null,
    empty: false,
    orphans: false,
    maxTotalBytes: null,
    keepLast: null,
    minIdle: { ms: 600_000, text: '10min' },
    includeArchived: false,
    includeRestored: false,
    scope: { projects: [], isInProjects: null, kinds: [], title: null, tag: null },
    permanent: false,
    compress: true,
    trashTtl: { ms: 30 * 24 * 60 * 60 * 1000, text: '30d' },
    ...policy,
  };
}
