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

/** A session, or what is left of one, as a prune looks at it, with what it needs to be moved. */
export interface PruneCandidate extends Candidate {
  row: SessionRow | null;
  configDir: ConfigDir;
  /** Empty for leftovers outside project dirs. */
  projectDir: string;
  /** The folder it belongs to, where that is known already. */
  cwd: string | null;
  ageSource: 'activity' | 'mtime';
  copies: readonly PruneCandidate[];
  /** Topmost files and folders: its own, and those that every copy of its id shares. */
  roots(): { own: string[]; shared: string[] };
  /** All its files as they are, those it shares included; looked at once. `null` if it has vanished. */
  survey(): Survey | null;
}

/** Parts of a policy that decide about candidates. */
export type ScopePolicy = Pick<PrunePolicy, 'empty' | 'keepLast' | 'scope'>;

/** Every session, whatever it holds. */
export const EVERYTHING: ScopePolicy = {
  empty: false,
  keepLast: null,
  scope: { projects: [], isInProjects: null, kinds: [], title: null, tag: null },
};

/** Inputs that candidates are made from. */
export interface CandidateSources {
  index: SessionIndex;
  /** The sessions to look at, with all copies of their ids; all of the index if left out. */
  rows?: readonly SessionRow[];
  policy: ScopePolicy;
  idArtifacts: IdArtifacts;
  isOurs: IsOurs;
  /** Remembered sums of folders; without them every file is looked at. */
  sums?: FolderSums;
}

interface Looking extends CandidateSources {
  isOurDir: IsOurDir;
}

/**
 * All sessions of the index as candidates, and which of them the policy's scope holds. Records are read only where the
 * policy asks for what they alone know. Copies of one id know each other.
 */
export function candidatesOf(sources: CandidateSources): { all: PruneCandidate[]; inScope: PruneCandidate[] } {
  const { index, policy, rows = index.rows } = sources;
  const records = needsRecords(policy) ? index.records(rows, { footprint: false }) : null;
  const copied = repeatedIds(rows.map(({ file }) => file.id));
  const looking = { ...sources, isOurDir: ourProjectDirs(sources.isOurs) };
  const all = rows.map((row, at) => new SessionCandidate(row, records?.[at] ?? null, copied.has(row.file.id), looking));
  linkCopies(all, copied);
  return { all, inScope: all.filter((candidate) => isInScope(candidate, policy)) };
}

/** The candidate as what is moved; `withShared` if no other copy of its id stays. */
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
    judged: copies.length > 0 ? own : roots,
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
  private readonly sources: Looking;
  /** Its transcript is all there is of it. */
  private readonly isAlone: boolean;
  /** All there is of it is as the scan has seen it. */
  private readonly isPlainAlone: boolean;
  private surveyed: Survey | null | undefined;

  constructor(row: SessionRow, record: SessionRecord | null, hasCopies: boolean, sources: Looking) {
    const { index, policy, idArtifacts } = sources;
    const { file } = row;
    this.row = row;
    this.id = file.id;
    this.record = record;
    this.sources = sources;
    this.surveyed = undefined;
    this.sharedBytes = hasCopies ? footprint(file, idArtifacts).bytes - footprint(file, NO_ID_ARTIFACTS).bytes : 0;
    // Most sessions are their transcript alone, which the stat pass has measured.
    this.isAlone = isTranscriptAlone(file) && (idArtifacts.isEmpty || idArtifacts.rootsOf(file).length === 0);
    // Asked here, where sessions of one project dir follow one another.
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
    return (this.surveyed ??= this.isPlainAlone ? scannedTranscript(this.row.file) : this.look());
  }

  private look(): Survey | null {
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
const NO_ID_ARTIFACTS: IdArtifacts = { isEmpty: true, rootsOf: () => [], idsOf: () => [] };

/** Names in the side folder are asked for first: a session that has some need not put its subagents together. */
function isTranscriptAlone(file: TranscriptFile): boolean {
  return file.sideEntries.length === 0 && file.agents.length === 0;
}

/**
 * Entries were written, but none with a time that can be read. A title alone carries none, and an empty file has no
 * entry.
 */
function hasUnknownAge({ resumable, damaged, prompts, turns, tokens, file }: SessionRow): boolean {
  return (
    resumable || damaged || prompts > 0 || turns > 0 || tokens > 0 || file.agents.some(({ stamp }) => stamp.size > 0)
  );
}

/** Somebody will look for it by what they called it, as after `ccsess create`. */
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

/** A session of no known folder is in none: the name of its project dir may be that of several folders. */
function isInProjects(record: SessionRecord | null, filter: ProjectFilter): boolean {
  return record !== null && filter({ ...record, projectDir: null });
}

function linkCopies(all: readonly SessionCandidate[], copied: ReadonlySet<string>): void {
  if (copied.size === 0) return;
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
