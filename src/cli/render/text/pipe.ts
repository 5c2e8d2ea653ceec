import type { SessionRecord } from '../../../session-index/record.js';
import type { ProjectRecord } from '../../../sessions/select/projects.js';
import { sanitize } from './sanitize.js';

/**
 * Returns a session as a line for pipes: id, lastActivityAt, kind, live pid, prompts, footprintBytes, cwd, title, and
 * the config dir if there are several.
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
 * Returns a project as a line for pipes: cwd, sessions, lastActivityAt, footprintBytes, `gone` or nothing, and the
 * config dir if there are several.
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

/** Joins fields by tabs; null is an empty field. No field contains a tab or line break. */
export function tabbed(fields: readonly (string | number | null)[]): string {
  return `${fields.map((field) => (field === null ? '' : sanitize(String(field)))).join('\t')}\n`;
}
