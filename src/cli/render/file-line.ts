import type { FileVersion, TouchedFile } from '../../sessions/files/file-record.js';
import { tabbed } from './text/pipe.js';

/** Returns a file as a line for pipes: path, reads, writes, edits, prompts (separated by commas), versions. */
export function fileLine({ path, reads, writes, edits, prompts, versions }: TouchedFile): string {
  return tabbed([path, reads, writes, edits, prompts.join(','), versions.length]);
}

/** Returns a version as a line for pipes: version, source, state, tool, timestamp, prompt, agentId, bytes. */
export function versionLine({ version, source, state, tool, timestamp, prompt, agentId, bytes }: FileVersion): string {
  return tabbed([version, source, state, tool, timestamp, prompt, agentId, bytes]);
}
