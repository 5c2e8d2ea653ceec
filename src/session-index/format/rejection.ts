import { readSync } from 'node:fs';
import { withFile } from '../../transcript/lines.js';

/** Reasons for which a file of the index is not used, by the name that `--debug` shows (docs/index-format.md). */
export const REJECTIONS = {
  unreadable: 'the file cannot be read',
  foreign: 'it does not begin like this kind of file',
  version: 'another version of ccsess wrote it',
  truncated: 'it ends too early',
  oversized: 'it has more bytes than its header says',
  checksum: 'its checksum is wrong',
  header: 'its header has another form',
  flags: 'it has other boolean columns',
  facts: 'it holds other facts of transcripts',
  root: 'it is the index of another folder',
  table: 'the numbers of the table do not fit its sessions and subagents',
  folders: 'the transcripts of the project dirs are not as many as the sessions',
  segment: 'a segment is missing or too short',
  blob: 'a blob of a segment is not what was written',
  ledger: 'the sections of a ledger do not add up to its length',
  ids: 'the counts of the ledgers differ from the number of ids',
  totals: 'the counts of the ledgers differ from the number of rows',
  cwds: 'the counts of the sessions differ from the number of cwds',
  names: 'the lengths of the names do not fit the file',
  paths: 'the paths are not where the file says',
  sums: 'the number of sums differs from the number of paths',
} as const;

/** Name of a reason in `REJECTIONS`. */
export type RejectionName = keyof typeof REJECTIONS;

/** Thrown by readers of index files for content that must not be used. */
export class Rejected extends Error {
  readonly reason: RejectionName;

  constructor(reason: RejectionName) {
    super(REJECTIONS[reason]);
    this.name = 'Rejected';
    this.reason = reason;
  }
}

/** Reports that a file of the index is not used; what it held is read from the transcripts instead. */
export type ReportRejection = (file: string, reason: RejectionName) => void;

/**
 * Runs a reader of an index file. Returns null, and reports why, if the file is rejected or cannot be read; a missing
 * file gives null without a report. Other errors are thrown.
 */
export function readOrReject<Value>(file: string, report: ReportRejection, read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === null) throw error;
    if (reason !== 'missing') report(file, reason);
    return null;
  }
}

/**
 * Reads a whole file of the index and decodes it, with rejections and errors as in `readOrReject`. `decode` gets the
 * bytes at the start of an ArrayBuffer of their own, so that they can be read as words.
 */
export function loadOrReject<Value>(
  file: string,
  report: ReportRejection,
  decode: (bytes: Buffer) => Value,
): Value | null {
  return readOrReject(file, report, () =>
    withFile(file, (fd, size) => {
      const bytes = Buffer.from(new ArrayBuffer(size));
      if (readSync(fd, bytes, 0, bytes.length, 0) !== bytes.length) throw new Rejected('truncated');
      return decode(bytes);
    }),
  );
}

function reasonOf(error: unknown): RejectionName | 'missing' | null {
  if (error instanceof Rejected) return error.reason;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (typeof code !== 'string') return null;
  // Codes that begin with ERR_ are those of programming errors, not of a file's state.
  return code === 'ENOENT' ? 'missing' : code.startsWith('ERR_') ? null : 'unreadable';
}
