import type { SummarizedRemoval } from '../../../retention/plan/planned.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import { isoTime } from '../../../system/time.js';
import type { PlannedItem } from '../../render/plan.js';
import { idLengths } from '../../render/text/short-id.js';

/**
 * Returns sessions to be removed as a screen shows them: ids shortened as far as they stay unique; prompts that stand
 * in for a title are marked.
 */
export function plannedItems(removals: readonly SummarizedRemoval[], index: SessionIndex): PlannedItem[] {
  const lengths = idLengths(
    removals.map(({ candidate }) => candidate.id),
    index.ids(),
  );
  return removals.map(({ candidate, removal }, at) => {
    const { id, configDir, projectDir, row, cwd, ageMs } = candidate;
    const [record] = row === null ? [] : index.records([row], { footprint: false });
    const described = {
      id,
      configDir: configDir.path,
      projectDir,
      cwd: record?.cwd ?? cwd,
      title: record?.title ?? null,
      lastActivityAt: isoTime(ageMs),
      footprintBytes: removal.footprintBytes,
      reasons: removal.reasons,
    };
    return { removal: described, isPrompt: record?.titleSource === 'prompt', idLength: lengths[at] ?? id.length };
  });
}
