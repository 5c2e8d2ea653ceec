import type { Command } from 'commander';
import { parseCount } from '../../grammar/count.js';
import { readLogFilters, type LogQuery } from '../../sessions/log/log-query.js';
import { workLog } from '../../sessions/log/work-log.js';
import { select } from '../../sessions/select/select.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { openPrices } from '../../usage/prices/price-file.js';
import type { Context } from '../context.js';
import { formatDay, formatMoment, isoDay } from '../render/text/age.js';
import { batches, toJson } from '../render/text/json.js';
import { counted } from '../render/text/number.js';
import { sanitize } from '../render/text/sanitize.js';
import { addFilterFlags, resolvedAge, writtenFilters, type FilterFlags } from '../shared/filters.js';
import { noteInterrupted, noteNoSessions, noteProblems } from '../shared/notes.js';
import { projectsMeant } from '../shared/project-argument.js';
import { screenOf } from '../shared/screen.js';

/** The flags of `log`, as written. */
export interface LogFlags extends FilterFlags {
  all?: boolean;
  limit?: string;
  reverse?: boolean;
  md?: boolean;
  prices?: string;
}

/** `ccsess log`: what was done in a span of time, by project. */
export function define(command: Command, context: Context): void {
  addFilterFlags(command, {
    since: 'only work since: 2d, yesterday, 2026-11-01 (default: 1d, or the day before --until)',
    until: 'only work before',
  })
    .option('-a, --all', 'also headless and teammate sessions (JSON has them in any case)')
    .option('-L, --limit <n>', 'maximum number of sessions, the newest ones (0 = all; default: all)')
    .option('--reverse', 'oldest first')
    .option('--md', 'print Markdown, as in a pipe')
    .option('--prices <file>', 'take prices from a JSON file')
    .action((flags: LogFlags) => log(flags, context));
}

/** Prints a table on a terminal, Markdown in a pipe, JSON if asked. Throws usage errors. */
export async function log(flags: LogFlags, context: Context): Promise<void> {
  const { stdout, global, configDirs } = context;
  if (global.json && flags.md === true) throw new CcsessError('USAGE', '--json and --md cannot be combined.');
  const { query, ages } = await readLogFilters(flags, context);
  const asked = flags.limit === undefined ? 0 : parseCount(flags.limit, '--limit');
  const prices = openPrices(flags.prices ?? null);

  const index = await context.openIndex({ processes: flags.live === true });
  if (flags.project !== undefined && index.rows.length > 0)
    query.sessions.project = await projectsMeant(flags.project, index, context);
  const conditions = { configDirs, prices, nowMs: context.now(), limit: asked === 0 ? Infinity : asked };
  const leftOut = new Set<SessionRow>();
  const isLeftOut = (row: SessionRow): boolean => {
    const is = row.kind === 'headless' || row.kind === 'teammate';
    if (is && (row.lastActivityMs ?? -Infinity) >= query.sinceMs && (row.createdMs ?? 0) < query.beforeMs)
      leftOut.add(row);
    return is;
  };
  const hides = !global.json && flags.all !== true && flags.kind === undefined;
  let found = await workLog(index, query, { ...conditions, ...(hides ? { isLeftOut } : {}) });
  if (found.log.totals.sessions === 0 && leftOut.size > 0) {
    // Nothing is hidden behind an empty screen.
    leftOut.clear();
    found = await workLog(index, query, conditions);
  }
  await noteProblems([...index.problems, ...found.problems], context);
  await noteInterrupted(context);
  const work = flags.reverse === true ? reversed(found.log) : found.log;
  if (global.json) return stdout.write(`${toJson(work, stdout.isTerminal)}\n`);
  if (work.totals.sessions === 0) return noteNothing(flags, index, query, context);
  const isMarkdown = flags.md === true || !stdout.isTerminal;
  if (isMarkdown) {
    const { markdownLines } = await import('../render/log-markdown.js');
    for (const piece of batches(markdownLines(work, screenOf(context)))) await stdout.write(piece);
    if (leftOut.size > 0) await context.stderr.write(`ccsess: left out: ${leftOutWords(leftOut.size)}: -a\n`);
    return;
  }
  const { logLines } = await import('../render/log.js');
  const view = {
    leftOut: leftOut.size === 0 ? null : leftOutWords(leftOut.size),
    resolved: ages.length > 0 ? ages.map(resolvedAge) : [`Since ${formatMoment(query.sinceMs)}: --since 1d`],
    ids: index.rows.map(({ file }) => file.id),
  };
  await stdout.write(`${(await logLines(work, view, screenOf(context))).join('\n')}\n`);
}

function reversed<Log extends { projects: { sessions: unknown[] }[] }>(work: Log): Log {
  const projects = work.projects.map((project) => ({ ...project, sessions: project.sessions.toReversed() }));
  return { ...work, projects: projects.reverse() };
}

function leftOutWords(count: number): string {
  return counted(count, 'headless or teammate session');
}

/** Says on stderr why nothing is shown, and the span that holds the newest work. */
async function noteNothing(flags: LogFlags, index: SessionIndex, query: LogQuery, context: Context): Promise<void> {
  if (index.rows.length === 0) return noteNoSessions(index.problems, context);
  const { since: _since, until: _until, ...others } = flags;
  const filters = writtenFilters(others);
  const span = `since ${formatMoment(query.sinceMs)}${query.isOpen ? '' : ` and before ${formatMoment(query.beforeMs)}`}`;
  const which = filters === '' ? '' : ` of sessions that match ${sanitize(filters)}`;
  const newestMs = select(index, query.sessions).rows.reduce(
    (newest, { lastActivityMs }) =>
      lastActivityMs !== null && lastActivityMs < query.sinceMs ? Math.max(newest, lastActivityMs) : newest,
    -Infinity,
  );
  const before =
    newestMs === -Infinity
      ? ''
      : ` The last work before that was on ${formatDay(newestMs)}: --since ${isoDay(newestMs)}.`;
  await context.stderr.write(`No work ${span}${which}.${before}\n`);
}
