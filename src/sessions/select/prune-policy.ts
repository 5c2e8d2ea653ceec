import { CcsessError } from '../../system/errors.js';
import { option, phrase, type OptionLabel } from '../../system/phrase.js';
import type { PrunePolicy, PruneScope } from '../../retention/model.js';
import type { Environment } from '../../claude/environment.js';
import { KINDS, wantedTag } from './filters.js';
import { parseDuration, parseAge, parsePastTime } from '../../grammar/age.js';
import { parseChoice } from '../../grammar/choice.js';
import { parseWhole } from '../../grammar/count.js';
import { parseSize } from '../../grammar/size.js';
import { findStartFolder } from './start-folder.js';
import { MINUTE_MS } from '../../system/time.js';

/** The options of a prune that its policy is made from, as written. */
export interface PolicyOptions {
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
  project?: readonly string[];
  worktrees?: boolean;
  kind?: readonly string[];
  title?: string;
  tag?: string;
  permanent?: boolean;
  compress?: boolean;
  trashTtl?: string;
}

/** Default of the option `minIdle`. */
export const DEFAULT_IDLE = '10min';
/** Minimum of the option `minIdle`. */
export const MIN_IDLE = '1min';
/** Default of the option `trashTtl`. */
export const DEFAULT_TTL = '30d';

/** The policy of a removal by name: no rule selects a session, and none is kept because of its age. */
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

const MIN_IDLE_MS = MINUTE_MS;
const SELECTING = ['olderThan', 'largerThan', 'promptsAtMost', 'maxTotal', 'empty', 'orphans'];

/** Returns the policy that options describe, relative to a clock and folders. Throws usage errors; reads no session. */
export async function readPolicy(options: PolicyOptions, environment: Environment): Promise<PrunePolicy> {
  const now = environment.now();
  const { olderThan, largerThan, promptsAtMost, maxTotal, keepLast } = options;
  const before =
    olderThan === undefined
      ? null
      : await parsePastTime(parseAge(olderThan, option('olderThan')), now, olderThan, option('olderThan'));
  const policy: PrunePolicy = {
    before: before === null ? null : { ms: before, text: olderThan ?? '' },
    largerThanBytes: largerThan === undefined ? null : parseNonZeroSize(largerThan, option('largerThan')),
    promptsAtMost: promptsAtMost === undefined ? null : parseWhole(promptsAtMost, option('promptsAtMost'), 0),
    empty: options.empty === true,
    orphans: options.orphans === true,
    maxTotalBytes: maxTotal === undefined ? null : parseNonZeroSize(maxTotal, option('maxTotal')),
    keepLast: keepLast === undefined ? null : parseWhole(keepLast, option('keepLast'), 1),
    minIdle: await readIdle(options.minIdle ?? DEFAULT_IDLE, now),
    includeArchived: options.includeArchived === true,
    includeRestored: options.includeRestored === true,
    scope: await readScope(options, environment),
    permanent: options.permanent === true,
    compress: options.compress !== false,
    trashTtl: await readTtl(options.trashTtl ?? DEFAULT_TTL, now),
  };
  if (!selectsSome(policy)) throw new NothingSelected(options);
  return policy;
}

/** Returns how long sessions stay in the trash; null for `never`. Throws usage errors. */
async function readTtl(text: string, now: number): Promise<PrunePolicy['trashTtl']> {
  if (text === 'never') return null;
  const ms = await parseDuration(text, now, option('trashTtl'));
  if (ms > 0) return { ms, text };
  throw new CcsessError(
    'USAGE',
    phrase`${option('trashTtl')} ${text}: nothing could be restored. To delete permanently: ${option('permanent')}.`,
  );
}

/** Rejects zero, which would select every session. */
function parseNonZeroSize(text: string, name: OptionLabel): number {
  const bytes = /^0+(?:\.0+)?$/.test(text) ? 0 : parseSize(text, name);
  if (bytes > 0) return bytes;
  throw new CcsessError('USAGE', phrase`${name} ${text}: that would select every session.`);
}

async function readIdle(text: string, now: number): Promise<PrunePolicy['minIdle']> {
  const ms = await parseDuration(text, now, option('minIdle'));
  if (ms >= MIN_IDLE_MS) return { ms, text };
  throw new CcsessError(
    'USAGE',
    phrase`${option('minIdle')} ${text}: at least ${MIN_IDLE}, since a session may be between two turns.`,
  );
}

async function readScope(
  { project, worktrees, kind = [], title, tag }: PolicyOptions,
  environment: Environment,
): Promise<PruneScope> {
  if (worktrees === true && project === undefined)
    throw new CcsessError('USAGE', phrase`${option('worktrees')} needs ${option('project')}.`);
  const { projectFilter } = await import('./project-filter.js');
  const start = await findStartFolder(environment);
  return {
    projects: project ?? [],
    isInProjects:
      project === undefined
        ? null
        : projectFilter(project, worktrees === true ? start : { ...start, worktreesOf: null }),
    kinds: kind.map((one) => parseChoice(one, KINDS, option('kind'))),
    title: title ?? null,
    tag: tag === undefined ? null : wantedTag(tag),
  };
}

function selectsSome({ before, largerThanBytes, promptsAtMost, empty, orphans, maxTotalBytes }: PrunePolicy): boolean {
  return [before, largerThanBytes, promptsAtMost, maxTotalBytes].some((given) => given !== null) || empty || orphans;
}

/** Error USAGE for a prune whose options only narrow it or keep sessions, so that none selects any. */
export class NothingSelected extends CcsessError {
  constructor({ project = [], kind = [], title, tag, keepLast }: PolicyOptions) {
    const narrowing = [
      project.length > 0 ? option('project') : null,
      kind.length > 0 ? option('kind') : null,
      title === undefined ? null : option('title'),
      tag === undefined ? null : option('tag'),
    ].find((term) => term !== null);
    const why =
      narrowing !== undefined
        ? phrase`${narrowing} narrows a prune, it does not select sessions`
        : keepLast !== undefined
          ? phrase`${option('keepLast')} keeps sessions, it does not select any`
          : 'prune needs a rule that selects sessions';
    super('USAGE', phrase`${why}: pass one of the rules below.`, {
      hint: SELECTING.flatMap((name, at) => [...(at === 0 ? [] : [', ']), option(name)]),
    });
  }
}
