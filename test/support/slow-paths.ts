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

/**
 * The paths that a session touched by its own definition: every line of its transcripts parsed, calls matched with
 * results, and all that file history names. `cwd` is the folder that history starts from.
 */
export function slowPaths(transcripts: readonly string[], cwd: string | null): Set<string> {
  const paths = new Set<string>();
  for (const transcript of transcripts) {
    const open = new Map<string, string>();
    for (const entry of entriesOf(transcript)) {
      const tracked = Object.keys(((entry['snapshot'] as Members)?.['trackedFileBackups'] as Members) ?? {});
      if (entry['type'] === 'file-history-delta') tracked.push(String(entry['trackingPath']));
      else if (entry['type'] !== 'file-history-snapshot') tracked.length = 0;
      for (const path of tracked) {
        if (path.startsWith('/')) paths.add(normalize(path));
        else if (cwd !== null) paths.add(join(cwd, path));
      }
      const content = (entry['message'] as Members | undefined)?.['content'];
      for (const block of Array.isArray(content) ? (content as Members[]) : []) {
        const named = (block['input'] as Members | undefined)?.[TOOLS[String(block['name'])] ?? ''];
        if (entry['type'] === 'assistant' && block['type'] === 'tool_use' && typeof named === 'string' && named !== '')
          open.set(String(block['id']), named.startsWith('/') ? named : join(String(entry['cwd']), named));
        if (entry['type'] !== 'user' || block['type'] !== 'tool_result') continue;
        const path = open.get(String(block['tool_use_id']));
        open.delete(String(block['tool_use_id']));
        if (path !== undefined && block['is_error'] !== true) paths.add(normalize(path));
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
