import { asEntry, asString, type Entry } from '../messages/classify.js';
import { readFileCalls } from './file-calls.js';

/**
 * Returns the paths of one transcript whose files tools read, wrote or edited, as `readFileCalls`, and those that its
 * file history tracks (relative to the session's folder); each once. Throws Node's error if it cannot be read.
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
