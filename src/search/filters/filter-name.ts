import type { TranscriptFile } from '../../claude/model.js';

/** Name of the filter of a session's file: the path of the file below the projects folder. */
export function filterName(
  { configDir, projectDir }: Pick<TranscriptFile, 'configDir' | 'projectDir'>,
  path: string,
): string {
  const root = configDir.projectsRoot.length;
  // The usual path; a file may have been reached by another one.
  const isUsual = path.startsWith(configDir.projectsRoot) && path.startsWith(`${projectDir}/`, root + 1);
  if (isUsual && !path.includes('\\')) return path.slice(root + 1);
  const slashed = path.replaceAll('\\', '/');
  const folder = `/${projectDir}/`;
  return projectDir + slashed.slice(slashed.lastIndexOf(folder) + folder.length - 1);
}
