import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CcsessError } from '../../../system/errors.js';
import { errorCode } from '../../../system/problem.js';
import { planListed } from '../../../retention/plan/listed.js';
import { readPlanFile } from '../../../retention/plan/plan-file.js';
import { decodeText } from '../../../system/small-file.js';
import { listedPolicy } from '../../../sessions/select/listed-policy.js';
import type { Context } from '../../context.js';
import {
  applyAndReport,
  openQuestions,
  openFor,
  showPlan,
  trashState,
  type Run,
  type ListedPrune,
} from './prune-run.js';

/** Applies the plan of a file, or of standard input (`-`). Throws PLAN_REFUSED before anything is changed. */
export async function applyFile({ run, file, permanent, compress }: ListedPrune, context: Context): Promise<void> {
  const listed = readPlanFile(await textOf(file, context), context.configDirs);
  if (listed.policy.permanent && !permanent)
    throw new CcsessError('USAGE', 'this plan deletes permanently: pass --permanent to confirm.');
  if (permanent && !listed.policy.permanent)
    throw new CcsessError(
      'USAGE',
      'this plan moves sessions to the trash, not --permanent: make a new plan with --permanent.',
    );
  const policy = await listedPolicy(listed, compress, context);
  const { dryRun } = run;
  const trash = await trashState(null, run, context);
  const trashed = await trashedIds(run, context);
  const index = await openFor(run, context);
  const ttl = policy.trashTtl;
  const isOver = (trashedAt: string): boolean => ttl !== null && Date.parse(trashedAt) < context.now() - ttl.ms;
  const expire = listed.expire.filter(
    ({ id, trashedAt }) => isOver(trashedAt) && trashed.some((one) => one.id === id && one.trashedAt === trashedAt),
  );
  const options = {
    environment: context,
    trash: { ...trash, expire },
    dryRun,
    policy,
    isTrashed: (id: string) => trashed.some((one) => one.id === id),
  };
  const planned = planListed(index, listed, options);
  const asking = await openQuestions(planned.plan, run, context);
  await showPlan(planned, index, trash, run, context);
  if (!dryRun) await applyAndReport(planned, index, asking, run, context);
}

async function textOf(file: string, { cwd, readStdin }: Context): Promise<string> {
  if (file === '-') return readStdin();
  try {
    return decodeText(readFileSync(resolve(cwd, file)));
  } catch (error) {
    throw new CcsessError('IO', `the plan ${file} cannot be read (${errorCode(error) ?? 'unknown error'}).`, {
      cause: error,
    });
  }
}

async function trashedIds({ trashDir }: Run, { configDirs }: Context): Promise<{ id: string; trashedAt: string }[]> {
  const { readTrash } = await import('../../../retention/trash/trash.js');
  return readTrash(configDirs, trashDir).map(({ session }) => session);
}
