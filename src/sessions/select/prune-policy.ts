import { CcsessError } from '../../system/errors.js';
import type { PrunePolicy, PruneScope } from '../../retention/model.js';
import type { Workplace } from '../../claude/workplace.js';
import { KINDS } from './filters.js';
import { lengthOf, parseAge, pastMomentOf } from '../../grammar/age.js';
import { parseChoice } from '../../grammar/choice.js';
import { parseWhole } from '../../grammar/count.js';
import { quoted } from '../../grammar/quoted.js';
import { parseSize } from '../../grammar/size.js';
import { placeOf } from './start-position.js';

/** The flags of `prune` that make its policy, as written. */
export interface PolicyFlags {
  olderThan?: string;
  largerThan?: string;
  promptsAtMost?: string;
  empty?: boolean;
  orphans?: boolean;
  maxTotal?: string;
  keepLast?: string;
  minIdle?: string;
  includeArchived?: boolean;
  includeRestored?: boolean;
  project?: string[];
  worktrees?: boolean;
  kind?: string[];
  title?: string;
  tag?: string;
  permanent?: boolean;
  compress?: boolean;
  trashTtl?: string;
}

/** Default of `--min-idle`. */
export const DEFAULT_IDLE = '10min';
/** Default of `--trash-ttl`. */
export const DEFAULT_TTL = '30d';

/** The policy of a removal by name: nothing is selected by rule, and nothing is spared for its age. */
export const NAMED_ONLY: Omit<PrunePolicy, 'permanent' | 'compress'> = {
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

const MIN_IDLE_MS = 60_000;
const EXAMPLES: readonly [flag: string, meaning: string][] = [
  ['--older-than 30d', 'by age of the last activity'],
  ['--max-total 500M', 'oldest first, until the rest fits'],
  ['--empty', 'sessions without a prompt and an answer'],
];

/** The policy that flags describe, against a clock and folders. Throws usage errors; reads no session. */
export async function readPolicy(flags: PolicyFlags, workplace: Workplace): Promise<PrunePolicy> {
  const now = workplace.now();
  const { olderThan, largerThan, promptsAtMost, maxTotal, keepLast } = flags;
  const before =
    olderThan === undefined
      ? null
      : await pastMomentOf(parseAge(olderThan, '--older-than'), now, olderThan, '--older-than');
  const policy: PrunePolicy = {
    before: before === null ? null : { ms: before, text: olderThan ?? '' },
    largerThanBytes: largerThan === undefined ? null : sizeOfSome(largerThan, '--larger-than'),
    promptsAtMost: promptsAtMost === undefined ? null : parseWhole(promptsAtMost, '--prompts-at-most', 0),
    empty: flags.empty === true,
    orphans: flags.orphans === true,
    maxTotalBytes: maxTotal === undefined ? null : sizeOfSome(maxTotal, '--max-total'),
    keepLast: keepLast === undefined ? null : parseWhole(keepLast, '--keep-last', 1),
    minIdle: await readIdle(flags.minIdle ?? DEFAULT_IDLE, now),
    includeArchived: flags.includeArchived === true,
    includeRestored: flags.includeRestored === true,
    scope: await readScope(flags, workplace),
    permanent: flags.permanent === true,
    compress: flags.compress !== false,
    trashTtl: await readTtl(flags.trashTtl ?? DEFAULT_TTL, now),
  };
  if (!selectsSome(policy)) throw nothingSelected(flags);
  return policy;
}

/** How long sessions stay in the trash: a length of time, or `never` for ever (`null`). Throws usage errors. */
async function readTtl(text: string, now: number): Promise<PrunePolicy['trashTtl']> {
  if (text === 'never') return null;
  const ms = await lengthOf(text, now, '--trash-ttl');
  if (ms > 0) return { ms, text };
  throw new CcsessError('USAGE', `--trash-ttl ${text}: nothing could be restored. To delete permanently: --permanent.`);
}

/** Zero would mean every session. */
function sizeOfSome(text: string, flag: string): number {
  const bytes = parseSize(text, flag);
  if (bytes > 0) return bytes;
  throw new CcsessError('USAGE', `${flag} ${text}: that would select every session.`);
}

async function readIdle(text: string, now: number): Promise<PrunePolicy['minIdle']> {
  const ms = await lengthOf(text, now, '--min-idle');
  if (ms >= MIN_IDLE_MS) return { ms, text };
  throw new CcsessError('USAGE', `--min-idle ${text}: at least 1min, since a session may be between two turns.`);
}

async function readScope(
  { project, worktrees, kind = [], title, tag }: PolicyFlags,
  workplace: Workplace,
): Promise<PruneScope> {
  if (worktrees === true && project === undefined) throw new CcsessError('USAGE', '--worktrees needs --project.');
  const { projectFilter } = await import('./project-filter.js');
  const place = await placeOf(workplace);
  return {
    projects: project ?? [],
    isInProjects:
      project === undefined
        ? null
        : projectFilter(project, worktrees === true ? place : { ...place, worktreesOf: null }),
    kinds: kind.map((one) => parseChoice(one, KINDS, '--kind')),
    title: title ?? null,
    tag: tag ?? null,
  };
}

function selectsSome({ before, largerThanBytes, promptsAtMost, empty, orphans, maxTotalBytes }: PrunePolicy): boolean {
  return [before, largerThanBytes, promptsAtMost, maxTotalBytes].some((given) => given !== null) || empty || orphans;
}

/** The error for flags that only narrow or keep; its examples repeat them. */
function nothingSelected(flags: PolicyFlags): CcsessError {
  const { project = [], kind = [], title, tag, keepLast } = flags;
  const narrowing: [name: string, words: string[]][] = [
    ['--project', project.flatMap((path) => ['-p', path])],
    ['--kind', kind.flatMap((one) => ['--kind', one])],
    ['--title', title === undefined ? [] : ['--title', title]],
    ['--tag', tag === undefined ? [] : ['--tag', tag]],
  ];
  const given = narrowing.filter(([, words]) => words.length > 0);
  const [first] = given;
  const why =
    first !== undefined
      ? `${first[0]} narrows a prune, it does not select sessions`
      : keepLast !== undefined
        ? '--keep-last keeps sessions, it does not select any'
        : 'prune needs a rule that selects sessions';
  const start = ['ccsess', 'prune', ...given.flatMap(([, words]) => words.map(quoted))].join(' ');
  const width = Math.max(...EXAMPLES.map(([flag]) => flag.length));
  const hint = EXAMPLES.map(([flag, meaning]) => `${start} ${flag.padEnd(width)}        ${meaning}`).join('\n');
  return new CcsessError('USAGE', `${why}: pass one of the rules below.`, { hint });
}
