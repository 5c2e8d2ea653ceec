import type { ProjectRecord } from '../../sessions/select/projects.js';
import { counted, grouped } from './text/number.js';
import { ageColumn, projectColumn, sizeColumn } from './session-columns.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable, type Column } from './text/table.js';
import { joinFitting } from './text/wrap.js';

/** Returns the table of the first `shown` projects and a footer for all of them, as lines. */
export async function projectLines(
  projects: readonly ProjectRecord[],
  shown: number,
  isHere: (project: ProjectRecord) => boolean,
  screen: Screen,
): Promise<string[]> {
  const items = projects.slice(0, shown);
  const columns: Column<ProjectRecord>[] = [
    {
      ...projectColumn<ProjectRecord>(screen, (project) => ({
        ...project,
        projectDir: project.projectDirs.join(' '),
        isGone: project.cwd !== null && project.cwdExists === false,
        isHere: isHere(project),
      })),
    },
    { heading: 'SESSIONS', align: 'right', cell: ({ sessions }) => grouped(sessions) },
    ageColumn('ACTIVE', screen, ({ lastActivityAt }) => (lastActivityAt === null ? null : Date.parse(lastActivityAt))),
    sizeColumn(screen, ({ footprintBytes }) => footprintBytes),
  ];
  return [
    ...(await renderTable(columns, items, screen)),
    '',
    ...joinFitting(totals(projects, items.length, screen), screen.width),
  ];
}

function totals(projects: readonly ProjectRecord[], shown: number, { invocation }: Screen): string[] {
  const sum = (value: (project: ProjectRecord) => number): number =>
    projects.reduce((total, project) => total + value(project), 0);
  const gone = projects.filter(({ cwdExists }) => cwdExists === false).length;
  const hasMore = shown < projects.length;
  return [
    hasMore ? `${grouped(shown)} of ${counted(projects.length, 'project')}` : counted(projects.length, 'project'),
    counted(
      sum(({ sessions }) => sessions),
      'session',
    ),
    formatSize(sum(({ footprintBytes }) => footprintBytes)),
    ...(gone > 0 ? [`${grouped(gone)} gone`] : []),
    ...(hasMore ? ['show all with -L 0'] : []),
    `list one with ${invocation} list -p <path>`,
  ];
}
