import type { Found } from '../../../retention/plan/candidates.js';
import type { SummarizedPrune } from '../../../retention/plan/planned.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import { isoTime } from '../../../system/time.js';
import type { PlannedItem } from '../../render/plan.js';
import { idLengths } from '../../render/text/short-id.js';

/**
 * Returns sessions to be removed as a screen shows them: ids shortened as far as they stay unique; prompts that stand
 * in for a title are marked.
 */
export function plannedItems(
  found: readonly Found[],
  { going }: Pick<SummarizedPrune, 'going'>,
  index: SessionIndex,
): PlannedItem[] {
  const lengths = idLengths(
    found.map(({ id }) => id),
    index.rows.map(({ file }) => file.id),
  );
  return found.flatMap((each, at) => {
    const removal = going.get(each);
    const [record] = each.row === null ? [] : index.records([each.row], { footprint: false });
    if (removal === undefined) return [];
    const { id, configDir, projectDir } = each;
    const described = {
      id,
      configDir: configDir.path,
      projectDir,
      cwd: record?.cwd ?? each.cwd,
      title: record?.title ?? null,
      lastActivityAt: isoTime(each.ageMs),
      footprintBytes: removal.footprintBytes,
      reasons: removal.reasons,
    };
    return [
      { removal: described, isPrompt: record?.titleSource === 'prompt', idLength: lengths[at] ?? each.id.length },
    ];
  });
}
