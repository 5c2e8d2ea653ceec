import type { SessionRecord } from '../../../session-index/record.js';
import type { ProjectRecord } from '../../../sessions/select/projects.js';
import { sanitize } from './sanitize.js';

/**
 * A session as a line of a pipe: id, lastActivityAt, kind, live pid, prompts, footprintBytes, cwd, title; maybe the
 * config dir.
 */
export function sessionLine(record: SessionRecord, withConfigDir = false): string {
  const { configDir, id, lastActivityAt, kind, live, prompts, footprintBytes, cwd, title } = record;
  const pid = live === null ? null : (live.pid ?? live.status);
  return tabbed([
    id,
    lastActivityAt,
    kind,
    pid,
    prompts,
    footprintBytes,
    cwd,
    title,
    ...(withConfigDir ? [configDir] : []),
  ]);
}

/**
 * A project as a line of a pipe: cwd, sessions, lastActivityAt, footprintBytes, `gone` or nothing; maybe the config
 * dir.
 */
export function projectLine(project: ProjectRecord, withConfigDir = false): string {
  const { cwd, projectDirs, sessions, lastActivityAt, footprintBytes, cwdExists } = project;
  return tabbed([
    cwd ?? projectDirs.join(' '),
    sessions,
    lastActivityAt,
    footprintBytes,
    cwdExists === false ? 'gone' : null,
    ...(withConfigDir ? [project.configDir] : []),
  ]);
}

/** Fields between tabs, absent ones empty; no field can hold a tab or a line break. */
export function tabbed(fields: readonly (string | number | null)[]): string {
  return `${fields.map((field) => (field === null ? '' : sanitize(String(field)))).join('\t')}\n`;
}
