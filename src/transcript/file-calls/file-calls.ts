import { isAbsolute, join, normalize } from 'node:path';
import { asEntry, asString, contentBlocks, type Entry } from '../messages/classify.js';
import { readHugeEntry } from '../messages/huge-entry.js';
import { largeResult } from '../messages/large-result.js';
import { MAX_LINE_BYTES, readLines, withFile } from '../lines.js';
import { parseLine } from '../skeleton.js';

/** The way in which a tool works on a file. */
export type FileAction = 'read' | 'write' | 'edit';

/** A tool call that read, wrote or edited a file. */
export interface FileCall {
  /** Id of the call, which its result repeats. */
  id: string;
  tool: string;
  action: FileAction;
  /** Normalised and absolute, unless the path is relative and the transcript names no folder. */
  path: string;
  input: Entry;
  /** Uuid of the answer with the call. */
  uuid: string | null;
  /** Time of the call in milliseconds; null if not recorded. */
  timeMs: number | null;
  /** True if a fork copied the call from the session that made it. */
  isInherited: boolean;
}

/** A successful call. `result` is the tool's structured result if it was recorded and requested. */
export interface DoneCall extends FileCall {
  /** Time of the result in milliseconds; null if not recorded. */
  doneMs: number | null;
  result: Entry | null;
}

/** Tools that work on one file, with the input member that names it. */
const TOOLS: Readonly<Record<string, { action: FileAction; member: string }>> = {
  Read: { action: 'read', member: 'file_path' },
  Write: { action: 'write', member: 'file_path' },
  Edit: { action: 'edit', member: 'file_path' },
  MultiEdit: { action: 'edit', member: 'file_path' },
  NotebookEdit: { action: 'edit', member: 'notebook_path' },
};
/** Records the outcome of a call. */
type Settle = (id: string, isError: boolean, doneMs: number | null, result: Entry | null) => void;

const CALL = Buffer.from('"tool_use"');
const PATHS = [Buffer.from('"file_path"'), Buffer.from('"notebook_path"')];
const RESULT = Buffer.from('"tool_result"');
const HISTORY = Buffer.from('"file-history-');

/** Options of `readFileCalls`. */
export interface FileCallOptions {
  /** Return the tools' structured results with the calls. */
  results: boolean;
  /** Called with each entry of the file history. */
  onHistory?: (entry: Entry) => void;
}

/**
 * Returns the calls of a transcript that read, wrote or edited a file, in the order of their results and including
 * abandoned branches; calls that failed, were refused or have no result are left out, and changes by shell commands are
 * unknown. Throws Node's error if the transcript cannot be read.
 */
export function readFileCalls(path: string, { results, onHistory }: FileCallOptions): DoneCall[] {
  return withFile(path, (fd) => {
    const open = new Map<string, FileCall>();
    const done: DoneCall[] = [];
    const settle: Settle = (id, isError, doneMs, result) => {
      const call = open.get(id);
      if (call === undefined) return;
      // Later copies of the same result are ignored.
      open.delete(id);
      if (!isError) done.push({ ...call, doneMs: timeOrNull(doneMs), result: results ? result : null });
    };
    for (const { start, end, bytes, isHeld, terminated } of readLines(fd, { limit: MAX_LINE_BYTES })) {
      const mayCall = !isHeld || (bytes.includes(CALL) && PATHS.some((member) => bytes.includes(member)));
      const maySettle = !isHeld || (open.size > 0 && bytes.includes(RESULT));
      const mayTrack = !mayCall && !maySettle && onHistory !== undefined && bytes.includes(HISTORY);
      if (!mayCall && !maySettle && !mayTrack) continue;
      const large = results || !isHeld ? null : largeResult(bytes);
      if (large !== null) {
        settle(large.toolUseId, large.isError, large.timeMs, null);
        continue;
      }
      const huge = isHeld ? null : readHugeEntry(fd, { start, end });
      for (const entry of isHeld ? parseLine(bytes, !terminated) : huge === null ? [] : [huge]) {
        if (entry['type'] === 'assistant') for (const call of callsOf(entry)) open.set(call.id, call);
        else if (entry['type'] === 'user') settleAll(entry, settle);
        else if (isHistory(entry)) onHistory?.(entry);
      }
    }
    return done;
  });
}

function isHistory({ type }: Entry): boolean {
  return type === 'file-history-snapshot' || type === 'file-history-delta';
}

function callsOf(entry: Entry): FileCall[] {
  const cwd = asString(entry['cwd']);
  const timeMs = timeOf(entry);
  const isInherited = isOfAnother(entry);
  return contentBlocks(entry).flatMap((block) => {
    const fields = asEntry(block);
    const tool = asString(fields?.['name']) ?? '';
    const known = fields?.['type'] === 'tool_use' && Object.hasOwn(TOOLS, tool) ? TOOLS[tool] : undefined;
    const input = asEntry(fields?.['input']);
    const id = asString(fields?.['id']);
    const path = known === undefined || input === null ? null : asString(input[known.member]);
    if (known === undefined || input === null || id === null || path === null || path === '') return [];
    const uuid = asString(entry['uuid']);
    return [
      {
        id,
        tool,
        action: known.action,
        path: absolute(path, cwd),
        input,
        uuid,
        timeMs,
        isInherited,
      },
    ];
  });
}

/** True for an entry that a fork copied: it names the session it is from. */
function isOfAnother(entry: Entry): boolean {
  const origin = asString(asEntry(entry['forkedFrom'])?.['sessionId']) ?? asString(entry['requestSessionId']);
  return origin !== null && origin !== entry['sessionId'];
}

function absolute(path: string, cwd: string | null): string {
  return normalize(isAbsolute(path) || cwd === null ? path : join(cwd, path));
}

function settleAll(entry: Entry, settle: Settle): void {
  const blocks = contentBlocks(entry)
    .map(asEntry)
    .filter((block) => block?.['type'] === 'tool_result');
  // The structured result belongs to the only block of a line; with several blocks it cannot be assigned.
  const result = blocks.length === 1 ? asEntry(entry['toolUseResult']) : null;
  for (const block of blocks)
    settle(asString(block?.['tool_use_id']) ?? '', block?.['is_error'] === true, timeOf(entry), result);
}

function timeOf(entry: Entry): number | null {
  return timeOrNull(Date.parse(asString(entry['timestamp']) ?? ''));
}

function timeOrNull(timeMs: number | null): number | null {
  return timeMs === null || Number.isNaN(timeMs) ? null : timeMs;
}
