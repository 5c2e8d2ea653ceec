import { plainTranscript, UnchangedTranscript } from '../../claude/scan/known-folder.js';
import type { TranscriptFile } from '../../claude/model.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';
import type { ColumnTable } from '../format/table/column-table.js';
import type { ScannedFolder } from './scanned-folder.js';

/** A session that must be read: its position in the scan, and its row in the stored table; -1 for a new one. */
export interface StaleFile {
  position: number;
  file: TranscriptFile;
  row: number;
}

/** Differences between a scan and a stored table. */
export interface ScanDiff {
  /** Row of each scanned session in the stored table, by its position in the scan; -1 for a new one. */
  rows: number[];
  stale: StaleFile[];
}

/** Compares a scan with the stored table. `storedFolder` finds a project dir of the stored index by its name. */
export function diffScan(
  folders: readonly ScannedFolder[],
  table: ColumnTable,
  storedFolder: (name: string) => Pick<StoredFolder, 'rowOf'> | undefined,
): ScanDiff {
  const rows: number[] = [];
  const stale: StaleFile[] = [];
  for (const folder of folders) {
    if (folder.known !== null) {
      const { first, transcripts } = folder.known;
      for (const at of folder.changed.keys()) {
        const file = plainTranscript(new UnchangedTranscript(folder, at));
        stale.push({ position: rows.length + at, file, row: first + at });
      }
      for (let at = 0; at < transcripts.length; at++) rows.push(first + at);
      continue;
    }
    const stored = storedFolder(folder.name);
    for (const file of folder.transcripts) {
      const row = stored?.rowOf(file.id) ?? -1;
      if (row < 0 || !table.isCurrent(row, file)) stale.push({ position: rows.length, file, row });
      rows.push(row);
    }
  }
  return { rows, stale };
}

/** Returns true if a scan found the sessions of a table unchanged and in the order of their rows. */
export function isUnchanged({ rows, stale }: ScanDiff, table: ColumnTable): boolean {
  return stale.length === 0 && rows.length === table.length && rows.every((row, position) => row === position);
}
