import type { TranscriptFile } from '../../claude/model.js';

/** Name under which the filter of a session's file is kept: its path from the projects folder on. */
export function filterName({ projectDir }: Pick<TranscriptFile, 'projectDir'>, path: string): string {
  const folder = `/${projectDir}/`;
  return (
    projectDir + path.replaceAll('\\', '/').slice(path.replaceAll('\\', '/').lastIndexOf(folder) + folder.length - 1)
  );
}
