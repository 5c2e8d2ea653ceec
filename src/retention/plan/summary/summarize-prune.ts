import { listIdArtifacts } from '../../../claude/layout.js';
import { readHolders } from '../../../claude/live/holders.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import { Protections } from '../../keep/protections.js';
import type { PrunePolicy } from '../../model.js';
import { summarize } from '../assemble.js';
import { candidatesOf } from '../candidates.js';
import { decide } from '../decide.js';
import { decidePrune, rulesOf } from '../plan.js';
import type { PlanOptions } from '../planned.js';
import { ourFolders } from '../survey/our-folders.js';
import { isOfColumns, sumColumns } from './sum-columns.js';
import { overviewOf, type PruneOverview } from './overview.js';

/**
 * Returns the overview of the plan that `planPrune` makes, much faster if the policy needs only columns of the index.
 * Writes nothing; throws as `planPrune`.
 */
export function summarizePrune(index: SessionIndex, policy: PrunePolicy, options: PlanOptions): PruneOverview {
  const { environment } = options;
  const { configDirs } = environment;
  const isOurs = ourFolders(configDirs);
  const measured = isOfColumns(policy) ? index.measure(isOurs) : null;
  if (measured === null) return overviewOf(summarize(decidePrune(index, policy, options)), index);
  const now = environment.now();
  const idArtifacts = listIdArtifacts(configDirs);
  const sums = index.folderSums();
  const registry = readHolders(configDirs, environment.system);
  const protections = new Protections({ registry, rules: rulesOf(policy), configDirs, now });
  return sumColumns({
    ...{ index, measured, policy, now, protections, idArtifacts },
    planEach(rows, forForks) {
      const { inScope: candidates } = candidatesOf({ index, rows, policy, idArtifacts, isOurs, sums });
      const { removed, kept } = decide(candidates, policy, now, (candidate) => {
        const own = protections.reasonsOf(candidate);
        const forFork = forForks.get(candidate.row);
        return forFork === undefined ? own : [...own, forFork];
      });
      return summarize({ index, policy, options, now, candidates, removed, kept, protections });
    },
  });
}
