import type { Command } from 'commander';
import { parseCount } from '../../grammar/count.js';
import { readLogFilters, type LogQuery } from '../../sessions/log/log-query.js';
import { workLog } from '../../sessions/log/work-log.js';
import { indexOptionsOf, select } from '../../sessions/select/select.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { openPrices } from '../../usage/prices/price-file.js';
import type { Prices } from '../../usage/prices/prices.js';
import type { Context } from '../context.js';
import { formatDay, formatMoment, isoDay } from '../render/text/age.js';
import { batches, toJson } from '../render/text/json.js';
import { counted } from '../render/text/number.js';
import { sanitize } from '../render/text/sanitize.js';
import { addFilterFlags, resolvedAge, writtenFilters, type FilterFlags } from '../shared/filters.js';
import { noteInterrupted, noteNoSessions, noteProblems } from '../shared/notes.js';
import { projectsMeant } from '../shared/project-argument.js';
import { screenOf } from '../shared/screen.js';

/** The flags of `log`, as typed. */
export interface LogFlags extends FilterFlags {
  all?: boolean;
  limit?: string;
  reverse?: boolean;
  md?: boolean;
  prices?: string;
  redact?: boolean;
}

/** Options of `log`. */
export interface LogOptions {
  query: LogQuery;
  /** The time range in words. */
  resolved: readonly string[];
  /** Folders and patterns as typed; empty for all. */
  projects: readonly string[];
  /** The filters as a command line, without those of time. */
  filters: string;
  /** Also show headless and teammate sessions. */
  all: boolean;
  /** Maximum number of sessions, 0 for all. */
  limit: number;
  isReversed: boolean;
  isMarkdown: boolean;
  /** Mask secrets. */
  isRedacted: boolean;
  prices: Prices;
}

/** `ccsess log`: shows the work in a time range, by project. */
export function define(command: Command, context: Context): void {
  addFilterFlags(command, {
    since: 'only work since: 2d, yesterday, 2026-11-01 (default: 1d, or the day before --until)',
    until: 'only work before: 2d, 2026-11-01',
  })
    .option('-a, --all', 'also show headless and teammate sessions (--json always includes them)')
    .option('-L, --limit <n>', 'show only the newest <n> sessions (0 = all; default: all)')
    .option('--reverse', 'reverse the order (oldest first)')
    .option('--md', 'print Markdown (default in a pipe)')
    .option('--redact', 'mask secrets of well-known forms (keys, tokens, passwords in URLs)')
    .option('--prices <file>', 'take prices from a JSON file')
    .action(async (flags: LogFlags) => runLog(await readLogOptions(flags, context), context));
}

/** Reads the flags of `log`. Throws usage errors. */
export async function readLogOptions(flags: LogFlags, context: Context): Promise<LogOptions> {
  const { global, stdout } = context;
  if (global.json && flags.md === true) throw new CcsessError('USAGE', '--json and --md cannot be combined.');
  const { query, ages } = await readLogFilters(flags, context);
  const { since: _since, until: _until, ...others } = flags;
  return {
    query,
    resolved: [
      ...(flags.since === undefined ? [`Since ${formatMoment(query.sinceMs)} (change with --since)`] : []),
      ...ages.map(resolvedAge),
    ],
    projects: flags.project ?? [],
    filters: writtenFilters(others),
    all: global.json || flags.all === true || flags.kind !== undefined,
    limit: flags.limit === undefined ? 0 : parseCount(flags.limit, '--limit'),
    isReversed: flags.reverse === true,
    isMarkdown: flags.md === true || !stdout.isTerminal,
    isRedacted: flags.redact === true,
    prices: openPrices(flags.prices ?? null),
  };
}

/** Prints a table on a terminal, Markdown in a pipe, or JSON. */
export async function runLog(options: LogOptions, context: Context): Promise<void> {
  const { projects, limit } = options;
  const { stdout, stderr, global, configDirs } = context;
  const index = await context.openIndex(indexOptionsOf(options.query.sessions));
  const query = { ...options.query };
  if (projects.length > 0 && index.rows.length > 0)
    query.sessions = { ...query.sessions, project: await projectsMeant(projects, index, context) };
  const conditions = {
    configDirs,
    prices: options.prices,
    nowMs: context.now(),
    limit: limit === 0 ? Infinity : limit,
  };
  const leftOut = new Set<SessionRow>();
  const isLeftOut = (row: SessionRow): boolean => {
    const isHidden = row.kind === 'headless' || row.kind === 'teammate';
    if (isHidden && (row.lastActivityMs ?? -Infinity) >= query.sinceMs && (row.createdMs ?? 0) < query.beforeMs)
      leftOut.add(row);
    return isHidden;
  };
  let found = await workLog(index, query, { ...conditions, ...(options.all ? {} : { isLeftOut }) });
  if (found.log.totals.sessions === 0 && leftOut.size > 0) {
    // If there is nothing else, hidden sessions are shown after all.
    leftOut.clear();
    found = await workLog(index, query, conditions);
  }
  await noteProblems([...index.problems, ...found.problems], context);
  await noteInterrupted(context);
  const ordered = options.isReversed ? reverseLog(found.log) : found.log;
  const work = options.isRedacted ? (await import('../../redaction/mask-secrets.js')).maskSecretsIn(ordered) : ordered;
  if (global.json) return stdout.write(`${toJson(work, stdout.isTerminal)}\n`);
  if (work.totals.sessions === 0) return noteNothing({ ...options, query }, index, context);
  if (options.isMarkdown) {
    const { markdownLines } = await import('../render/log-markdown.js');
    for (const piece of batches(markdownLines(work, screenOf(context)))) await stdout.write(piece);
    if (leftOut.size > 0) await stderr.write(`ccsess: left out: ${leftOutWords(leftOut.size)}: -a\n`);
    return;
  }
  const { logLines } = await import('../render/log.js');
  const view = {
    leftOut: leftOut.size === 0 ? null : leftOutWords(leftOut.size),
    resolved: options.resolved,
    ids: index.ids(),
  };
  await stdout.write(`${(await logLines(work, view, screenOf(context))).join('\n')}\n`);
}

function reverseLog<Log extends { projects: { sessions: unknown[] }[] }>(work: Log): Log {
  const projects = work.projects.map((project) => ({ ...project, sessions: project.sessions.toReversed() }));
  return { ...work, projects: projects.reverse() };
}

function leftOutWords(count: number): string {
  return counted(count, 'headless or teammate session');
}

/** Reports on stderr why nothing is shown, and the day of the last work before. */
async function noteNothing({ query, filters }: LogOptions, index: SessionIndex, context: Context): Promise<void> {
  if (index.rows.length === 0) return noteNoSessions(index.problems, context);
  const { sinceMs, beforeMs, isOpen, sessions } = query;
  const span = `since ${formatMoment(sinceMs)}${isOpen ? '' : ` and before ${formatMoment(beforeMs)}`}`;
  const which = filters === '' ? '' : ` in sessions that match ${sanitize(filters)}`;
  const lastMs = select(index, sessions).rows.reduce(
    (last, { lastActivityMs }) =>
      lastActivityMs !== null && lastActivityMs < sinceMs ? Math.max(last, lastActivityMs) : last,
    -Infinity,
  );
  const before =
    lastMs === -Infinity ? '' : ` The last work before that was on ${formatDay(lastMs)}: --since ${isoDay(lastMs)}.`;
  await context.stderr.write(`No work ${span}${which}.${before}\n`);
}
