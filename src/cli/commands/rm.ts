import type { Command } from 'commander';
import { CcsessError } from '../../claude/errors.js';
import { applyPlan } from '../../retention/apply.js';
import { recheck } from '../../retention/judge.js';
import type { Kept, PreparedPlan, PrunePlan, PrunePolicy } from '../../retention/model.js';
import { planRemoval } from '../../retention/plan.js';
import type { AloneOptions } from '../../retention/recover.js';
import { heldBytes, readTrash } from '../../retention/trash.js';
import { trashDirsOf } from '../../retention/trash-dir.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { Context, Questions } from '../context.js';
import { addSessionsArgument, namedSessions } from '../named-session.js';
import { recoverFirst } from '../recover-first.js';
import { toJson } from '../render/json.js';
import { keptLine, outcomeLines, removalLines, removalQuestion, unmovedLines } from '../render/removal.js';
import { addTrashFlags, readTrashFlags, type TrashFlags } from '../trash-flags.js';

/** The flags of `rm`, as written. */
export interface RmFlags extends TrashFlags {
  dryRun?: boolean;
  yes?: boolean;
  permanent?: boolean;
  compress?: boolean;
}

/** `ccsess rm`: removes sessions by name. */
export function define(command: Command, context: Context): void {
  addTrashFlags(addSessionsArgument(command))
    .option('-y, --yes', 'do not ask')
    .option('--permanent', 'delete for good instead of moving to the trash')
    .option('--no-compress', 'leave transcripts in the trash as they are')
    .action((names: string[], flags: RmFlags) => rm(names, flags, context));
}

/**
 * Moves the named sessions to the trash, live and pinned ones excepted, and prints what became of them; with `--json` the
 * prune report. All names are resolved before anything is moved. Exit code 3 if some were refused or failed, 5 if all were.
 */
export async function rm(names: readonly string[], flags: RmFlags, context: Context): Promise<void> {
  const options = await readTrashFlags(flags, context);
  const dryRun = flags.dryRun === true;
  const questions = context.global.json ? null : await context.questions();
  if (!dryRun && flags.yes !== true && questions === null) {
    const why = context.global.json ? '--json never asks' : 'nobody to ask';
    throw new CcsessError('USAGE', `${why}: add --yes to do it, or -n to see it.`);
  }
  if (!dryRun) await recoverFirst(options, context);
  const index = await context.openIndex({ readOnly: dryRun });
  const rows = await namedSessions(index, names, context);
  if (questions === null) requireIds(names, rows);
  const prepared = planOf(index, rows, options, flags, context);
  if (dryRun) return print(prepared.plan, context);
  if (prepared.plan.remove.length > 0 && flags.yes !== true && questions !== null && !(await agreed(prepared.plan, questions, context))) return;
  const applied = await applyPlan(prepared, { ...options, recheck: (target) => recheck(target, prepared.rules, context) }, context);
  await print(applied, context);
  await judge(applied, context);
}

/** Whoever is not there to look must not remove another session than was meant: rows and titles move on. */
function requireIds(names: readonly string[], rows: readonly SessionRow[]): void {
  const loose = names.find((name) => !rows.some(({ file }) => file.id.startsWith(name.toLowerCase())));
  if (loose === undefined) return;
  throw new CcsessError('USAGE', `off a terminal rm takes ids only: ${loose} may mean another session by now.`, { hint: 'ids:\nccsess list' });
}

function planOf(index: SessionIndex, rows: readonly SessionRow[], { trashDir }: AloneOptions, flags: RmFlags, workplace: Context): PreparedPlan {
  const [dir = ''] = trashDirsOf(workplace.configDirs, trashDir);
  const policy: PrunePolicy = { ...NAMED_ONLY, permanent: flags.permanent === true, compress: flags.compress !== false };
  const trash = { dir, heldBytes: heldBytes(readTrash(workplace.configDirs, trashDir)), expire: [] };
  return planRemoval(index, rows, { workplace, policy, trash, dryRun: flags.dryRun === true });
}

const NAMED_ONLY: Omit<PrunePolicy, 'permanent' | 'compress'> = {
  before: null,
  largerThanBytes: null,
  promptsAtMost: null,
  empty: false,
  orphans: false,
  maxTotalBytes: null,
  keepLast: null,
  minIdle: { ms: 0, text: '0s' },
  includeArchived: true,
  includeRestored: true,
  scope: { projects: [], isInProjects: null, kinds: [], title: null, tag: null },
  trashTtl: null,
};

async function agreed(plan: PrunePlan, questions: Questions, { stderr, width, color, home, now }: Context): Promise<boolean> {
  await stderr.write(`${(await removalLines(plan.remove, { width, color, home, now: now() })).join('\n')}\n`);
  if (await questions.confirm(removalQuestion(plan))) return true;
  await stderr.write('Nothing was changed.\n');
  return false;
}

async function print(plan: PrunePlan, { stdout, global, width, color, home, now }: Context): Promise<void> {
  if (global.json) return stdout.write(`${toJson(plan, stdout.isTerminal)}\n`);
  if (!stdout.isTerminal) return stdout.write(plan.remove.filter(({ status }) => status === 'planned' || status === 'removed').map(({ id }) => `${id}\n`).join(''));
  const table = plan.dryRun && plan.remove.length > 0 ? await removalLines(plan.remove, { width, color, home, now: now() }) : [];
  await stdout.write([...table, ...outcomeLines(plan)].map((line) => `${line}\n`).join(''));
}

/** What was refused is told by name; a script sees it by the exit code. */
async function judge({ keep, remove }: PrunePlan, context: Context): Promise<void> {
  const refused = [...keep.map(keptLine), ...unmovedLines(remove)];
  if (refused.length === 0) return;
  if (remove.every(({ status }) => status === 'protected') && !context.global.json) context.setExitCode(5);
  else if (remove.every(({ status }) => status === 'protected')) throw allRefused(keep, refused);
  else context.setExitCode(3);
  await context.stderr.write(refused.map((line) => `ccsess: ${line}\n`).join(''));
}

function allRefused(keep: readonly Kept[], lines: readonly string[]): CcsessError {
  return new CcsessError('LIVE', lines[0] ?? `${keep.length} sessions are protected.`, lines.length > 1 ? { hint: lines.slice(1).join('\n') } : {});
}
