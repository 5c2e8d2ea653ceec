import type { TranscriptFile } from '../../claude/model.js';

/** Name under which the filter of a session's file is kept: its path from the projects folder on. */
export function filterName(
  { configDir, projectDir }: Pick<TranscriptFile, 'configDir' | 'projectDir'>,
  path: string,
): string {
  const root = configDir.projectsRoot.length;
  // The usual path; a file may be reached in another way, too.
  const isUsual = path.startsWith(configDir.projectsRoot) && path.startsWith(`${projectDir}/`, root + 1);
  if (isUsual && !path.includes('\\')) return path.slice(root + 1);
  const slashed = path.replaceAll('\\', '/');
  const folder = `/${projectDir}/`;
  return projectDir + slashed.slice(slashed.lastIndexOf(folder) + folder.length - 1);
}
