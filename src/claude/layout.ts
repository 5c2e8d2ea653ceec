import { dirname, join, sep } from 'node:path';
import { sortedNames, statOrNull } from '../system/stat.js';
import {
  isSafeRelativePath,
  requireNoLink,
  requirePlainFolder,
  requirePlainParents,
  type SafeRelativePath,
} from '../system/safe-path.js';
import { agentIdOf } from './scan/agent-name.js';
import type { ConfigDir, TranscriptFile } from './model.js';

const SHORT_ID_LENGTH = 8;

/** Returns the short form of a session's id, its first 8 characters, by which Claude Code names background jobs. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}

/**
 * The layout table, first half: the contents of a session's side folder `<id>/`, by name. Any other name there is the
 * part `other`. Source: docs/storage.md, "What belongs to one session".
 */
const SIDE_PARTS = {
  subagents: 'subagents',
  'tool-results': 'tool-results',
  workflows: 'workflows',
  'remote-agents': 'remote-agents',
  'mcp-tasks': 'mcp-tasks',
  'before-cleanup': 'before-cleanup',
  'custom-title.json': 'sidecars',
  'archived.json': 'sidecars',
  'pinned.json': 'sidecars',
  'ccr-tip.json': 'sidecars',
  'precompact.json': 'sidecars',
  'sent-prefix.json': 'sidecars',
  'resume-head.jsonl': 'sidecars',
} as const;

/** True for names that Claude Code or ccsess gives to files and folders in a side folder. */
export function isSidePart(name: string): name is keyof typeof SIDE_PARTS {
  return Object.hasOwn(SIDE_PARTS, name);
}

/**
 * The layout table, second half: folders of the config dir whose entries are named by a session id alone, so that they
 * belong to every copy of that id. `id` matches the id in a name. `jobs/` and `daemon/` are Claude Code's own and never
 * part of a session; files that sessions share are in no row.
 */
const ID_ARTIFACTS = [
  { part: 'file-history', id: /^(.+)$/ },
  { part: 'tasks', id: /^(.+)$/ },
  { part: 'session-env', id: /^(.+)$/ },
  { part: 'debug', id: /^(.+)\.txt$/ },
  { part: 'todos', id: /^(.+?)-agent-.*\.json$/ },
  { part: 'image-cache', id: /^(.+)$/ },
  { part: 'uploads', id: /^(.+)$/ },
] as const;

/** Row of the layout table that a session's file belongs to. */
export type SessionPart =
  | 'transcript'
  | 'other'
  | (typeof SIDE_PARTS)[keyof typeof SIDE_PARTS]
  | (typeof ID_ARTIFACTS)[number]['part'];

/** One file or folder of a session, and its row of the layout table. */
export interface SessionRoot {
  part: SessionPart;
  path: string;
}

/** The id artifacts of some config dirs. Config dirs that share one set of transcripts count as one. */
export interface IdArtifacts {
  /** True if no id has any artifact. */
  readonly isEmpty: boolean;
  /** Existing paths for a session's id, in the order of the layout table. */
  rootsOf(file: Pick<TranscriptFile, 'configDir' | 'id'>): readonly SessionRoot[];
  /** Session ids that have artifacts: every name in the position of an id, whether such a session exists or not. */
  idsOf(configDir: ConfigDir): string[];
}

/**
 * Lists the id artifacts of the config dirs once, so that many footprints need no listings of their own. Missing and
 * unreadable folders count as empty.
 */
export function listIdArtifacts(configDirs: readonly ConfigDir[]): IdArtifacts {
  const idArtifacts = new Map(configDirs.map(({ projectsRoot }) => [projectsRoot, new Map<string, SessionRoot[]>()]));
  for (const { part, id: idPattern } of ID_ARTIFACTS) {
    for (const { path, projectsRoot } of configDirs) {
      const folder = join(path, part);
      for (const name of sortedNames(folder)) {
        const id = idPattern.exec(name)?.[1];
        const roots = idArtifacts.get(projectsRoot);
        if (id === undefined || roots === undefined) continue;
        const root = { part, path: join(folder, name) };
        const others = roots.get(id);
        if (others === undefined) roots.set(id, [root]);
        else others.push(root);
      }
    }
  }
  return {
    isEmpty: [...idArtifacts.values()].every(({ size }) => size === 0),
    rootsOf: ({ configDir, id }) => idArtifacts.get(configDir.projectsRoot)?.get(id) ?? NOTHING,
    idsOf: ({ projectsRoot }) => [...(idArtifacts.get(projectsRoot)?.keys() ?? [])],
  };
}

const NOTHING: readonly SessionRoot[] = [];

/**
 * Returns the topmost files and folders that belong to one session only: the transcript, the names that the scan found
 * in the side folder, legacy agent files and id artifacts. A side folder that is a symlink has none.
 */
export function sessionRoots(
  file: TranscriptFile,
  idArtifacts: Pick<IdArtifacts, 'rootsOf'> = listIdArtifacts([file.configDir]),
): SessionRoot[] {
  const sideFolder = sideFolderOf(file) + sep;
  const legacy = file.agents.filter(({ path }) => !path.startsWith(sideFolder));
  return [
    { part: 'transcript', path: file.path },
    ...legacy.map(({ path }) => ({ part: 'subagents' as const, path })),
    ...file.sideEntries.map((name) => ({
      part: isSidePart(name) ? SIDE_PARTS[name] : ('other' as const),
      path: sideFolder + name,
    })),
    ...idArtifacts.rootsOf(file),
  ];
}

/**
 * True for a path in a config dir that can be a topmost file or folder of a session with this id: its transcript, its
 * side folder, a legacy agent file in a project dir, or an id artifact.
 */
export function isSessionRoot(path: SafeRelativePath, id: string): boolean {
  const [folder, name = '', third, ...below] = path.split('/');
  if (folder !== 'projects') {
    return (
      third === undefined &&
      ID_ARTIFACTS.some(({ part, id: pattern }) => part === folder && pattern.exec(name)?.[1] === id)
    );
  }
  return (
    third !== undefined && below.length === 0 && (third === id || third === `${id}.jsonl` || agentIdOf(third) !== null)
  );
}

/**
 * Throws `UnsafePath` if a path in a config dir leads through a link or a file. `projects` itself may be a link, since
 * accounts share their transcripts that way.
 */
export function requireInConfigDir(configDir: string, path: SafeRelativePath): void {
  const below = path.startsWith(PROJECTS) ? path.slice(PROJECTS.length) : null;
  if (below === null || !isSafeRelativePath(below)) requirePlainParents(configDir, path);
  else requirePlainParents(join(configDir, 'projects'), below);
}

const PROJECTS = 'projects/';

/**
 * Throws `UnsafePath` if a transcript or its project dir is a link, since files written there would be stored
 * elsewhere. `projects` itself may be a link.
 */
export function requireOwnTranscript({ path }: Pick<TranscriptFile, 'path'>): void {
  requirePlainFolder(dirname(path));
  requireNoLink(path);
}

/** False for transcripts that `requireOwnTranscript` refuses. */
export function isOwnTranscript(transcript: Pick<TranscriptFile, 'path'>): boolean {
  try {
    requireOwnTranscript(transcript);
    return true;
  } catch {
    return false;
  }
}

/** Returns the side folder of a transcript; it need not exist. */
export function sideFolderOf(file: Pick<TranscriptFile, 'path'>): string {
  return file.path.slice(0, -'.jsonl'.length);
}

/** One part of a session's footprint. */
export interface FootprintPart {
  part: SessionPart;
  paths: string[];
  files: number;
  bytes: number;
}

/** Everything on disk that belongs to one session. Hard links count once. */
export interface Footprint {
  parts: FootprintPart[];
  files: number;
  bytes: number;
}

/**
 * Returns everything on disk that belongs to one session, by part: `files` and `bytes` count regular files (hard links
 * once, a linked transcript with its target's size), `paths` lists everything but folders. The transcript is as the
 * scan found it, the rest as it is now, without the topmost paths in `except`. Pass `idArtifacts` when measuring many
 * sessions.
 */
export function footprint(
  file: TranscriptFile,
  idArtifacts?: Pick<IdArtifacts, 'rootsOf'>,
  except?: ReadonlySet<string>,
): Footprint {
  const transcript: FootprintPart = { part: 'transcript', paths: [file.path], files: 1, bytes: file.stamp.size };
  const parts = new Map([[transcript.part, transcript]]);
  const counted = new Set<string>();
  for (const { part, path } of sessionRoots(file, idArtifacts)) {
    if (part === transcript.part || except?.has(path) === true) continue;
    const row = parts.get(part) ?? { part, paths: [], files: 0, bytes: 0 };
    parts.set(part, row);
    measure(path, row, { counted, transcriptIno: file.stamp.ino });
  }
  const found = [...parts.values()].filter(({ paths }) => paths.length > 0);
  return {
    parts: found,
    files: found.reduce((sum, row) => sum + row.files, 0),
    bytes: found.reduce((sum, row) => sum + row.bytes, 0),
  };
}

/** Files that were counted already: hard links by device and inode. */
interface CountedFiles {
  counted: Set<string>;
  transcriptIno: number;
}

function measure(path: string, row: FootprintPart, already: CountedFiles): void {
  const stats = statOrNull(path);
  if (stats === null) return;
  if (stats.isDirectory()) {
    for (const name of sortedNames(path)) measure(path + sep + name, row, already);
    return;
  }
  row.paths.push(path);
  if (!stats.isFile()) return;
  if (stats.nlink > 1) {
    const inode = `${stats.dev}:${stats.ino}`;
    if (already.counted.has(inode) || stats.ino === already.transcriptIno) return;
    already.counted.add(inode);
  }
  row.files += 1;
  row.bytes += stats.size;
}
