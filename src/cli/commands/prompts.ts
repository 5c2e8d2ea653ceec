import type { Command } from 'commander';
import { parseCount } from '../../grammar/count.js';
import { listPrompts } from '../../sessions/prompts/list-prompts.js';
import { readPromptFilters } from '../../sessions/prompts/prompt-query.js';
import { indexOptionsOf } from '../../sessions/select/select.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import type { Context } from '../context.js';
import { promptLine } from '../render/prompt-line.js';
import { batches, jsonArray, jsonLines } from '../render/text/json.js';
import { grouped } from '../render/text/number.js';
import { sanitize } from '../render/text/sanitize.js';
import { addFilterFlags, resolvedAge, writtenFilters, type FilterFlags } from '../shared/filters.js';
import { noteInterrupted, noteProblems } from '../shared/notes.js';
import { projectsMeant } from '../shared/project-argument.js';
import { hasSeveralConfigDirs, screenOf } from '../shared/screen.js';

/** The flags of `prompts`, as written. */
export interface PromptFlags extends FilterFlags {
  limit?: string;
  all?: boolean;
  reverse?: boolean;
  jsonl?: boolean;
}

const TERMINAL_LIMIT = 30;

/** `ccsess prompts`: what was typed, newest first, over all sessions. */
export function define(command: Command, context: Context): void {
  addFilterFlags(command.argument('[text...]', 'only prompts with all these words'), {
    since: 'only prompts since: 2d, 1d12h, 2026-11-01',
    until: 'only prompts before',
  })
    .option('-a, --all', 'also show prompts of headless and teammate sessions')
    .option(
      '-L, --limit <n>',
      `maximum number of prompts (0 = all; default: ${TERMINAL_LIMIT} on a terminal, else all)`,
    )
    .option('--reverse', 'oldest first')
    .option('--jsonl', 'print one JSON object per line')
    .action((text: string[], flags: PromptFlags) =>
      prompts({ ...flags, ...(text.length === 0 ? {} : { text: text.join(' ') }) }, context),
    );
}

/** Prints a table on a terminal, a line a prompt in a pipe, JSON if asked. Throws usage errors. */
export async function prompts(flags: PromptFlags, context: Context): Promise<void> {
  const { stdout, global, configDirs } = context;
  if (global.json && flags.jsonl === true) throw new CcsessError('USAGE', '--json and --jsonl cannot be combined.');
  const { query, ages } = await readPromptFilters(flags, context);
  const asData = global.json || flags.jsonl === true || !stdout.isTerminal;
  const asked = flags.limit === undefined ? (asData ? 0 : TERMINAL_LIMIT) : parseCount(flags.limit, '--limit');
  const limit = asked === 0 ? Infinity : asked;

  const index = await context.openIndex(indexOptionsOf(query.sessions));
  if (flags.project !== undefined && index.rows.length > 0)
    query.sessions.project = await projectsMeant(flags.project, index, context);
  const leftOut = new Set<SessionRow>();
  const isLeftOut = (row: SessionRow): boolean => {
    const is = row.kind === 'headless' || row.kind === 'teammate';
    if (is && row.prompts > 0) leftOut.add(row);
    return is;
  };
  const hides = !asData && flags.all !== true && flags.kind === undefined;
  const found = await listPrompts(index, query, { configDirs, limit, ...(hides ? { isLeftOut } : {}) });
  await noteProblems([...index.problems, ...found.problems], context);
  await noteInterrupted(context);
  const listed = flags.reverse === true ? found.prompts.toReversed() : found.prompts;
  if (listed.length === 0) await noteNothing(flags, leftOut.size, context);

  if (asData) {
    const withConfigDir = hasSeveralConfigDirs(context);
    const pieces =
      flags.jsonl === true
        ? jsonLines(listed)
        : global.json
          ? jsonArray(listed, stdout.isTerminal)
          : batches(listed.map((prompt) => promptLine(prompt, withConfigDir)));
    for (const piece of pieces) await stdout.write(piece);
    return;
  }
  if (listed.length === 0) return;
  const { promptLines } = await import('../render/prompts.js');
  const view = {
    limit,
    leftOut: leftOut.size,
    resolved: ages.map(resolvedAge),
    ids: index.rows.map(({ file }) => file.id),
  };
  await stdout.write(`${(await promptLines(listed, view, screenOf(context))).join('\n')}\n`);
}

/** Says on stderr why nothing is listed. */
async function noteNothing(flags: PromptFlags, leftOut: number, { stderr }: Context): Promise<void> {
  const filters = writtenFilters(flags);
  const which = filters === '' ? 'No prompts yet' : `No prompts match ${sanitize(filters)}`;
  const hint = leftOut === 0 ? '' : ` (left out: ${grouped(leftOut)} headless or teammate: -a)`;
  await stderr.write(`${which}${hint}.\n`);
}
