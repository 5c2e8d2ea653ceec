import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { SessionKind } from '../session-index/record.js';
import type { Place } from '../sessions/project-filter.js';
import type { Query } from '../sessions/select.js';
import type { Context } from './context.js';
import { parseAge, momentOf, pastMomentOf } from '../sessions/grammar/age.js';
import { parseChoice } from './parse/choice.js';
import { parseSize } from '../sessions/grammar/size.js';
import { formatMoment } from './render/age.js';

/** The flags that narrow which sessions are meant, as written. */
export interface FilterFlags {
  project?: string[];
  since?: string;
  until?: string;
  olderThan?: string;
  largerThan?: string;
  kind?: string;
  title?: string;
  tag?: string;
  branch?: string;
  model?: string;
  live?: boolean;
  empty?: boolean;
}

/** A query, and what its ages came to (`--since 2d: from Sat 21 Nov 2026 06:46`), to be printed back. */
export interface Filters {
  query: Query;
  resolved: string[];
}

const KINDS: readonly SessionKind[] = ['interactive', 'headless', 'background'];

/** Adds the filter flags to a command. */
export function addFilterFlags(command: Command): Command {
  return command
    .option('-p, --project <path|glob>', 'only of this folder and its git worktrees (. = here); may be given again', gather)
    .option('--since <age|date>', 'only with activity since then: 2d, 1d12h, 2026-11-01')
    .option('--until <age|date>', 'only with activity before then')
    .option('--older-than <age|date>', 'only without activity for that long')
    .option('--larger-than <size>', 'only larger than that: 500K, 20MiB')
    .option('--kind <kind>', `only of this kind: ${KINDS.join(', ')}`)
    .option('--title <text>', 'only with this text in the title')
    .option('--tag <tag>', 'only with this tag')
    .option('--branch <name>', 'only of this git branch')
    .option('--model <name>', 'only with this text in the name of a model')
    .option('--live', 'only those a process holds now')
    .option('--empty', 'only without a prompt and an answer');
}

/** Collects the values of a flag that may be given again. */
export function gather(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Reads the flags against the context's clock and folders. Throws usage errors. */
export async function readFilters(flags: FilterFlags, context: Context): Promise<Filters> {
  const query: Query = {};
  const resolved: string[] = [];
  const now = context.now();
  const { since, until, olderThan } = flags;
  if (since !== undefined) {
    query.sinceMs = await momentOf(parseAge(since, '--since'), now, since, '--since');
    resolved.push(`--since ${since}: from ${formatMoment(query.sinceMs)}`);
  }
  if (until !== undefined) {
    query.beforeMs = await momentOf(parseAge(until, '--until'), now, until, '--until');
    resolved.push(`--until ${until}: before ${formatMoment(query.beforeMs)}`);
  }
  if (olderThan !== undefined) {
    const before = await pastMomentOf(parseAge(olderThan, '--older-than'), now, olderThan, '--older-than');
    query.beforeMs = Math.min(before, query.beforeMs ?? Infinity);
    resolved.push(`--older-than ${olderThan}: before ${formatMoment(before)}`);
  }
  if (flags.kind !== undefined) query.kind = parseChoice(flags.kind, KINDS, '--kind');
  if (flags.largerThan !== undefined) query.largerThanBytes = parseSize(flags.largerThan, '--larger-than');
  if (flags.title !== undefined) query.title = flags.title;
  if (flags.tag !== undefined) query.tag = flags.tag;
  if (flags.branch !== undefined) query.branch = flags.branch;
  if (flags.model !== undefined) query.model = flags.model;
  if (flags.live === true) query.live = true;
  if (flags.empty === true) query.empty = true;
  if (flags.project !== undefined) {
    const { projectFilter } = await import('../sessions/project-filter.js');
    query.project = projectFilter(flags.project, await placeOf(context));
  }
  return { query, resolved };
}

/** Where project arguments start from. Git is asked only in a repository that has worktrees: starting it costs. */
export async function placeOf({ cwd, home, env }: Context): Promise<Place> {
  const { worktreesOf } = await import('../claude/worktrees.js');
  return { cwd, home, worktreesOf: (folder) => (mayHaveWorktrees(folder) ? worktreesOf(folder, env) : [folder]) };
}

/** Whether the folder lies in a worktree (`.git` is a file) or in a repository that has some. */
function mayHaveWorktrees(folder: string): boolean {
  const git = join(folder, '.git');
  if (!existsSync(git)) return dirname(folder) !== folder && mayHaveWorktrees(dirname(folder));
  return !existsSync(join(git, 'HEAD')) || existsSync(join(git, 'worktrees'));
}

/** The filters as one would type them again: `-p . --tag nightly`. */
export function writtenFilters(flags: FilterFlags): string {
  const { project = [], live, empty, ...valued } = flags;
  const named: [string, string | undefined][] = [
    ['--since', valued.since],
    ['--until', valued.until],
    ['--older-than', valued.olderThan],
    ['--larger-than', valued.largerThan],
    ['--kind', valued.kind],
    ['--title', valued.title],
    ['--tag', valued.tag],
    ['--branch', valued.branch],
    ['--model', valued.model],
  ];
  return [
    ...project.map((path) => `-p ${quoted(path)}`),
    ...named.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${quoted(value)}`])),
    ...(live === true ? ['--live'] : []),
    ...(empty === true ? ['--empty'] : []),
  ].join(' ');
}

/** A word as a shell takes it: in quotes where it would do something else with it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
