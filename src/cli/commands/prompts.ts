import type { Command } from 'commander';
import { parseCount } from '../../grammar/count.js';
import { listPrompts } from '../../sessions/prompts/list-prompts.js';
import type { PromptRecord } from '../../sessions/prompts/prompt-record.js';
import { readPromptFilters, type PromptQuery } from '../../sessions/prompts/prompt-query.js';
import { indexOptionsOf } from '../../sessions/select/select.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import type { Problem } from '../../system/problem.js';
import type { Context } from '../context.js';
import { promptLine } from '../render/prompt-line.js';
import { batches, jsonArray, jsonLines } from '../render/text/json.js';
import { grouped } from '../render/text/number.js';
import { sanitize } from '../render/text/sanitize.js';
import { addFilterFlags, resolvedAge, writtenFilters, type FilterFlags } from '../shared/filters.js';
import { noteInterrupted, noteProblems } from '../shared/notes.js';
import { projectsMeant } from '../shared/project-argument.js';
import { hasSeveralConfigDirs, screenOf } from '../shared/screen.js';
import { printPieces } from '../shared/print-sentences.js';

/** The flags of `prompts`, as typed. */
export interface PromptsFlags extends FilterFlags {
  limit?: string;
  all?: boolean;
  reverse?: boolean;
  jsonl?: boolean;
  redact?: boolean;
}

/** Options of `prompts`. */
export interface PromptsOptions {
  query: PromptQuery;
  /** Projects as typed; null for all. */
  project: readonly string[] | null;
  /** The filters as a command line, for messages; empty for none. */
  filters: string;
  /** Ages among the filters, as resolved times to print. */
  resolved: readonly string[];
  /** Maximum number of prompts, Infinity for all; default: 30 in a table, else all. */
  limit: number;
  /** Show prompts of headless and teammate sessions; default: only in data, and if kinds of sessions were requested. */
  all: boolean;
  /** Oldest first. */
  isReversed: boolean;
  form: PromptsForm;
  /** Mask secrets. */
  isRedacted: boolean;
}

/** Form of the output. */
export type PromptsForm = 'table' | 'lines' | 'json' | 'jsonl';

const TERMINAL_LIMIT = 30;

/** `ccsess prompts`: lists the prompts of all sessions, newest first. */
export function define(command: Command, context: Context): void {
  addFilterFlags(command.argument('[text...]', 'only prompts with all these words'), {
    since: 'only prompts since: 2d, 1d12h, 2026-11-01',
    until: 'only prompts before: 2d, 2026-11-01',
  })
    .option('-a, --all', 'also show prompts of headless and teammate sessions')
    .option(
      '-L, --limit <n>',
      `maximum number of prompts (0 = all; default: ${TERMINAL_LIMIT} on a terminal, else all)`,
    )
    .option('--reverse', 'reverse the order (oldest first)')
    .option('--jsonl', 'print one JSON object per line')
    .option('--redact', 'mask secrets of well-known forms (keys, tokens, passwords in URLs)')
    .action(async (text: string[], flags: PromptsFlags) =>
      runPrompts(await readPromptsOptions(text, flags, context), context),
    );
}

/**
 * Reads the arguments and flags of `prompts`. Throws USAGE for invalid values and for flags that cannot be combined.
 */
export async function readPromptsOptions(
  text: readonly string[],
  typed: PromptsFlags,
  context: Context,
): Promise<PromptsOptions> {
  const flags = text.length === 0 ? typed : { ...typed, text: text.join(' ') };
  const { stdout, global } = context;
  if (global.json && flags.jsonl === true) throw new CcsessError('USAGE', '--json and --jsonl cannot be combined.');
  const { query, ages } = await readPromptFilters(flags, context);
  const form = global.json ? 'json' : flags.jsonl === true ? 'jsonl' : stdout.isTerminal ? 'table' : 'lines';
  const isTable = form === 'table';
  const limit = flags.limit === undefined ? (isTable ? TERMINAL_LIMIT : 0) : parseCount(flags.limit, '--limit');
  return {
    query,
    project: flags.project ?? null,
    filters: writtenFilters(flags),
    resolved: ages.map(resolvedAge),
    limit: limit === 0 ? Infinity : limit,
    all: !isTable || flags.all === true || flags.kind !== undefined,
    isReversed: flags.reverse === true,
    form,
    isRedacted: flags.redact === true,
  };
}

/** Prints a table on a terminal, a line per prompt in a pipe, or data. */
export async function runPrompts(options: PromptsOptions, context: Context): Promise<void> {
  const index = await context.openIndex(indexOptionsOf(options.query.sessions));
  const { prompts, problems, leftOut } = await findPrompts(options, index, context);
  await noteProblems([...index.problems, ...problems], context);
  await noteInterrupted(context);
  if (prompts.length === 0) await noteNothing(options, leftOut, context);
  if (options.form !== 'table') return printPieces(dataOf(prompts, options.form, context), context);
  if (prompts.length === 0) return;
  const { promptLines } = await import('../render/prompts.js');
  const view = { limit: options.limit, leftOut, resolved: options.resolved, ids: index.ids() };
  await context.stdout.write(`${(await promptLines(prompts, view, screenOf(context))).join('\n')}\n`);
}

/** Prompts in the order in which they are printed. */
interface FoundPrompts {
  prompts: readonly PromptRecord[];
  problems: readonly Problem[];
  /** Number of headless and teammate sessions whose prompts are not shown. */
  leftOut: number;
}

async function findPrompts(options: PromptsOptions, index: SessionIndex, context: Context): Promise<FoundPrompts> {
  const { query, project, limit, all, isReversed, isRedacted } = options;
  const sessions =
    project === null || index.rows.length === 0
      ? query.sessions
      : { ...query.sessions, project: await projectsMeant(project, index, context) };
  const leftOut = new Set<SessionRow>();
  const isLeftOut = (row: SessionRow): boolean => {
    const isHidden = row.kind === 'headless' || row.kind === 'teammate';
    if (isHidden && row.prompts > 0) leftOut.add(row);
    return isHidden;
  };
  const which = { configDirs: context.configDirs, limit, ...(all ? {} : { isLeftOut }) };
  const found = await listPrompts(index, { ...query, sessions }, which);
  const ordered = isReversed ? found.prompts.toReversed() : found.prompts;
  const mask = isRedacted ? (await import('../../redaction/mask-secrets.js')).maskSecretsIn : null;
  const prompts = mask === null ? ordered : ordered.map(mask);
  return { prompts, problems: found.problems, leftOut: leftOut.size };
}

/** Returns the output in a form for programs. */
function dataOf(
  prompts: readonly PromptRecord[],
  form: Exclude<PromptsForm, 'table'>,
  context: Context,
): Iterable<string> {
  switch (form) {
    case 'json':
      return jsonArray(prompts, context.stdout.isTerminal);
    case 'jsonl':
      return jsonLines(prompts);
    case 'lines': {
      const withConfigDir = hasSeveralConfigDirs(context);
      return batches(prompts.map((prompt) => promptLine(prompt, withConfigDir)));
    }
    default:
      return form satisfies never;
  }
}

/** Reports on stderr why nothing is listed. */
async function noteNothing({ filters }: PromptsOptions, leftOut: number, { stderr }: Context): Promise<void> {
  const which = filters === '' ? 'No prompts yet' : `No prompts match ${sanitize(filters)}`;
  const hint = leftOut === 0 ? '' : ` (left out: ${grouped(leftOut)} headless or teammate: -a)`;
  await stderr.write(`${which}${hint}.\n`);
}
