import type { PolicyRecord, PrunePolicy } from '../model.js';

/** Returns the policy as a plan records it: plain data, with times resolved. */
export function policyRecord(policy: PrunePolicy): PolicyRecord {
  const { before, minIdle, trashTtl, scope } = policy;
  return {
    olderThan: before?.text ?? null,
    before: before === null ? null : new Date(before.ms).toISOString(),
    largerThanBytes: policy.largerThanBytes,
    promptsAtMost: policy.promptsAtMost,
    empty: policy.empty,
    orphans: policy.orphans,
    maxTotalBytes: policy.maxTotalBytes,
    keepLast: policy.keepLast,
    minIdle: minIdle.text,
    includeArchived: policy.includeArchived,
    includeRestored: policy.includeRestored,
    scope: { projects: [...scope.projects], kinds: [...scope.kinds], title: scope.title, tag: scope.tag },
    permanent: policy.permanent,
    compress: policy.compress,
    trashTtl: trashTtl?.text ?? 'never',
  };
}
