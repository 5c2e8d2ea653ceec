import { asEntry, asString, type Entry } from '../../../transcript/messages/classify.js';
import type { Fit } from '../text/fit.js';
import { counted, grouped } from '../text/number.js';
import { shortPath } from '../text/path.js';
import { oneLine } from '../text/sanitize.js';
import { formatSize } from '../text/size.js';

/** A tool call, as far as it is shown on one line. */
export interface ToolCall {
  name: string;
  input: Entry;
}

/** The outcome of a call. `text` is null for a large result, of which only the size is known. */
export interface ToolOutcome {
  isError: boolean;
  exitCode: number | null;
  text: string | null;
  bytes: number;
  /** False if `text` is only the beginning of the result. */
  isWhole: boolean;
  /** `toolUseResult` of the entry, in the tool's own shape. */
  details: Entry | null;
  isDenied: boolean;
  /** Image and document blocks of the result. */
  images: readonly unknown[];
}

/** Folders that paths are shown relative to. */
export interface Folders {
  cwd: string | null;
  home: string;
}

/** Minimum number of columns for the subject of a call. */
const MIN_SUBJECT = 12;
/** A line of a file as Read returns it to the model. */
const NUMBERED_LINE = /^ *\d+[→\t]/;
const PATH_MEMBERS = ['file_path', 'notebook_path', 'path'];
const SUBJECT_MEMBERS = ['command', 'pattern', 'subject', 'description', 'query', 'url', 'prompt', 'skill', 'name'];
/** Tools that only read; several of their calls share a line. */
const READ_ONLY_TOOLS = new Set(['Read', 'Grep', 'Glob', 'LS']);

/** True if the call may share a line with others. */
export function isReadOnly({ name }: ToolCall): boolean {
  return READ_ONLY_TOOLS.has(name);
}

/** A call on one line, in the parts that are coloured; without control characters. */
export interface ToolLine {
  /** `▸ Bash`. */
  head: string;
  /** ` npm test`, or empty. */
  subject: string;
  /** ` · exit 1 · 212 lines`, or empty. */
  tail: string;
  /** The call failed, was refused or was interrupted. */
  hasFailed: boolean;
}

/** Returns a call with its outcome. If it is wider than `width`, its subject is cut, never the outcome. */
export function toolLine(
  call: ToolCall,
  outcome: ToolOutcome | null,
  folders: Folders,
  { width, fit }: { width: number; fit: Fit },
): ToolLine {
  const subject = subjectOf(call, folders);
  const head = `▸ ${oneLine(call.name)}`;
  const tail = outcome === null ? '' : tailOf(call, outcome);
  const hasFailed = outcome !== null && (outcome.isError || outcome.isDenied || isInterrupted(outcome));
  if (subject === '') return { head, subject: '', tail, hasFailed };
  const room = width - fit.widthOf(head) - fit.widthOf(tail) - 1;
  return { head, subject: ` ${fit.cut(subject, Math.max(MIN_SUBJECT, room))}`, tail, hasFailed };
}

/** Returns the line as text: `▸ Bash npm test · exit 1 · 212 lines`. */
export function toolText({ head, subject, tail }: ToolLine): string {
  return head + subject + tail;
}

function subjectOf({ name, input }: ToolCall, folders: Folders): string {
  if (name === 'Grep' || name === 'Glob') return quotedPattern(input, name);
  if (Array.isArray(input['todos'])) return counted(input['todos'].length, 'item');
  for (const member of PATH_MEMBERS) {
    const path = asString(input[member]);
    if (path !== null) return relativePath(path, folders);
  }
  for (const member of SUBJECT_MEMBERS) {
    const text = asString(input[member]);
    if (text !== null) return oneLine(text);
  }
  const first = Object.values(input).find((value) => typeof value === 'string');
  return oneLine(asString(first) ?? '');
}

function quotedPattern(input: Entry, name: string): string {
  const pattern = oneLine(asString(input['pattern']) ?? '');
  return name === 'Grep' ? `"${pattern}"` : pattern;
}

function relativePath(path: string, { cwd, home }: Folders): string {
  const below = cwd !== null && path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
  return oneLine(shortPath(below, home));
}

/** Returns the outcome after a call's subject; for a Read, the amount that was read, in brackets. */
function tailOf(call: ToolCall, outcome: ToolOutcome): string {
  if (call.name === 'Read' && !outcome.isError && !outcome.isDenied) {
    const read = readAmount(outcome);
    return read === '' ? '' : ` (${read})`;
  }
  return outcomeOf(call, outcome)
    .map((part) => ` · ${part}`)
    .join('');
}

/** Returns `147 lines` or `image, 213 KiB`; the size of a result that was not parsed. */
function readAmount({ details, text, bytes }: ToolOutcome): string {
  const file = asEntry(details?.['file']);
  const size = file?.['originalSize'];
  const type = asString(details?.['type']);
  if (type === 'image' || type === 'pdf') return typeof size === 'number' ? `${type}, ${formatSize(size)}` : type;
  const lines = file?.['numLines'];
  if (typeof lines === 'number') return counted(lines, 'line');
  if (text === null) return formatSize(bytes);
  const numbered = text.split('\n').filter((line) => NUMBERED_LINE.test(line)).length;
  return numbered === 0 ? '' : counted(numbered, 'line');
}

function outcomeOf(call: ToolCall, outcome: ToolOutcome): string[] {
  if (outcome.isDenied) return ['refused'];
  if (call.name === 'Bash') return [bashState(outcome), amount(outcome)].filter((part) => part !== '');
  if (outcome.isError) return ['error'];
  if (call.name === 'Grep' || call.name === 'Glob') return [found(outcome)].filter((part) => part !== '');
  const change = changeOf(call, outcome.details);
  if (change !== null) return change;
  return [amount(outcome)].filter((part) => part !== '');
}

function isInterrupted({ details }: ToolOutcome): boolean {
  return details?.['interrupted'] === true;
}

function bashState(outcome: ToolOutcome): string {
  const { isError, exitCode, details } = outcome;
  if (isInterrupted(outcome)) return 'interrupted';
  if (asString(details?.['backgroundTaskId']) !== null) return 'in the background';
  if (exitCode !== null) return `exit ${exitCode}`;
  return isError ? 'error' : 'exit 0';
}

/** Returns the size of a result in lines; in bytes if it is too large to be counted. */
function amount({ text, bytes, exitCode, isWhole }: ToolOutcome): string {
  if (text === null || !isWhole) return formatSize(bytes);
  const said = exitCode === null ? text : text.replace(/^(?:Error: )?Exit code \d+\n?/, '');
  const lines = said.trim() === '' ? 0 : said.trimEnd().split('\n').length;
  return lines === 0 ? '' : counted(lines, 'line');
}

function found(outcome: ToolOutcome): string {
  const { details } = outcome;
  const count = (member: string): number | null => {
    const value = details?.[member];
    return typeof value === 'number' ? value : null;
  };
  const matches = count('numMatches') ?? (details?.['mode'] === 'content' ? count('numLines') : null);
  if (matches !== null) return counted(matches, 'match', 'matches');
  const files = count('numFiles');
  if (files !== null) return counted(files, 'file');
  return amount(outcome);
}

/** Returns `+21 −4` for an edit, the number of lines for a new file; null for other tools. */
function changeOf({ name, input }: ToolCall, details: Entry | null): string[] | null {
  const patch = details?.['structuredPatch'];
  if (Array.isArray(patch) && patch.length > 0) {
    const lines = patch.flatMap((hunk: unknown) => {
      const inner = asEntry(hunk)?.['lines'];
      return Array.isArray(inner) ? inner.filter((line) => typeof line === 'string') : [];
    });
    return [
      plusMinus(
        lines.filter((line) => line.startsWith('+')).length,
        lines.filter((line) => line.startsWith('-')).length,
      ),
    ];
  }
  if (name === 'Write') return [counted(lineCount(asString(input['content']) ?? ''), 'line')];
  const edits = Array.isArray(input['edits']) ? input['edits'].map(asEntry) : [input];
  if (!edits.some((edit) => typeof edit?.['new_string'] === 'string')) return null;
  const changes = edits.map((edit) =>
    changedLines(asString(edit?.['old_string']) ?? '', asString(edit?.['new_string']) ?? ''),
  );
  return [
    plusMinus(
      changes.reduce((sum, { added }) => sum + added, 0),
      changes.reduce((sum, { removed }) => sum + removed, 0),
    ),
  ];
}

/** Counts the lines that differ between the common start and the common end of two texts. */
function changedLines(before: string, after: string): { added: number; removed: number } {
  const [old, fresh] = [before, after].map((text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))) as [
    string[],
    string[],
  ];
  let start = 0;
  while (start < Math.min(old.length, fresh.length) && old[start] === fresh[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, fresh.length) - start && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  return { added: fresh.length - start - end, removed: old.length - start - end };
}

function plusMinus(added: number, removed: number): string {
  return (
    [added > 0 ? `+${grouped(added)}` : '', removed > 0 ? `−${grouped(removed)}` : '']
      .filter((part) => part !== '')
      .join(' ') || '±0'
  );
}

function lineCount(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
}
