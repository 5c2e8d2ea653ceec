import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { Members } from './transcripts.js';

/** The member of each tool's input that names a file. */
const TOOLS: Record<string, string> = {
  Read: 'file_path',
  Write: 'file_path',
  Edit: 'file_path',
  MultiEdit: 'file_path',
  NotebookEdit: 'notebook_path',
};

/** A tool call on a file that succeeded. */
export interface SlowCall {
  tool: string;
  path: string;
}

/** The calls of a transcript, with every line parsed and calls matched with results, in the order of the results. */
export function slowCalls(transcript: string): SlowCall[] {
  const done: SlowCall[] = [];
  const open = new Map<string, SlowCall>();
  for (const entry of entriesOf(transcript)) {
    const content = (entry['message'] as Members | undefined)?.['content'];
    for (const block of Array.isArray(content) ? (content as Members[]) : []) {
      const tool = String(block['name']);
      const named = (block['input'] as Members | undefined)?.[TOOLS[tool] ?? ''];
      if (entry['type'] === 'assistant' && block['type'] === 'tool_use' && typeof named === 'string' && named !== '')
        open.set(String(block['id']), {
          tool,
          path: normalize(named.startsWith('/') ? named : join(String(entry['cwd']), named)),
        });
      if (entry['type'] !== 'user' || block['type'] !== 'tool_result') continue;
      const call = open.get(String(block['tool_use_id']));
      open.delete(String(block['tool_use_id']));
      if (call !== undefined && block['is_error'] !== true) done.push(call);
    }
  }
  return done;
}

/**
 * The paths that a session touched: those of its calls, and all that file history names. `cwd` is the folder that
 * history starts from.
 */
export function slowPaths(transcripts: readonly string[], cwd: string | null): Set<string> {
  const paths = new Set<string>();
  for (const transcript of transcripts) {
    for (const { path } of slowCalls(transcript)) paths.add(path);
    for (const entry of entriesOf(transcript)) {
      const snapshot = entry['type'] === 'file-history-snapshot' ? (entry['snapshot'] as Members | undefined) : {};
      const tracked = Object.keys((snapshot?.['trackedFileBackups'] as Members | undefined) ?? {});
      if (entry['type'] === 'file-history-delta') tracked.push(String(entry['trackingPath']));
      for (const path of tracked) {
        if (path.startsWith('/')) paths.add(normalize(path));
        else if (cwd !== null) paths.add(join(cwd, path));
      }
    }
  }
  return paths;
}

function* entriesOf(transcript: string): Generator<Members> {
  for (const text of readFileSync(transcript, 'utf8').split('\n')) {
    try {
      const entry = JSON.parse(text) as unknown;
      if (typeof entry === 'object' && entry !== null) yield entry as Members;
    } catch {
      // A damaged line.
    }
  }
}
