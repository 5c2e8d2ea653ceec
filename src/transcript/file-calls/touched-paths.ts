import { asEntry, asString, type Entry } from '../messages/classify.js';
import { readFileCalls } from './file-calls.js';

/**
 * Returns the paths that a transcript's tools read, wrote or edited (`readFileCalls`) and those that its file history
 * tracks, which are relative to the session's folder. Throws Node's error if the transcript cannot be read.
 */
export function readTouchedPaths(transcript: string): Set<string> {
  const paths = new Set<string>();
  const onHistory = (entry: Entry): void => {
    for (const path of trackedIn(entry)) if (path !== '') paths.add(path);
  };
  for (const { path } of readFileCalls(transcript, { results: false, onHistory })) paths.add(path);
  return paths;
}

function trackedIn(entry: Entry): string[] {
  if (entry['type'] === 'file-history-delta') {
    const path = asString(entry['trackingPath']);
    return path === null ? [] : [path];
  }
  return Object.keys(asEntry(asEntry(entry['snapshot'])?.['trackedFileBackups']) ?? {});
}
