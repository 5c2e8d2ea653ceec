import type { Command } from 'commander';
import { ENGINES } from '../../search/query/model.js';
import { PART_KINDS } from '../../search/text/parts.js';
import type { Context } from '../context.js';
import { addFilterFlags } from '../shared/filters.js';
import {
  readSearchRequest,
  SEARCH_SORTS,
  type SearchFlags,
  type SearchRequest,
} from '../shared/search/search-request.js';
import { searchAndPrint } from '../shared/search/run-search.js';

/** `ccsess search`: searches the conversations of all sessions. */
export function define(command: Command, context: Context): void {
  addFilterFlags(
    command.argument(
      '<query...>',
      'words, "exact phrases" and /regular expressions/flags; ' +
        'all of them must be in the same prompt, answer, tool call or result',
    ),
    {
      since: 'only matches written since: 2d, 1d12h, 2026-11-01',
      until: 'only matches written before: 2d, 2026-11-01',
    },
  )
    .option('-a, --all', 'also search headless, teammate, archived and non-resumable sessions')
    .option('--in <parts>', `search only these parts (comma-separated): ${PART_KINDS.join(', ')}, all`)
    .option('--subagents', 'also search the conversations of subagents')
    .option('--all-branches', 'also search messages that are not on the active branch')
    .option('-w, --word-regexp', 'find whole words only')
    .option('-i, --ignore-case', 'ignore case in words with capitals too')
    .option('-s, --case-sensitive', 'distinguish upper and lower case in all words')
    .option(
      '--engine <name>',
      `engine for regular expressions: ${ENGINES.join(', ')} (default: js; re2 takes linear time)`,
    )
    .option('--sort <key>', `sort sessions by: ${SEARCH_SORTS.join(', ')} (default: activity)`)
    .option('-L, --limit <n>', 'maximum number of sessions (0 = all; default: 20 on a terminal, else all)')
    .option('--max-count <n>', 'maximum number of matches per session (0 = all; default: 5 on a terminal, else all)')
    .option(
      '-C, --context <n>',
      'also print <n> messages before and after each match, without tool results and thinking',
    )
    .option('--max-bytes <size>', 'maximum size of the output, cut after a whole match: 16K')
    .option('--not-current', 'leave out the session that runs this command (CLAUDE_CODE_SESSION_ID)')
    .option('--redact', 'mask secrets of well-known forms (keys, tokens, passwords in URLs)')
    .option('-l, --ids', 'print only the ids of sessions')
    .option('-c, --count', 'print only the number of matches per session')
    .option('-q, --quiet', 'print nothing; exit with 0 if anything was found, else with 1')
    .option('--jsonl', 'print one JSON object per match, then the number of omitted matches')
    .action(async (words: string[], flags: SearchFlags) =>
      runSearch(await readSearchOptions(words, flags, context), context),
    );
}

/** Reads the query and flags of `search`. Throws usage errors. */
export async function readSearchOptions(
  words: readonly string[],
  flags: SearchFlags,
  context: Context,
): Promise<SearchRequest> {
  return readSearchRequest(words, flags, context);
}

/** Searches, and prints matches as they are found. */
export async function runSearch(request: SearchRequest, context: Context): Promise<void> {
  await searchAndPrint(request, context);
}
