import { COMMANDS } from './command-table.js';
import { GLOBAL_FLAGS } from './globals.js';

type HelpLine = readonly [term: string, summary: string];

/** Description of `--help` in every help text. */
export const HELP_SUMMARY = 'show this help';
/** Heading of the flags that every command takes. */
export const GLOBAL_GROUP = 'Global options:';

/** Returns the text of `ccsess --help`. Does not use commander, which takes as long to load as everything else. */
export function topHelp(): string {
  const groups = new Map<string, HelpLine[]>();
  for (const { name, aliases = [], summary, group } of COMMANDS) {
    groups.set(group, [...(groups.get(group) ?? []), [[name, ...aliases].join('|'), summary]]);
  }
  groups.set('Options:', [
    ['-V, --version', 'print the version'],
    ['-h, --help', HELP_SUMMARY],
  ]);
  groups.set(GLOBAL_GROUP, [...GLOBAL_FLAGS]);
  const termWidth = Math.max(...[...groups.values()].flat().map(([term]) => term.length));
  const sections = [...groups].map(([heading, lines]) =>
    [heading, ...lines.map(([term, summary]) => `  ${term.padEnd(termWidth)}  ${summary}`)].join('\n'),
  );
  return [
    'Usage: ccsess <command> [options]',
    'Manage the sessions of Claude Code on this machine.',
    ...sections,
    'Help for a command: ccsess help <command>\n',
  ].join('\n\n');
}
