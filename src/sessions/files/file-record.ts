import type { Entry } from '../../transcript/messages/classify.js';

/** Contents of a file that can be written out again. */
export interface FileVersion {
  /** 1 is the oldest. */
  version: number;
  /** `tool`: contents that a tool call wrote or found; `history`: a copy that Claude Code made for rewinding. */
  source: 'tool' | 'history';
  /** `before`: as the call found the file; `after`: as the call left it. A copy is `before` its prompt. */
  state: 'before' | 'after';
  /** The tool of the call; null for a copy. */
  tool: string | null;
  timestamp: string | null;
  /** Number of the prompt it belongs to; null outside the active branch. */
  prompt: number | null;
  /** The subagent that made the call; null for the main thread. */
  agentId: string | null;
  bytes: number;
}

/** A file that the tools of a session read, wrote or edited, as JSON shows it. */
export interface TouchedFile {
  /** As the tools name it, absolute; links are not resolved. */
  path: string;
  reads: number;
  writes: number;
  edits: number;
  /** Numbers of the prompts, ascending, as `show --at` takes them. */
  prompts: number[];
  /** True if a subagent made some of the calls. */
  bySubagent: boolean;
  firstAt: string | null;
  lastAt: string | null;
  /** Oldest first; equal contents that follow each other are one version. */
  versions: FileVersion[];
}

/** The contents of a file before and after a call. */
export interface Effect {
  /** As the result records it; null if not recorded. */
  before: string | null;
  /** Null where it cannot be worked out. */
  after: string | null;
}

/** Returns the contents before and after a call; `known` is the contents that the call before left, null if unknown. */
export function effectOf(tool: string, input: Entry, result: Entry | null, known: string | null): Effect {
  if (tool === 'NotebookEdit')
    return { before: text(result?.['original_file']), after: text(result?.['updated_file']) };
  const before = text(result?.['originalFile']);
  if (tool === 'Write') return { before, after: text(input['content']) };
  const isNew = before === null && result?.['type'] === 'create';
  const edits = Array.isArray(input['edits']) ? (input['edits'] as unknown[]) : [input];
  return { before, after: edits.reduce<string | null>(edited, isNew ? '' : (before ?? known)) };
}

function edited(content: string | null, edit: unknown): string | null {
  if (content === null || typeof edit !== 'object' || edit === null) return null;
  const { old_string: from, new_string: to, replace_all: all } = edit as Entry;
  if (typeof from !== 'string' || typeof to !== 'string') return null;
  if (from === '') return content === '' ? to : null;
  const at = content.indexOf(from);
  if (at < 0) return null;
  return all === true ? content.split(from).join(to) : content.slice(0, at) + to + content.slice(at + from.length);
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
