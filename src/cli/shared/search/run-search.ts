import type { Counts, SearchOutcome, SessionMatches } from '../../../search/model.js';
import { hasFilters } from '../../../search/filters/filter-file.js';
import { searchSessions } from '../../../search/search.js';
import { bestOf } from '../../../search/read/collector.js';
import { relevanceOf } from '../../../search/text/score.js';
import { maskSecretsIn } from '../../../redaction/mask-secrets.js';
import type { SessionIndex, SessionRow } from '../../../session-index/session-index.js';
import { listing } from '../../../sessions/select/listing.js';
import { findStartFolder } from '../../../sessions/select/start-folder.js';
import { indexOptionsOf, select } from '../../../sessions/select/select.js';
import type { Context } from '../../context.js';
import { formatSize } from '../../render/text/size.js';
import { isInteractive } from '../../terminal/color.js';
import { startProgress, type Progress } from '../../terminal/progress.js';
import { noteInterrupted, noteNoSessions, noteProblems } from '../notes.js';
import type { FoundSession } from '../../render/search.js';
import { newPrinter, type Printer } from './search-output.js';
import type { SearchRequest } from './search-request.js';
import { delayOptimizations, keepYoungSpaceSmall } from '../../tune.js';

/** Searches the requested sessions and prints matches as they are found. */
export async function searchAndPrint(request: SearchRequest, context: Context): Promise<void> {
  delayOptimizations();
  // Without filters, everything is read.
  if (!context.configDirs.every(({ projectsRoot }) => hasFilters(context.cacheDir, projectsRoot)))
    keepYoungSpaceSmall();
  const index = await context.openIndex(indexOptionsOf(request.filter));
  await noteProblems(index.problems, context);
  await noteInterrupted(context);
  const { rows, left } = await rowsOf(index, request, context);
  const printer = await newPrinter({ request, index, rows, hiddenSessions: left }, context);
  const progress = startProgress(context.stderr, context.now, isInteractive(context.env), searchedSoFar);
  const outcome = await printFound(index, rows, request, { printer, progress }, context);
  await progress?.end();
  await printer.end(outcome !== null);
  if (index.rows.length === 0) await noteNoSessions(index.problems, context);
  if (outcome !== null) await noteProblems(outcome.problems, context);
  if (request.form === 'quiet') context.setExitCode(printer.sessions > 0 ? 0 : 1);
}

/** Returns the sessions to search, newest first, and the number of sessions that are hidden by default. */
async function rowsOf(
  index: SessionIndex,
  { filter, project, alsoListed, scope, excludedId: leftOut }: SearchRequest,
  context: Context,
): Promise<{ rows: SessionRow[]; left: number }> {
  const query = { ...filter };
  if (project !== null && index.rows.length > 0) {
    const { readableProjects } = await import('../project-argument.js');
    const meant = await readableProjects(project, index, context);
    const { projectFilter } = await import('../../../sessions/select/project-filter.js');
    if (meant !== project) query.project = projectFilter(meant, await findStartFolder(context));
  }
  const { rows } = select(index, query);
  const { listed } = listing(rows, alsoListed);
  // `file` of a row is made at its first use, which takes time for thousands of rows.
  const others = leftOut === null ? listed : listed.filter(({ file }) => file.id !== leftOut);
  const within =
    scope.beforeMs === Infinity
      ? others
      : others.filter(({ createdMs }) => createdMs === null || createdMs < scope.beforeMs);
  return { rows: within, left: rows.length - listed.length };
}

/** Prints matches and returns the outcome; null if the search ended early because enough sessions were found. */
async function printFound(
  index: SessionIndex,
  rows: readonly SessionRow[],
  request: SearchRequest,
  { printer, progress }: { printer: Printer; progress: Progress | null },
  context: Context,
): Promise<SearchOutcome | null> {
  const sorted: SessionMatches[] = [];
  const found = searchSessions(index, rows, request.query, {
    ...request.scope,
    limit: request.kept,
    filters: context.global.cache ? { directory: context.cacheDir, nowMs: context.now() } : null,
    onProgress(done, total) {
      keepYoungSpaceSmall(total);
      progress?.report(done, total);
    },
  });
  const limit = request.form === 'quiet' ? 1 : request.limit;
  try {
    for (;;) {
      const step = await found.next();
      if (step.done === true) {
        sorted.sort((a, b) => relevance(b, context.now()) - relevance(a, context.now()));
        for (const session of sorted.slice(0, request.limit)) await printer.add(split(session, request));
        return sorted.length > request.limit ? null : step.value;
      }
      if (request.sort === 'relevance' && request.form !== 'quiet') {
        sorted.push(step.value);
        continue;
      }
      const session = split(step.value, request);
      if (printer.sessions >= limit) return null;
      if (context.stdout.isTerminal) await progress?.end();
      await printer.add(session);
    }
  } finally {
    // Ends the search in any case: its threads keep the process alive, even if the reader of a pipe is gone.
    await found.return({ sessions: 0, bytes: 0, problems: [] });
  }
}

function relevance({ row, matches }: SessionMatches, nowMs: number): number {
  return relevanceOf(
    matches.map(({ score }) => score),
    row.lastActivityMs,
    nowMs,
  );
}

/** Separates the matches to print from those that are only counted. */
function split(
  session: SessionMatches,
  { shown, maxCount, isRedacted }: SearchRequest,
): Omit<FoundSession, 'idLength'> {
  const hidden: Counts = {};
  for (const [kind, count] of Object.entries(session.counts) as [keyof Counts, number][])
    if (!shown.includes(kind)) hidden[kind] = count;
  const candidates = session.matches.filter(({ kind }) => shown.includes(kind));
  const record = isRedacted ? maskSecretsIn(session.record) : session.record;
  return { ...session, record, matches: bestOf(candidates, maxCount), hidden };
}

function searchedSoFar(done: number, total: number): string {
  return `Searching transcripts: ${formatSize(done)} of ${formatSize(total)}`;
}
