import type { RemovalCode, PlanSummary, PrunePlan, Removal, RemovalSummary, KeepCode } from '../../retention/model.js';
import { mayBeLive } from '../../retention/keep/reasons.js';
import { MIN_IDLE } from '../../sessions/select/prune-policy.js';
import { formatDay } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { sanitize } from './text/sanitize.js';
import { formatSize } from './text/size.js';
import { DAY_MS } from '../../system/time.js';

/** Words after a number of sessions for the rule that selected them. */
const BY: Readonly<Record<RemovalCode, string>> = {
  'older-than': 'by age',
  'larger-than': 'by size',
  'prompts-at-most': 'by prompts',
  empty: 'empty',
  orphan: 'leftovers',
  budget: 'by budget',
  named: 'by name',
};

/** Words after a number of sessions for the reason they are kept. */
const KEPT: Readonly<Record<KeepCode, (count: number) => string>> = {
  'keep-last': () => 'newest of their project',
  pinned: () => 'pinned',
  live: () => 'live',
  'forked-from': (count) => (count === 1 ? 'that a fork reads from' : 'that forks read from'),
  recent: () => 'in recent use',
  future: () => 'dated in the future',
  archived: () => 'archived',
  restored: () => 'recently restored',
  'other-copy': () => 'with another copy that stays',
  'unknown-age': () => 'of unknown age',
  unrecognised: () => 'with unexpected files',
  'not-ours': (count) => (count === 1 ? 'that is not yours' : 'that are not yours'),
};

type Overrides = Readonly<Partial<Record<KeepCode, string | null>>>;

/** Flags and commands with which kept sessions can be removed after all. */
const OVERRIDES: Overrides = {
  pinned: 'ccsess unpin',
  archived: '--include-archived',
  restored: '--include-restored',
  recent: `--min-idle ${MIN_IDLE}`,
};

/**
 * Returns sentences about a plan: sessions to remove, requested sessions that are kept, sessions in the trash to
 * delete, and an unreachable budget.
 */
export function planSentences(plan: PlanSummary): string[] {
  return [...removalSentences(plan), ...keptSentence(plan), ...expirySentence(plan), ...overBudgetSentence(plan)];
}

function removalSentences({ remove, totals, policy, dryRun, keep }: PlanSummary): string[] {
  const will = dryRun ? 'Would' : 'Will';
  const planned = remove.filter(({ status }) => status === 'planned');
  const left = [
    ...(totals.changed > 0 ? [`${grouped(totals.changed)} changed since`] : []),
    ...(totals.protected > 0 ? [`${grouped(totals.protected)} protected now`] : []),
  ];
  const stay = left.length === 0 ? [] : [`Would be left alone: ${left.join(', ')}.`];
  if (planned.length === 0)
    return [
      ...stay,
      keep.length === 0 && totals.scanned > 0
        ? `Nothing to remove: none of ${counted(totals.scanned, 'session')} matches.`
        : 'Nothing to remove.',
    ];
  const bytes = planned.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  const size = partOfSize(bytes, totals.scannedBytes);
  const what = `${grouped(planned.length)} of ${counted(totals.scanned, 'session')}, ${size}`;
  return [
    `${will} ${policy.permanent ? `permanently delete ${what}` : `move ${what}, to the trash`}: ${reasonsOf(planned)}.`,
    ...stay,
  ];
}

/** Returns `4.4 of 9.4 GiB`, or both sizes with their units if these differ. */
function partOfSize(part: number, whole: number): string {
  const [a, b] = [formatSize(part).split(' '), formatSize(whole).split(' ')];
  return a[1] === b[1] ? `${a[0] ?? ''} of ${b.join(' ')}` : `${a.join(' ')} of ${b.join(' ')}`;
}

function reasonsOf(remove: readonly RemovalSummary[]): string {
  const counts = new Map<string, number>();
  for (const { reasons } of remove) {
    const [first] = reasons;
    const key = first !== undefined && reasons.length === 1 ? BY[first.code] : wordsOf(reasons);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([words, count]) => `${grouped(count)} ${words}`)
    .join(', ');
}

function wordsOf(reasons: RemovalSummary['reasons']): string {
  const words = reasons.map(({ code }) => BY[code].replace(/^by /, ''));
  return words.length === 0 ? '' : `by ${words.join(' and ')}`;
}

function keptSentence({ keep, policy }: PlanSummary): string[] {
  if (keep.length === 0) return [];
  // The minimum time cannot be shortened.
  const waysOut = policy.minIdle === MIN_IDLE ? { ...OVERRIDES, recent: null } : OVERRIDES;
  return [`Selected, but kept: ${keptWords(keep, waysOut)}.`];
}

/** Counts sessions by the first of their reasons, most frequent first. */
function keptWords(keep: PlanSummary['keep'], waysOut: Overrides = {}): string {
  const counts = new Map<KeepCode, number>();
  for (const { reasons } of keep) {
    const code = reasons[0]?.code;
    if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => {
      const way = waysOut[code] ?? null;
      return `${grouped(count)} ${KEPT[code](count)}${way === null ? '' : ` (${way})`}`;
    })
    .join(', ');
}

function expirySentence({ expire, totals, dryRun, now, policy }: PlanSummary): string[] {
  if (expire.length === 0) return [];
  const newest = expire.reduce((latest, { trashedAt }) => Math.max(latest, Date.parse(trashedAt)), -Infinity);
  const before = formatDay(Math.min(newest + DAY_MS, Date.parse(now)));
  const what = `${counted(expire.length, 'session')} trashed before ${before}, ${formatSize(totals.expireBytes)}`;
  return [`${dryRun ? 'Would' : 'Will'} permanently delete: ${what} (kept ${sanitize(policy.trashTtl)}).`];
}

function overBudgetSentence(plan: PlanSummary): string[] {
  return plan.totals.overBudgetBytes > 0 ? [`${overBudget(plan)}.`] : [];
}

/** Returns `Over budget by 1.2 GiB: what is left is protected (38 of the last 24 h, 4 pinned)`. */
function overBudget({ totals, keep }: PlanSummary): string {
  const budgeted = keep.filter(({ wanted }) => wanted.includes('budget'));
  const why = budgeted.length === 0 ? '' : `: what is left is protected (${keptWords(budgeted)})`;
  return `Over budget by ${formatSize(totals.overBudgetBytes)}${why}`;
}

/** Returns the question before a plan is applied; null if it needs no confirmation. */
export function planQuestion({ remove, expire, policy }: PlanSummary): string | null {
  const sessions = counted(remove.length, 'session');
  const trashed = remove.length === 0 ? `${counted(expire.length, 'session')} in the trash` : grouped(expire.length);
  if (remove.length === 0) return expire.length === 0 ? null : `Permanently delete ${trashed}?`;
  if (policy.permanent)
    return `Permanently delete ${sessions}${expire.length === 0 ? '' : ` and ${trashed} in the trash`}?`;
  return `Move ${sessions} to the trash${expire.length === 0 ? '' : ` and permanently delete ${trashed}`}?`;
}

/** Minimum size of removed sessions in the trash for which the command that frees it is named. */
const MIN_NAMED_HELD = 2 ** 20;

/**
 * Sentences that describe the result of a run. `inTrash` returns the command line for a command on the run's trash, as
 * `trashCommand` does.
 */
export function outcomeSentences(
  { remove, totals, policy }: PrunePlan,
  seconds: number,
  inTrash: (command: string) => string,
): string[] {
  const lines: string[] = [];
  const moved = `${grouped(totals.removed)} of ${counted(remove.length, 'session')}, ${formatSize(totals.movedBytes)}`;
  if (remove.length > 0) {
    const held = policy.compress
      ? ` Compressed: ${formatSize(totals.freedBytes)} freed, ` +
        `${formatSize(totals.movedBytes - totals.freedBytes)} held.`
      : '';
    lines.push(
      policy.permanent
        ? `Permanently deleted: ${moved}, in ${seconds.toFixed(1)} s.`
        : `Moved ${moved}, to the trash in ${seconds.toFixed(1)} s.${totals.removed > 0 ? held : ''}`,
    );
  }
  const left = [
    ...(totals.changed > 0 ? [`${grouped(totals.changed)} changed meanwhile`] : []),
    ...protectedWords(remove),
  ];
  if (left.length > 0) lines.push(`Not touched: ${left.join(', ')}.`);
  const heldBytes = totals.movedBytes - totals.freedBytes;
  // Not every file can be compressed to a smaller size.
  if (!policy.permanent && policy.compress && heldBytes >= Math.max(MIN_NAMED_HELD, totals.freedBytes))
    lines.push(`What the trash holds is freed by: ${inTrash('trash empty')}`);
  if (totals.expired > 0)
    lines.push(
      `Permanently deleted from the trash: ${counted(totals.expired, 'session')}, ${formatSize(totals.expireBytes)}.`,
    );
  return lines;
}

function protectedWords(remove: readonly Removal[]): string[] {
  const counts = new Map<KeepCode, number>();
  for (const { status, error } of remove) {
    if (status !== 'protected' || error === null) continue;
    const code = error.code as KeepCode;
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].map(([code, count]) => `${grouped(count)} ${KEPT[code](count)}`);
}

/** Returns a line about what failed; null if nothing did. */
export function failureLine(plan: PrunePlan): string | null {
  const { remove, totals } = plan;
  const failed = remove.filter(({ status }) => status === 'failed');
  const [first] = failed;
  const unknown = plan.keep.flatMap(({ reasons }) => reasons).find(mayBeLive);
  const parts = [
    ...(unknown === undefined
      ? []
      : [`nothing was moved, since any session may be live, ${sanitize(unknown.detail ?? '')}.`]),
    ...(first === undefined
      ? []
      : [
          `${grouped(failed.length)} of ${counted(remove.length, 'session')} not moved: ${sanitize(first.id)} ` +
            `(${sanitize(first.error?.message ?? '')}). The rest was. Details: --json`,
        ]),
    ...(totals.overBudgetBytes > 0 ? [`${overBudget(plan).replace(/^O/, 'o')}.`] : []),
  ];
  return parts.length === 0 ? null : `ccsess: ${parts.join(' And ')}`;
}
