import type { ProjectRecord } from '../../sessions/select/projects.js';
import { formatAge } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { folderText } from './folder-text.js';
import { projectCell } from './project-cell.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { GAP_WIDTH, columnWidth, joinFitting, tableLines, type Cell, type Column } from './text/table.js';

const COLUMNS: readonly Column[] = [
  { heading: 'PROJECT' },
  { heading: 'SESSIONS', align: 'right' },
  { heading: 'ACTIVE' },
  { heading: 'SIZE', align: 'right' },
];

/** The table of the first `shown` projects and its footer over all of them, as lines. */
export async function projectLines(
  projects: readonly ProjectRecord[],
  shown: number,
  screen: Screen,
): Promise<string[]> {
  const items = projects.slice(0, shown);
  const figures = items.map(({ sessions, lastActivityAt, footprintBytes }): Cell[] => [
    { text: grouped(sessions) },
    { text: lastActivityAt === null ? '–' : formatAge(Date.parse(lastActivityAt), screen.now) },
    { text: formatSize(footprintBytes) },
  ]);
  const widthAt = (heading: string, at: number): number =>
    columnWidth(
      heading,
      figures.map((cells) => cells[at]?.text ?? ''),
    );
  const taken = COLUMNS.slice(1).reduce((sum, { heading }, at) => sum + GAP_WIDTH + widthAt(heading, at), 0);
  const rows = items.map((project, at) => [pathCell(project, screen, screen.width - taken), ...(figures[at] ?? [])]);
  return [
    ...(await tableLines(COLUMNS, rows, screen.color.dim)),
    '',
    ...joinFitting(totals(projects, items.length), screen.width),
  ];
}

function pathCell(project: ProjectRecord, screen: Screen, width: number): Cell {
  const { cwd, cwdExists, configDir, projectDirs } = project;
  const gone = cwd !== null && cwdExists === false;
  const text = projectCell(
    folderText({ cwd, projectDir: projectDirs.join(' '), configDir }, screen),
    gone,
    Math.max(1, width),
  );
  return gone || cwd === null ? { text, paint: screen.color.dim } : { text };
}

function totals(projects: readonly ProjectRecord[], shown: number): string[] {
  const sum = (value: (project: ProjectRecord) => number): number =>
    projects.reduce((total, project) => total + value(project), 0);
  const gone = projects.filter(({ cwdExists }) => cwdExists === false).length;
  return [
    shown < projects.length
      ? `${grouped(shown)} of ${counted(projects.length, 'project')}`
      : counted(projects.length, 'project'),
    counted(
      sum(({ sessions }) => sessions),
      'session',
    ),
    formatSize(sum(({ footprintBytes }) => footprintBytes)),
    ...(gone > 0 ? [`${grouped(gone)} gone`] : []),
    ...(shown < projects.length ? ['all: -L 0'] : []),
  ];
}
