import type { Command } from 'commander';
import { requireProjects } from '../shared/project-argument.js';
import { collectValues, typedFlags } from '../command.js';
import type { Context } from '../context.js';
import type { PrunePolicy } from '../../retention/model.js';
import { KINDS } from '../../sessions/select/filters.js';
import {
  DEFAULT_IDLE,
  MIN_IDLE,
  DEFAULT_TTL,
  NothingSelected,
  readPolicy,
  type PolicyOptions,
} from '../../sessions/select/prune-policy.js';
import { quoted } from '../../grammar/quoted.js';
import { CcsessError } from '../../system/errors.js';
import { commandWording } from '../shared/wording.js';
import { addTrashFlags } from '../shared/removal/trash-flags.js';
import {
  applyAndReport,
  openQuestions,
  openFor,
  readRun,
  showPlan,
  showSummary,
  trashState,
  type ListedPrune,
  type Run,
  type RunFlags,
} from '../shared/removal/prune-run.js';

/** The flags of `prune`, as typed. */
export interface PruneFlags extends PolicyOptions, RunFlags {
  apply?: string;
}

/** Options of `prune`: a policy to make a plan from, or a plan to apply. */
export type PruneOptions = PolicyPrune | ListedPrune;

/** Options of a prune that makes its own plan. */
export interface PolicyPrune {
  run: Run;
  policy: PrunePolicy;
  /** Projects as typed, which must have sessions; null for all. */
  project: readonly string[] | null;
  /** Time of the run in milliseconds, for which the plan is made however long reading takes. */
  nowMs: number;
}

/** Flags that can be combined with `--apply`; sessions and rules come from the plan. */
const APPLY_FLAGS = [
  '--apply',
  '--dry-run',
  '--yes',
  '--permanent',
  '--no-compress',
  '--trash-dir',
  '--keep-times',
  '--lock-wait',
  '--quiet',
];

/** `ccsess prune`: removes sessions by age, size and budget. */
export function define(command: Command, context: Context): void {
  command
    .option('--older-than <age|date>', 'select sessions inactive for at least this long: 30d, 6mo, 2026-01-31')
    .option('--larger-than <size>', 'select sessions larger than this: 20M, 1.5GiB')
    .option('--prompts-at-most <n>', 'select sessions with at most <n> prompts')
    .option('--empty', 'select sessions without prompts, answers, a custom title or a tag')
    .option('--orphans', 'also select leftover files of sessions whose transcript is gone')
    .option('--max-total <size>', 'select the oldest sessions until the rest is at most this size')
    .option('--keep-last <n>', 'keep the newest <n> sessions per project')
    .option(
      '--min-idle <age>',
      `keep sessions active within this time, at least ${MIN_IDLE} (default: ${DEFAULT_IDLE})`,
    )
    .option('--include-archived', 'also remove archived sessions')
    .option('--include-restored', 'also remove sessions restored within the last 30 days')
    .option('-p, --project <path|glob>', 'only sessions of this folder (. = current folder); repeatable', collectValues)
    .option('--worktrees', "with -p: also sessions of the folder's git worktrees")
    .option('--kind <kind>', `only sessions of this kind: ${KINDS.join(', ')}; repeatable`, collectValues)
    .option('--title <text>', 'only sessions whose title contains <text>')
    .option('--tag <tag>', 'only sessions with this tag')
    .option('-n, --dry-run', 'show what would be removed, and why, without removing it')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--apply <file|->', 'apply a plan saved with --json (- reads stdin)')
    .option('--permanent', 'delete permanently instead of moving to the trash')
    .option('--no-compress', 'do not compress transcripts in the trash')
    .option('--trash-ttl <age|never>', `how long sessions stay in the trash (default: ${DEFAULT_TTL})`)
    .option('--keep-times', 'do not renew the file times of pinned sessions (see ccsess protect)')
    .option('-q, --quiet', 'print only problems');
  addTrashFlags(command).action(async (flags: PruneFlags) =>
    runPrune(await readPruneOptions(flags, typedFlags(command), context), context),
  );
}

/**
 * Reads the flags of `prune`; `given` are those that were typed, without defaults. Throws USAGE for invalid values, for
 * flags that cannot be combined with `--apply`, and if nothing is selected.
 */
export async function readPruneOptions(
  flags: PruneFlags,
  given: readonly string[],
  context: Context,
): Promise<PruneOptions> {
  const { apply, permanent = false, compress = true } = flags;
  if (apply !== undefined) {
    const stray = given.find((flag) => !APPLY_FLAGS.includes(flag));
    if (stray !== undefined)
      throw new CcsessError('USAGE', `${stray} cannot be combined with --apply: the plan lists what is removed.`);
    return { run: await readRun(flags, context), file: apply, permanent, compress };
  }
  const nowMs = context.now();
  const policy = await readPolicy(flags, { ...context, now: () => nowMs }).catch((error: unknown) => {
    throw error instanceof NothingSelected ? withExamples(error, flags, context) : error;
  });
  return { run: await readRun(flags, context), policy, project: flags.project ?? null, nowMs };
}

/**
 * Makes a plan, shows it, asks for confirmation and applies it. Throws USAGE if nobody can be asked, LOCKED, and as
 * `requireProjects`.
 */
export async function runPrune(options: PruneOptions, context: Context): Promise<void> {
  if ('file' in options) {
    const { applyFile } = await import('../shared/removal/prune-apply.js');
    return applyFile(options, context);
  }
  const { run, policy, project, nowMs } = options;
  const environment = { ...context, now: () => nowMs };
  const { dryRun } = run;
  const index = await openFor(run, context);
  if (project !== null && index.rows.length > 0) await requireProjects(project, index, context);
  const trash = await trashState(policy.trashTtl, run, environment);
  const planOptions = { environment, trash, dryRun };
  if (dryRun && !context.global.json) {
    const { summarizePrune } = await import('../../retention/plan/summary/summarize-prune.js');
    return showSummary(summarizePrune(index, policy, planOptions), index, trash, run, context);
  }
  const { planPrune } = await import('../../retention/plan/plan.js');
  const planned = planPrune(index, policy, planOptions);
  const asking = await openQuestions(planned.plan, run, context);
  await showPlan(planned, index, trash, run, context);
  if (!dryRun) await applyAndReport(planned, index, asking, run, context);
}

const EXAMPLES: readonly [rule: string, meaning: string][] = [
  ['--older-than 30d', 'by age of the last activity'],
  ['--max-total 500M', 'oldest first, until the rest fits'],
  ['--empty', 'sessions without a prompt and an answer'],
];

/** Returns the error with example command lines: the given flags and a selector each. */
function withExamples(
  error: NothingSelected,
  { project = [], kind = [], title, tag }: PruneFlags,
  { invocation }: Context,
): CcsessError {
  const given = [
    ...project.flatMap((path) => ['-p', path]),
    ...kind.flatMap((one) => ['--kind', one]),
    ...(title === undefined ? [] : ['--title', title]),
    ...(tag === undefined ? [] : ['--tag', tag]),
  ];
  const start = [invocation, 'prune', ...given.map(quoted)].join(' ');
  const width = Math.max(...EXAMPLES.map(([rule]) => rule.length));
  const hint = EXAMPLES.map(([rule, meaning]) => `${start} ${rule.padEnd(width)}        ${meaning}`).join('\n');
  return new CcsessError(error.code, error.textIn(commandWording(invocation)).message, { hint });
}
