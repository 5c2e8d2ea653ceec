import type { Command } from 'commander';
import { collectValues } from '../command.js';
import { flagOf } from './wording.js';
import { KINDS, type Filters, type ResolvedAge } from '../../sessions/select/filters.js';
import type { HiddenReason } from '../../sessions/select/listing.js';
import { SWITCH_FILTERS, switchDescription, switchedOn } from '../../sessions/select/switch-filters.js';
import { quoted } from '../../grammar/quoted.js';
import { formatMoment } from '../render/text/age.js';

/** The filter flags, as typed. */
export interface FilterFlags extends Omit<Filters, 'kind'> {
  kind?: string;
}

/** Descriptions of `--since` and `--until`. */
export interface AgeHelp {
  since: string;
  until: string;
}

const SESSION_AGES: AgeHelp = {
  since: 'only sessions active since: 2d, 1d12h, 2026-11-01',
  until: 'only sessions last active before: 2d, 2026-11-01',
};

/** Adds the filter flags to a command. */
export function addFilterFlags(command: Command, ages = SESSION_AGES): Command {
  command
    .option(
      '-p, --project <path|glob>',
      'only sessions of this folder and its git worktrees (. = current folder); repeatable',
      collectValues,
    )
    .option('--since <age|date>', ages.since)
    .option('--until <age|date>', ages.until)
    .option('--older-than <age|date>', 'only sessions inactive for at least this long: 30d')
    .option('--larger-than <size>', 'only sessions larger than this: 500K, 20MiB')
    .option('--kind <kind>', `only sessions of this kind: ${KINDS.join(', ')}`)
    .option('--title <text>', 'only sessions whose title contains <text>')
    .option('--tag <tag>', 'only sessions with this tag')
    .option('--branch <name>', 'only sessions on this git branch')
    .option(
      '--touched <path|glob>',
      'only sessions whose tools read or changed this file, or a file in this folder; repeatable',
      collectValues,
    )
    .option('--model <name>', 'only sessions that used a model whose name contains <name>');
  for (const name of SWITCH_FILTERS) command.option(flagOf(name), switchDescription(name));
  return command;
}

/** Returns the reasons that hide no session: all with `-a`, and with filters that match mostly hidden sessions. */
export function alsoListedBy(flags: FilterFlags & { all?: boolean }): HiddenReason[] {
  const { all, pinned, archived, empty, unresumable } = flags;
  if ([all, pinned, archived, empty, unresumable].includes(true))
    return ['headless', 'teammate', 'archived', 'notResumable'];
  return flags.kind === 'headless' || flags.kind === 'teammate' ? [flags.kind] : [];
}

/** Returns a resolved age as text: `--since 2d: from Sat 21 Nov 2026 06:46`. */
export function resolvedAge({ option, text, relation, ms }: ResolvedAge): string {
  return `${flagOf(option)} ${text}: ${relation} ${formatMoment(ms)}`;
}

/** Returns the filters as a command line: `-p . --tag nightly`. */
export function writtenFilters(flags: FilterFlags): string {
  const { project = [], touched = [], text = '', ...valued } = flags;
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
    ...(text === '' ? [] : [quoted(text)]),
    ...project.map((path) => `-p ${quoted(path)}`),
    ...touched.map((path) => `--touched ${quoted(path)}`),
    ...named.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${quoted(value)}`])),
    ...switchedOn(flags).map(flagOf),
  ].join(' ');
}
