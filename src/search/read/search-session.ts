import { lstatSync } from 'node:fs';
import type { FolderStamp, TranscriptFile } from '../../claude/model.js';
import { folderStamp, isSameFolderStamp, isStableStamp } from '../../claude/scan/known-folder.js';
import { errorCode, fileProblem, type Problem } from '../../system/problem.js';
import type { Counts, Match, SearchScope } from '../model.js';
import { bestOf } from './collector.js';
import { matchingResultFiles, resultFilePaths, resultFolder } from './result-files.js';
import { packFilter } from '../filters/filter-record.js';
import { filterName } from '../filters/filter-name.js';
import type { SearchLimit, SessionVerdict } from '../filters/filters.js';
import type { RawFinder } from '../raw/finder.js';
import { scanFile } from './scan-file.js';
import { searchFile, type Tools } from './search-file.js';

/** Matches in the files of a session. */
export interface FoundInSession {
  /** By position, those of subagents last; at most as many as the query wants. */
  matches: Match[];
  counts: Counts;
  problems: Problem[];
  /** Records of filters made on the way. */
  filters: Uint8Array[];
}

/** A session with the verdict of the filters on its files. */
interface SessionFilesToSearch extends Pick<SessionVerdict, 'unfiltered' | 'limits'> {
  file: TranscriptFile;
}

/**
 * Searches the files of one session and makes filters of those in `unfiltered` (null: all). Never throws: a file that
 * cannot be read becomes a problem.
 */
export function searchSession(
  { file, unfiltered, limits }: SessionFilesToSearch,
  scope: SearchScope,
  limit: number,
  tools: Tools,
): FoundInSession {
  const { matcher } = tools;
  const result: FoundInSession = { matches: [], counts: {}, problems: [], filters: [] };
  const nameOf = (path: string): string | null =>
    unfiltered?.includes(path) !== false ? filterName(file, path) : null;
  const limitOf = (path: string): SearchLimit | null => limits.find((one) => one.path === path) ?? null;
  const keep = (filter: Uint8Array | null): void => void (filter === null ? 0 : result.filters.push(filter));
  const hasResultFiles = scope.kinds.includes('result') && file.sideEntries.includes('tool-results');
  const folder = resultFolder(file.path);
  const folderBefore = hasResultFiles && nameOf(folder) !== null ? folderStamp(folder, lstatSync) : null;
  const resultPaths = hasResultFiles ? resultFilePaths(file.path) : [];
  const resultFiles = matchingResultFiles(resultPaths, tools, (path, fd, size) => {
    const scanned = scanFile(fd, size, {
      finder: tools.finder as RawFinder,
      filterQuery: tools.filterQuery,
      nowMs: tools.nowMs,
      filterName: nameOf(path),
      limit: limitOf(path),
    });
    keep(scanned.filter);
    return scanned.lines;
  });
  const isWhole = result.filters.length === resultPaths.filter((path) => nameOf(path) !== null).length;
  if (folderBefore !== null && isWhole && tools.finder !== null)
    keep(
      folderRecord(filterName(file, folder), folderBefore, folderStamp(folder, lstatSync), resultPaths, tools.nowMs),
    );
  const paths = [
    { path: file.path, agentId: null },
    ...(scope.subagents ? file.agents.map(({ path, agentId }) => ({ path, agentId })) : []),
  ];
  for (const { path, agentId } of paths) {
    const isFound = Object.keys(result.counts).length > 0;
    // A file without a filter is read to its end for the next search.
    if (scope.isOneEnough && isFound && nameOf(path) === null) continue;
    const skipped = matcher.skipped;
    try {
      const found = searchFile(
        { path, agentId, scope, limit, resultFiles, filterName: nameOf(path), bytes: limitOf(path) },
        tools,
      );
      keep(found.filter);
      result.matches.push(...found.matches);
      for (const [kind, count] of Object.entries(found.counts) as [keyof Counts, number][])
        result.counts[kind] = (result.counts[kind] ?? 0) + count;
      if (found.hugeLines > 0) result.problems.push(hugeProblem(path, found.hugeLines));
    } catch (error) {
      result.problems.push(readProblem(path, error));
    }
    if (matcher.skipped > skipped) result.problems.push(slowProblem(path, matcher.skipped - skipped));
  }
  return { ...result, matches: bestOf(result.matches, limit) };
}

/** Record of a folder of tool results of which every file has a filter; null if it may have changed just now. */
function folderRecord(
  path: string,
  before: FolderStamp,
  after: FolderStamp | null,
  files: readonly string[],
  nowMs: number,
): Uint8Array | null {
  if (after === null || !isSameFolderStamp(before, after) || !isStableStamp(after, nowMs)) return null;
  return packFilter({ path, stamp: { size: files.length, ...after }, isOpaque: false, blocks: [] });
}

function hugeProblem(file: string, lines: number): Problem {
  const message = `lines over 128 MiB, of which only the first 64 KiB of each text were searched: ${lines}`;
  return fileProblem('huge-line', message, file);
}

function slowProblem(file: string, texts: number): Problem {
  const message = `texts skipped because the regular expression takes too long (re2 skips far fewer): ${texts}`;
  return fileProblem('slow-regexp', message, file);
}

function readProblem(file: string, error: unknown): Problem {
  const code = errorCode(error) ?? 'unknown error';
  return fileProblem(code === 'ENOENT' ? 'vanished' : 'unreadable', `could not be read (${code})`, file);
}
