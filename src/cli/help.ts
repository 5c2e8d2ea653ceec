import { COMMANDS } from './command-table.js';
import { GLOBAL_FLAGS } from './globals.js';
import { wrapLine } from './render/text/wrap.js';

type HelpLine = readonly [term: string, summary: string];

/** Description of `--help` in every help text. */
export const HELP_SUMMARY = 'show this help';
/** Heading of the flags that every command takes. */
export const GLOBAL_GROUP = 'Global options:';

/** Minimum columns of a summary; on narrower terminals the lines are longer than the screen. */
const MIN_SUMMARY = 16;

/**
 * Returns the text of `ccsess --help` for a terminal of this width. Does not use commander, which takes as long to load
 * as everything else.
 */
export function topHelp(width: number): string {
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
  const room = Math.max(MIN_SUMMARY, width - termWidth - 4);
  const linesOf = ([term, summary]: HelpLine): string[] =>
    wrapLine(summary, room).map((text, at) => `  ${(at === 0 ? term : '').padEnd(termWidth)}  ${text}`);
  const sections = [...groups].map(([heading, lines]) => [heading, ...lines.flatMap(linesOf)].join('\n'));
  const sentence = (text: string): string => wrapLine(text, Math.max(MIN_SUMMARY, width)).join('\n');
  return [
    'Usage: ccsess <command> [options]',
    sentence('Manage the sessions of Claude Code on this machine.'),
    ...sections,
    `${sentence('Help for a command: ccsess help <command>')}\n`,
  ].join('\n\n');
}
