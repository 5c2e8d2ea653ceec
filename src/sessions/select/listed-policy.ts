import { CcsessError } from '../../system/errors.js';
import type { Environment } from '../../claude/environment.js';
import { EVERYTHING } from '../../retention/plan/candidates.js';
import type { PrunePolicy } from '../../retention/model.js';
import { refused, type ListedPlan } from '../../retention/plan/plan-file.js';
import { parseDuration } from '../../grammar/age.js';
import { MINUTE_MS } from '../../system/time.js';

const MIN_IDLE_MS = MINUTE_MS;

/**
 * Returns the policy for applying a plan: it selects the plan's list, and protects by the plan's rules. Throws
 * PLAN_REFUSED.
 */
export async function listedPolicy(
  { policy }: ListedPlan,
  compress: boolean,
  { now }: Pick<Environment, 'now'>,
): Promise<PrunePolicy> {
  const { minIdle, trashTtl, maxTotalBytes, includeArchived, includeRestored, permanent } = policy;
  const lengthIn = async (text: string, member: string): Promise<number> => {
    try {
      return await parseDuration(text, now(), member);
    } catch (error) {
      throw error instanceof CcsessError ? refused(error.message.replace(/\.$/, '')) : error;
    }
  };
  return {
    ...EVERYTHING,
    before: null,
    largerThanBytes: null,
    promptsAtMost: null,
    orphans: false,
    maxTotalBytes,
    minIdle: { ms: Math.max(MIN_IDLE_MS, await lengthIn(minIdle, 'policy.minIdle')), text: minIdle },
    includeArchived,
    includeRestored,
    permanent,
    compress: compress && policy.compress,
    trashTtl: trashTtl === 'never' ? null : { ms: await lengthIn(trashTtl, 'policy.trashTtl'), text: trashTtl },
  };
}
