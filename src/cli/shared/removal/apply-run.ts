import { applyPlan } from '../../../retention/apply/apply.js';
import type { PrunePlan } from '../../../retention/model.js';
import type { PlannedPrune } from '../../../retention/plan/planned.js';
import type { LockedRunOptions } from '../../../retention/restore/run-locked.js';
import type { Context } from '../../context.js';
import { isInteractive } from '../../terminal/color.js';
import { startProgress } from '../../terminal/progress.js';
import { grouped } from '../../render/text/number.js';

/** Applies a plan, with progress on a terminal's stderr. Throws as `applyPlan`. */
export async function applyRun(
  planned: PlannedPrune,
  { trashDir, lockWaitMs }: LockedRunOptions,
  context: Context,
): Promise<PrunePlan> {
  const { stderr, env, now } = context;
  let doing = '';
  const progress = startProgress(
    stderr,
    now,
    isInteractive(env),
    (done, total) => `${doing}: ${grouped(done)} of ${grouped(total)} sessions`,
  );
  try {
    const onProgress = (step: 'move' | 'compress', done: number, total: number): void => {
      doing = step === 'move' ? 'Moving' : 'Compressing';
      progress?.report(done, total);
    };
    return await applyPlan(planned, { trashDir, lockWaitMs, onProgress }, context);
  } finally {
    await progress?.end();
  }
}
