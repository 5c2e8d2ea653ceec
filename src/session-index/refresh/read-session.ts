import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { TranscriptFile } from '../../claude/model.js';
import type { Problem } from '../../system/problem.js';
import { TranscriptFold } from '../../transcript/fold/fold.js';
import type { FoldedTranscript, ResumePoint, TranscriptReader } from '../../transcript/fold/read-transcript.js';
import { repositoryOf } from '../../claude/worktree.js';
import { folderOf, mergeFacts, withProblem, type MergedSession } from '../facts.js';
import { fnv1a64 } from '../format/hash.js';
import type { LedgerSource } from '../format/ledger/encode-ledger.js';

/** Minimum size of a transcript with a resume point, after which only appended lines are read. */
const RESUME_FROM_BYTES = 32 * 1024 * 1024;
const HEAD = 4 * 1024;
const TAIL = 64 * 1024;

/** A resume point with the identity of the file it was made of. */
export interface StoredResume extends ResumePoint {
  ino: number;
  /** Check sums of the first 4 KiB and the last 64 KiB before the offset. */
  digest: string;
}

/** The content of one session, as read. */
export interface ReadSession extends MergedSession {
  resume: StoredResume | null;
}

/**
 * Reads the transcripts of a session and its subagents; a file that cannot be read is a problem of the session. `known`
 * is an earlier resume point, which is used if the file still begins with the same bytes.
 */
export function readSession(
  reader: TranscriptReader,
  file: TranscriptFile,
  known: StoredResume | null,
  onBytes: (bytes: number) => void = () => {},
): ReadSession {
  const problems: Problem[] = [];
  const fold = (path: string, from: ResumePoint | null, keepResumePoint: boolean): FoldedTranscript => {
    try {
      return reader.foldTranscript(path, file.id, { onBytes, keepResumePoint, ...(from === null ? {} : { from }) });
    } catch (error) {
      problems.push(unreadable(path, error));
      return { fold: new TranscriptFold(file.id), resume: null };
    }
  };
  const from = known !== null && isSameStart(file, known) ? known : null;
  const transcript = fold(file.path, from, file.stamp.size >= RESUME_FROM_BYTES);
  const agents = file.agents.map((agent) => fold(agent.path, null, false));
  const merged = mergeFacts(file, transcript, agents);
  const facts = problems.reduce(withProblem, merged.facts);
  return { ...merged, facts, resume: transcript.resume === null ? null : storedResume(file, transcript.resume) };
}

/** Returns true for a session with responses or prompts. */
export function hasLedger({ responses, prompts }: ReadSession): boolean {
  return responses.length + prompts.length > 0;
}

/** Returns the content of a session's ledger. */
export function ledgerSource(file: TranscriptFile, { facts, responses, prompts }: ReadSession): LedgerSource {
  const { gitBranch, answeredSinceReport, reportedTokens, isReportGuessed, forkedFrom } = facts;
  const cwd = folderOf(file, facts);
  return {
    responses,
    prompts,
    sessionId: file.id,
    about: {
      cwd,
      repository: repositoryOf(cwd, facts.worktree),
      gitBranch,
      forkedFrom: forkedFrom?.id ?? null,
      answeredSinceReport,
      reportedTokens,
      isReportGuessed,
      renamedPrompts: prompts.flatMap(({ ownUuid }, at) => (ownUuid === undefined ? [] : [[at, ...fnv1a64(ownUuid)]])),
    },
  };
}

function unreadable(path: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return {
    code: code === 'ENOENT' ? 'vanished' : 'unreadable',
    message: `could not be read (${code})`,
    file: path,
    line: null,
    byteOffset: null,
  };
}

function storedResume(file: TranscriptFile, point: ResumePoint): StoredResume | null {
  const digest = startDigest(file.path, point.offset);
  return digest === null ? null : { ...point, ino: file.stamp.ino, digest };
}

function isSameStart(file: TranscriptFile, known: StoredResume): boolean {
  return (
    file.stamp.ino === known.ino &&
    file.stamp.size >= known.offset &&
    startDigest(file.path, known.offset) === known.digest
  );
}

function startDigest(path: string, offset: number): string | null {
  try {
    const fd = openSync(path, 'r');
    try {
      const head = Buffer.alloc(Math.min(HEAD, offset));
      const tail = Buffer.alloc(Math.min(TAIL, offset));
      readSync(fd, head, 0, head.length, 0);
      readSync(fd, tail, 0, tail.length, offset - tail.length);
      return `${crc32(head)}.${crc32(tail)}`;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
