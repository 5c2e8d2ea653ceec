import { sep } from 'node:path';
import type { FolderSums } from '../../session-index/sums/folder-sums.js';
import { footprint, sideFolderOf, type IdArtifacts } from '../../claude/layout.js';
import type { ConfigDir, TranscriptFile } from '../../claude/model.js';
import { isNamed, type ProjectFilter, type SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { Candidate } from './decide.js';
import type { PrunePolicy, Target } from '../model.js';
import { repeatedIds } from './repeated-ids.js';
import { ourProjectDirs, type IsOurDir, type IsOurs } from './survey/our-folders.js';
import { surveyScanned } from './survey/scanned-survey.js';
import { surveyTarget, type Survey } from './survey/survey.js';
import { scannedTranscript, surveyTranscript } from './survey/transcript-survey.js';

/** A session, or leftover files of one, with the files to be moved. */
export interface PruneCandidate extends Candidate {
  row: SessionRow | null;
  configDir: ConfigDir;
  /** Empty for leftovers outside project dirs. */
  projectDir: string;
  /** The session's working directory; null if it is not known without reading the record. */
  cwd: string | null;
  ageSource: 'activity' | 'mtime';
  copies: readonly PruneCandidate[];
  /** Returns the topmost files and folders: its own, and those shared by all copies of its id. */
  roots(): { own: string[]; shared: string[] };
  /** Returns the present state of all its files, shared ones included, examined once; `null` if it has vanished. */
  survey(): Survey | null;
}

/** The parts of a policy that candidates depend on. */
export type ScopePolicy = Pick<PrunePolicy, 'empty' | 'keepLast' | 'scope'>;

/** Matches every session. */
export const EVERYTHING: ScopePolicy = {
  empty: false,
  keepLast: null,
  scope: { projects: [], isInProjects: null, kinds: [], title: null, tag: null },
};

/** Inputs that candidates are made from. */
export interface CandidateSources {
  index: SessionIndex;
  /** The sessions to consider, with all copies of their ids; by default all of the index. */
  rows?: readonly SessionRow[];
  policy: ScopePolicy;
  idArtifacts: IdArtifacts;
  isOurs: IsOurs;
  /** Remembered sums of folders; without them every file is examined. */
  sums?: FolderSums;
}

interface CandidateContext extends CandidateSources {
  isOurDir: IsOurDir;
}

/**
 * Returns all sessions of the index as candidates, and those in the policy's scope. Records are read only if the policy
 * needs them.
 */
export function candidatesOf(sources: CandidateSources): { all: PruneCandidate[]; inScope: PruneCandidate[] } {
  const { index, policy, rows = index.rows } = sources;
  const records = needsRecords(policy) ? index.records(rows, { footprint: false }) : null;
  const copied = repeatedIds(rows.map(({ file }) => file.id));
  const context = { ...sources, isOurDir: ourProjectDirs(sources.isOurs) };
  const all = rows.map((row, at) => new SessionCandidate(row, records?.[at] ?? null, copied.has(row.file.id), context));
  linkCopies(all, copied);
  return { all, inScope: all.filter((candidate) => isInScope(candidate, policy)) };
}

/** Returns the files to move for a candidate; with shared ones, if no other copy of its id is kept (`withShared`). */
export function targetOf(found: PruneCandidate, withShared: boolean): Target {
  const { configDir, projectDir, id, row, copies } = found;
  const { own, shared } = found.roots();
  const roots = withShared ? [...own, ...shared] : own;
  return {
    configDir,
    projectDir,
    id,
    row,
    roots,
    fingerprinted: copies.length > 0 ? own : roots,
    copies: copies.flatMap((copy) => copy.row?.file.path ?? []),
  };
}

class SessionCandidate implements PruneCandidate {
  readonly leftover = false;
  readonly row: SessionRow;
  readonly id: string;
  readonly ageMs: number | null;
  readonly ageSource: 'activity' | 'mtime';
  readonly empty: boolean;
  readonly ownBytes: number;
  readonly sharedBytes: number;
  copies: readonly PruneCandidate[] = NO_COPIES;
  readonly record: SessionRecord | null;
  private readonly sources: CandidateContext;
  /** True if the session consists of its transcript alone. */
  private readonly isAlone: boolean;
  /** As `isAlone`, and the scan has just examined the transcript. */
  private readonly isPlainAlone: boolean;
  private surveyed: Survey | null | undefined;

  constructor(row: SessionRow, record: SessionRecord | null, hasCopies: boolean, sources: CandidateContext) {
    const { index, policy, idArtifacts } = sources;
    const { file } = row;
    this.row = row;
    this.id = file.id;
    this.record = record;
    this.sources = sources;
    this.sharedBytes = hasCopies ? footprint(file, idArtifacts).bytes - footprint(file, NO_ID_ARTIFACTS).bytes : 0;
    // Most sessions are a transcript alone, whose size the scan knows.
    this.isAlone = isTranscriptAlone(file) && (idArtifacts.isEmpty || idArtifacts.rootsOf(file).length === 0);
    // Computed here, since `isOurDir` is fast for consecutive sessions of one project dir.
    this.isPlainAlone = this.isAlone && file.isPlain && sources.isOurDir(file);
    this.ownBytes = this.isPlainAlone
      ? file.stamp.size
      : this.isAlone
        ? (this.survey()?.bytes ?? file.stamp.size)
        : hasCopies
          ? footprint(file, idArtifacts).bytes - this.sharedBytes
          : (this.survey()?.bytes ?? 0);
    this.empty = policy.empty && row.empty && !isNamedRow(row, record ?? index.records([row], { footprint: false })[0]);
    this.ageSource = row.lastActivityMs === null ? 'mtime' : 'activity';
    this.ageMs = row.lastActivityMs ?? (hasUnknownAge(row) ? null : (this.survey()?.touchedMs ?? null));
  }

  survey(): Survey | null {
    return (this.surveyed ??= this.isPlainAlone ? scannedTranscript(this.row.file) : this.makeSurvey());
  }

  private makeSurvey(): Survey | null {
    const { sources, row } = this;
    const { file } = row;
    const { idArtifacts, sums = null } = sources;
    if (this.isAlone) return surveyTranscript(file, sources.isOurDir);
    const isInPlace =
      file.isPlain && sources.isOurDir(file) && (idArtifacts.isEmpty || idArtifacts.rootsOf(file).length === 0);
    const walk = (by: FolderSums | null): Survey | null => surveyTarget(targetOf(this, true), sources.isOurs, by);
    const scanned = isInPlace && sums !== null ? surveyScanned(file, sums, () => walk(null)) : null;
    return scanned ?? walk(sums);
  }

  get configDir(): ConfigDir {
    return this.row.file.configDir;
  }

  get projectDir(): string {
    return this.row.file.projectDir;
  }

  get prompts(): number {
    return this.row.prompts;
  }

  get path(): string {
    return this.row.file.path;
  }

  get cwd(): string | null {
    return this.record?.cwd ?? null;
  }

  get project(): string {
    return this.cwd ?? `${this.configDir.path}\0${this.projectDir}`;
  }

  roots(): { own: string[]; shared: string[] } {
    const { file } = this.row;
    const shared = this.sources.idArtifacts.rootsOf(file).map(({ path }) => path);
    const sideFolder = sideFolderOf(file);
    if (isTranscriptAlone(file)) return { own: [file.path, sideFolder], shared };
    const legacy = file.agents.filter(({ path }) => !path.startsWith(sideFolder + sep)).map(({ path }) => path);
    return { own: [file.path, ...legacy, sideFolder], shared };
  }
}

const NO_COPIES: readonly PruneCandidate[] = [];
const NO_ID_ARTIFACTS: Pick<IdArtifacts, 'rootsOf'> = { rootsOf: () => [] };

/** Checks the names in the side folder first, since the list of subagents is slow to make. */
function isTranscriptAlone(file: TranscriptFile): boolean {
  return file.sideEntries.length === 0 && file.agents.length === 0;
}

/** Returns true if a session without a readable time has entries that should carry one, other than titles. */
function hasUnknownAge({ resumable, damaged, prompts, turns, tokens, file }: SessionRow): boolean {
  return (
    resumable || damaged || prompts > 0 || turns > 0 || tokens > 0 || file.agents.some(({ stamp }) => stamp.size > 0)
  );
}

/** A session with a given title or tag is not empty: it may be meant for later use, as after `ccsess create`. */
function isNamedRow({ resumable }: SessionRow, record: SessionRecord | undefined): boolean {
  return record !== undefined && isNamed(resumable, record);
}

function needsRecords({ scope, keepLast }: ScopePolicy): boolean {
  return keepLast !== null || scope.isInProjects !== null || scope.title !== null || scope.tag !== null;
}

function isInScope({ row, record }: SessionCandidate, { scope }: ScopePolicy): boolean {
  if (scope.kinds.length > 0 && !scope.kinds.includes(row.kind)) return false;
  if (scope.isInProjects !== null && !isInProjects(record, scope.isInProjects)) return false;
  if (scope.title !== null && !(record?.title ?? '').toLowerCase().includes(scope.title.toLowerCase())) return false;
  return scope.tag === null || record?.tag === scope.tag;
}

/** A session without a known folder is in no project, since several folders may share the name of its project dir. */
function isInProjects(record: SessionRecord | null, filter: ProjectFilter): boolean {
  return record !== null && filter({ ...record, projectDir: null });
}

function linkCopies(all: readonly SessionCandidate[], copied: ReadonlySet<string>): void {
  const byId = new Map<string, SessionCandidate[]>();
  for (const candidate of all) {
    if (!copied.has(candidate.id)) continue;
    const copies = byId.get(candidate.id);
    if (copies === undefined) byId.set(candidate.id, [candidate]);
    else copies.push(candidate);
  }
  for (const copies of byId.values())
    for (const candidate of copies) candidate.copies = copies.filter((other) => other !== candidate);
}
