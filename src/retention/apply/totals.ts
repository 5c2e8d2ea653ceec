import type { PlanTotals, PrunePlan, Removal } from '../model.js';
import { heldBytes, type Emptied } from '../trash/trash.js';
import type { TrashEntry } from '../trash/trash-entry.js';

/** Entries that a run made and deleted. */
interface RunResult {
  /** Sessions that it moved into the trash. */
  kept: readonly TrashEntry[];
  expired: Emptied;
  /** Present content of the trash. */
  trash: readonly TrashEntry[];
}

/**
 * Returns the totals of a plan that was applied, from the outcome of each session. `freedBytes` is the size of the
 * moved sessions less what they take in the trash; expired sessions are counted in `expireBytes`.
 */
export function appliedTotals(
  plan: PrunePlan,
  remove: readonly Removal[],
  { kept, expired, trash }: RunResult,
): PlanTotals {
  const withStatus = (status: Removal['status']): Removal[] => remove.filter((removal) => removal.status === status);
  const movedBytes = bytesOf(withStatus('removed'));
  const remainingBytes = plan.totals.remainingBytes + bytesOf(remove) - movedBytes;
  const { maxTotalBytes } = plan.policy;
  return {
    ...plan.totals,
    removed: withStatus('removed').length,
    changed: withStatus('changed').length,
    protected: withStatus('protected').length,
    failed: withStatus('failed').length,
    movedBytes,
    freedBytes: movedBytes - heldBytes(kept),
    trashBytes: heldBytes(trash),
    expired: expired.sessions.length,
    expireBytes: expired.freedBytes,
    remainingBytes,
    overBudgetBytes: maxTotalBytes === null ? 0 : Math.max(0, remainingBytes - maxTotalBytes),
  };
}

function bytesOf(removals: readonly Removal[]): number {
  return removals.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
}
