import { sep } from 'node:path';
import { sideFolderOf } from '../../../claude/layout.js';
import type { TranscriptFile } from '../../../claude/model.js';
import { scannedFolder } from '../../../claude/scan/known-folder.js';
import {
  isOwnSideFolder,
  scannedSum,
  toolResultsSum,
  type FolderSums,
} from '../../../session-index/sums/folder-sums.js';
import { NO_ODDITIES, type Survey } from './survey.js';

/**
 * Returns the survey of a session whose files were all examined by the scan or are in folders with a remembered sum;
 * null for any other session. `walk` examines each file, and is called at the first use of the fingerprint.
 */
export function surveyScanned(file: TranscriptFile, sums: FolderSums, walk: () => Survey | null): Survey | null {
  const { stamp, agents, sideEntries } = file;
  const sideFolder = sideFolderOf(file);
  let [files, bytes, writtenMs, inFolders] = [1, stamp.size, stamp.mtimeMs, 0];
  if (!isOwnSideFolder(file, sums)) return null;
  for (const name of sideEntries) {
    const path = sideFolder + sep + name;
    const scanned = scannedFolder(file, path);
    const sum = scanned === undefined ? toolResultsSum(path, sums) : scannedSum(path, scanned, agents, sums);
    if (sum === null) return null;
    files += sum.files;
    bytes += sum.bytes;
    inFolders += sum.agents.length;
    for (const agent of sum.agents) writtenMs = Math.max(writtenMs, agent.stamp.mtimeMs);
  }
  // Legacy agent files are outside the side folder.
  return inFolders === agents.length ? new ScannedSurvey({ files, bytes, writtenMs }, walk) : null;
}

class ScannedSurvey implements Survey {
  readonly files: number;
  readonly bytes: number;
  readonly writtenMs: number;
  readonly asIndexed = true;
  readonly oddities = NO_ODDITIES;
  readonly #walk: () => Survey | null;
  #walked: Survey | null | undefined;

  constructor(
    { files, bytes, writtenMs }: Pick<ScannedSurvey, 'files' | 'bytes' | 'writtenMs'>,
    walk: () => Survey | null,
  ) {
    this.files = files;
    this.bytes = bytes;
    this.writtenMs = writtenMs;
    this.#walk = walk;
  }

  get touchedMs(): number {
    return this.#whole?.touchedMs ?? this.writtenMs;
  }

  get fingerprint(): string {
    return this.#whole?.fingerprint ?? '';
  }

  get #whole(): Survey | null {
    return (this.#walked ??= this.#walk());
  }
}
