import { EntryReader } from '../../transcript/entry-reader.js';
import { MAX_LINE_BYTES, readLines, withFile } from '../../transcript/lines.js';
import { readHugeEntry } from '../../transcript/messages/huge-entry.js';
import { mayBePrompt, messagesOf, type MessageEntry } from '../../transcript/messages/messages.js';
import { readThread, type Thread } from '../../transcript/messages/tail.js';
import { maskSecrets } from '../../redaction/mask-secrets.js';
import type { Counts, Match, SearchScope } from '../model.js';
import type { Matcher, Occurrences } from '../query/matcher.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import type { FilterQuery } from '../filters/filter-query.js';
import type { SearchLimit } from '../filters/filters.js';
import type { RawFinder } from '../raw/finder.js';
import { scanFile } from './scan-file.js';
import type { LineScanner } from '../../transcript/scanner/scanner.js';
import type { SkeletonNode } from '../../transcript/skeleton.js';
import { partsOf, possibleTexts, type Part, type PartKind } from '../text/parts.js';
import { scoreOf } from '../text/score.js';
import { snippetOf } from '../text/snippet.js';
import { Collector } from './collector.js';
import { Surroundings } from './context.js';
import type { ResultFiles } from './result-files.js';
import { TextGroup } from './text-group.js';
import { ToolNames } from './tool-names.js';

/** A transcript to search. */
export interface FileRequest {
  path: string;
  /** Set for a subagent's transcript. */
  agentId: string | null;
  scope: SearchScope;
  /** Matches to keep, the best ones. */
  limit: number;
  /** Tool results in files of their own that match. */
  resultFiles: ResultFiles;
  /** Name for the filter that is to be made of the file; null for none. */
  filterName: string | null;
  /** Bytes that may match; null for all. */
  bytes: SearchLimit | null;
}

/** Tools of a search. */
export interface Tools {
  matcher: Matcher;
  /** Null if every line must be decoded. */
  finder: RawFinder | null;
  /** The one scanner of this thread. */
  scanner: () => LineScanner;
  /** The part of the query that filters can answer; null if they cannot help. */
  filterQuery: FilterQuery | null;
  /** When the search began. */
  nowMs: number;
  /** Longest line that is searched whole, in bytes; of a longer one the beginnings of its texts are searched. */
  maxLineBytes: number;
}

/** Matches of one file. */
export interface FileMatches {
  matches: Match[];
  counts: Counts;
  /** Number of lines too long to be held; of their long texts only the beginnings were searched. */
  hugeLines: number;
  /** Record of the file's filter. */
  filter: Uint8Array | null;
}

/** Searches one transcript. Throws Node's error if it cannot be read; damaged lines are skipped. */
export function searchFile(request: FileRequest, tools: Tools): FileMatches {
  return withFile(request.path, (fd, size) => {
    const scanned =
      tools.finder === null
        ? null
        : scanFile(fd, size, {
            finder: tools.finder,
            filterQuery: tools.filterQuery,
            nowMs: tools.nowMs,
            filterName: request.filterName,
            limit: request.bytes,
          });
    // In most files nothing can match.
    if (scanned?.lines.length === 0 && request.resultFiles.isEmpty)
      return { matches: [], counts: {}, hugeLines: 0, filter: scanned.filter };
    const { starts, hugeLines } = matchingLines(fd, size, scanned?.lines ?? null, tools, request.resultFiles);
    const found = new Collector(request.limit);
    if (starts.size > 0) collect(fd, size, starts, request, tools, found);
    return { ...found.result, hugeLines, filter: scanned?.filter ?? null };
  });
}

/**
 * Returns the offsets of the lines with a matching text, and possibly of others: after the first match the branch is
 * read in any case, and the parts of its messages decide which of the other candidates match.
 */
function matchingLines(
  fd: number,
  size: number,
  candidates: readonly JsonSpan[] | null,
  { matcher, maxLineBytes }: Tools,
  files: ResultFiles,
): { starts: Set<number>; hugeLines: number } {
  const starts = new Set<number>();
  let hugeLines = 0;
  const group = new TextGroup<number>((some) => {
    const isMatch = matcher.test(some.map(({ text }) => text));
    for (const [at, { of: start }] of some.entries()) if (isMatch[at] === true) starts.add(start);
  });
  const reader = new EntryReader(fd, size);
  for (const line of candidates ?? readLines(fd, { end: size, limit: MAX_LINE_BYTES })) {
    const isHuge = line.end - line.start > maxLineBytes;
    if (isHuge) hugeLines += 1;
    if (starts.size > 0) {
      starts.add(line.start);
      continue;
    }
    const entries = isHuge ? [readHugeEntry(fd, line) ?? {}] : reader.read(line).entries;
    for (const text of entries.flatMap(possibleTexts)) group.add(text, line.start);
  }
  group.end();
  if (!files.isEmpty)
    for (const { start, bytes } of readLines(fd, { end: size, limit: MAX_LINE_BYTES }))
      if (files.isNamedIn(bytes)) starts.add(start);
  return { starts, hugeLines };
}

/** Adds the matches in those of the given lines that belong to the searched conversation. */
function collect(
  fd: number,
  size: number,
  starts: ReadonlySet<number>,
  { agentId, scope, limit, resultFiles }: FileRequest,
  { matcher, scanner }: Tools,
  found: Collector,
): void {
  const thread: Thread = { which: scope.allBranches ? 'all' : 'active', sidechains: agentId !== null };
  const nodes = readThread(fd, size, thread, scanner());
  const names = new ToolNames(fd, size, nodes);
  const around =
    scope.context === 0
      ? null
      : new Surroundings(fd, size, nodes, { redact: scope.redact, sidechains: agentId !== null });
  const kept = new TextGroup<SearchedPart>((some) => {
    const occurrences = matcher.find(some.map(({ text }) => text));
    for (const [at, { text, of }] of some.entries()) {
      const one = occurrences[at] ?? null;
      if (one !== null) found.add(matchOf(of, { text, agentId }, one, names), of.node);
    }
  });
  const counted = new TextGroup<PartKind>((some) => {
    const isMatch = matcher.test(some.map(({ text }) => text));
    for (const [at, { of: kind }] of some.entries()) if (isMatch[at] === true) found.count(kind);
  });
  const isAsked = (node: SkeletonNode): boolean => starts.has(node.start) && mayHoldKind(node, scope.kinds);
  // The number of a match's prompt is only known once all prompts before it are read.
  const read = nodes.filter((node) => isAsked(node) || (limit > 0 && mayBePrompt(node)));
  for (const item of messagesOf(fd, size, read, { sidechains: agentId !== null })) {
    around?.setPrompt(item.node, item.message.prompt);
    if (!isAsked(item.node)) continue;
    const timeMs = item.message.timestamp === null ? NaN : Date.parse(item.message.timestamp);
    if (!isWithin(timeMs, scope)) continue;
    const resultFile = resultFiles.take(item.entry);
    for (const part of partsOf(item.message, item.entry)) {
      if (!scope.kinds.includes(part.kind)) continue;
      // The entry has only the beginning of the file's text.
      const whole = part.kind === 'result' ? (resultFile ?? part.text) : part.text;
      const text = scope.redact ? maskSecrets(whole) : whole;
      const { message, node } = item;
      if (limit > 0 && !scope.onlyCounted.includes(part.kind)) kept.add(text, { part, message, node });
      else counted.add(text, part.kind);
      if (scope.isOneEnough && !found.isEmpty) return;
    }
  }
  kept.end();
  counted.end();
  if (around !== null) found.complete((node) => around.around(node, scope.context));
}

/** True if a message may have a part of one of these kinds, whatever its content. */
function mayHoldKind({ type, isToolResult }: SkeletonNode, kinds: readonly PartKind[]): boolean {
  if (isToolResult) return kinds.includes('result') || kinds.includes('meta');
  return type !== 'assistant' || kinds.some((kind) => kind === 'answer' || kind === 'thinking' || kind === 'tool');
}

/** A part that is searched, and its message. */
interface SearchedPart extends Pick<MessageEntry, 'message' | 'node'> {
  part: Part;
}

function matchOf(
  { part, message, node }: SearchedPart,
  searched: { text: string; agentId: string | null },
  occurrences: Occurrences,
  names: ToolNames,
): Match {
  const { text, ranges } = snippetOf(searched.text, occurrences);
  return {
    kind: part.kind,
    prompt: message.prompt,
    messageUuid: message.uuid,
    role: message.role,
    tool: part.kind === 'result' ? names.ofResult(node, part.toolUseId) : part.tool,
    agentId: searched.agentId,
    timestamp: message.timestamp,
    snippet: text,
    ranges,
    score: scoreOf(part.kind, occurrences),
  };
}

/** True for a time in the scope; an unknown time is only in a scope without bounds. */
function isWithin(timeMs: number, { sinceMs, beforeMs }: Pick<SearchScope, 'sinceMs' | 'beforeMs'>): boolean {
  if (sinceMs === -Infinity && beforeMs === Infinity) return true;
  return timeMs >= sinceMs && timeMs < beforeMs;
}
