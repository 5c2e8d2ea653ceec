import type { Command } from 'commander';
import type { Context } from '../context.js';
import { KINDS } from '../../sessions/select/filters.js';
import { DEFAULT_IDLE, DEFAULT_TTL, readPolicy, type PolicyFlags } from '../../sessions/select/prune-policy.js';
import { addTrashFlags } from '../shared/removal/trash-flags.js';
import {
  applyAndReport,
  MOST_SESSIONS,
  openFor,
  readRun,
  showPlan,
  trashState,
  type RunFlags,
} from '../shared/removal/prune-run.js';

/** The flags of `prune`, as written. */
export interface PruneFlags extends PolicyFlags, RunFlags {
  apply?: string;
}

/** `ccsess prune`: forgets sessions by age, size and budget. */
export function define(command: Command, context: Context): void {
  const gather = (value: string, before: string[] = []): string[] => [...before, value];
  command
    .option('--older-than <age|date>', 'what may go: without activity for that long: 30d, 6mo, 2026-01-31')
    .option('--larger-than <size>', 'what may go: larger than that: 20M, 1.5GiB')
    .option('--prompts-at-most <n>', 'what may go: of at most so many prompts')
    .option('--empty', 'what may go: without a prompt and an answer, title and tag')
    .option('--orphans', 'leftovers of sessions without a transcript too')
    .option('--max-total <size>', 'oldest first, until the rest fits into that')
    .option('--keep-last <n>', 'the newest so many of each project stay')
    .option('--min-idle <age>', 'how long a session must have been quiet, at least 1min', DEFAULT_IDLE)
    .option('--include-archived', 'archived sessions may go')
    .option('--include-restored', 'sessions restored within 30 days may go')
    .option('-p, --project <path|glob>', 'only of this folder (. = here); may be given again', gather)
    .option('--worktrees', "with -p: of the folder's git worktrees too")
    .option('--kind <kind>', `only of this kind: ${KINDS.join(', ')}; may be given again`, gather)
    .option('--title <text>', 'only with this text in the title')
    .option('--tag <tag>', 'only with this tag')
    .option('-n, --dry-run', 'show what would go, and why; write nothing')
    .option('-y, --yes', 'do not ask')
    .option('--apply <file|->', 'do exactly what a plan says that --json printed')
    .option('--permanent', 'delete for good, not into the trash')
    .option('--no-compress', 'leave transcripts in the trash as they are')
    .option('--trash-ttl <age|never>', 'how long the trash keeps sessions', DEFAULT_TTL)
    .option('--keep-times', 'do not renew the file times of pinned sessions')
    .option('-q, --quiet', 'print only what went wrong');
  addTrashFlags(command).action((flags: PruneFlags, { options, getOptionValueSource }: Command) => {
    const given = options.filter((option) => getOptionValueSource.call(command, option.attributeName()) === 'cli');
    return prune(
      flags,
      given.map(({ long }) => long ?? ''),
      context,
    );
  });
}

/** Plans, shows, asks and applies. `given` names the flags as written. Throws usage errors before anything is read. */
export async function prune(flags: PruneFlags, given: readonly string[], context: Context): Promise<void> {
  if (flags.apply !== undefined) {
    const { applyFile } = await import('../shared/removal/prune-apply.js');
    return applyFile(flags.apply, flags, given, context);
  }
  // However long the reading takes, a plan is of one moment.
  const now = context.now();
  const workplace = { ...context, now: () => now };
  const policy = await readPolicy(flags, workplace);
  const run = await readRun(flags, context);
  const { dryRun } = run;
  const index = await openFor(run, context);
  const trash = await trashState(policy.trashTtl, run, workplace);
  const { planPrune } = await import('../../retention/plan/plan.js');
  const planned = planPrune(index, policy, {
    workplace,
    trash,
    dryRun,
    ...(dryRun && !context.global.json ? { described: MOST_SESSIONS } : {}),
  });
  await showPlan(planned, index, trash, run, context);
  if (!dryRun) await applyAndReport(planned, index, run, context);
}
