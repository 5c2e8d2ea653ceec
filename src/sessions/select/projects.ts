import { cachedExists, projectFolderOf } from '../../claude/worktree.js';
import type { SessionRecord } from '../../session-index/record.js';
import { compareText } from './listing.js';

/** One working directory Claude Code ran in, as JSON shows it (schema version 1). */
export interface ProjectRecord {
  schemaVersion: 1;
  configDir: string;
  /** Null if no session records one; then there is a project per project dir. */
  cwd: string | null;
  /** `null` where `cwd` is. */
  cwdExists: boolean | null;
  /** Folders under `projects/` that hold its sessions, sorted. */
  projectDirs: string[];
  sessions: number;
  lastActivityAt: string | null;
  footprintBytes: number;
}

/** Sort keys of projects. */
export const PROJECT_SORT_KEYS = ['activity', 'sessions', 'size', 'path'] as const;
export type ProjectSortKey = (typeof PROJECT_SORT_KEYS)[number];

/**
 * Groups sessions by config dir and folder, in order of first appearance. Sessions of a removed worktree belong to its
 * repository (`projectFolderOf`).
 */
export function projectsOf(records: readonly SessionRecord[], exists = cachedExists()): ProjectRecord[] {
  const projects = new Map<string, ProjectRecord>();
  for (const record of records) {
    const folder = projectFolderOf(record, exists);
    const key = JSON.stringify([record.configDir, folder, folder === null ? record.projectDir : null]);
    const cwdExists = folder === record.cwd ? record.cwdExists : true;
    const project = projects.get(key) ?? emptyProject(record.configDir, folder, cwdExists);
    projects.set(key, project);
    if (!project.projectDirs.includes(record.projectDir)) {
      project.projectDirs = [...project.projectDirs, record.projectDir].sort(compareText);
    }
    project.sessions += 1;
    project.footprintBytes += record.footprintBytes ?? 0;
    if ((record.lastActivityAt ?? '') > (project.lastActivityAt ?? '')) project.lastActivityAt = record.lastActivityAt;
  }
  return [...projects.values()];
}

function emptyProject(configDir: string, cwd: string | null, cwdExists: boolean | null): ProjectRecord {
  return {
    schemaVersion: 1,
    configDir,
    cwd,
    cwdExists,
    projectDirs: [],
    sessions: 0,
    lastActivityAt: null,
    footprintBytes: 0,
  };
}

/** Returns a sorted copy: newest, most or largest first, paths in ascending order; ties by path. */
export function sortProjects(
  projects: readonly ProjectRecord[],
  sort: ProjectSortKey,
  reverse: boolean,
): ProjectRecord[] {
  const sign = reverse ? -1 : 1;
  return [...projects].sort((a, b) => sign * compareProjects(a, b, sort) || comparePaths(a, b));
}

function compareProjects(a: ProjectRecord, b: ProjectRecord, sort: ProjectSortKey): number {
  switch (sort) {
    case 'activity':
      return compareText(b.lastActivityAt ?? '', a.lastActivityAt ?? '');
    case 'sessions':
      return b.sessions - a.sessions;
    case 'size':
      return b.footprintBytes - a.footprintBytes;
    case 'path':
      return comparePaths(a, b);
    default:
      return sort satisfies never;
  }
}

/** Unknown folders last. */
function comparePaths(a: ProjectRecord, b: ProjectRecord): number {
  return (
    Number(a.cwd === null) - Number(b.cwd === null) ||
    compareText(a.cwd ?? a.projectDirs.join(), b.cwd ?? b.projectDirs.join()) ||
    compareText(a.configDir, b.configDir)
  );
}
