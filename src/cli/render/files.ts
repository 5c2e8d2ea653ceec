import type { FileVersion, TouchedFile } from '../../sessions/files/file-record.js';
import { dayAndTime } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable, type Column } from './text/table.js';

/** Minimum width of the screen for the PROMPTS column, and its maximum width. */
const PROMPTS_FROM = 80;
const PROMPTS_WIDTH = 20;
const MIN_PATH = 12;

/** Returns the table of a session's files and its footer, as lines. */
export async function fileLines(files: readonly TouchedFile[], screen: Screen): Promise<string[]> {
  const { color, home } = screen;
  const figure = (heading: string, countOf: (file: TouchedFile) => number): Column<TouchedFile> => ({
    heading,
    align: 'right',
    cell: (file) => (countOf(file) === 0 ? '' : grouped(countOf(file))),
    color: color.dim,
  });
  const table = await renderTable<TouchedFile>(
    [
      { heading: 'FILE', cell: ({ path }) => shortPath(path, home), shrink: 'start', minWidth: MIN_PATH, share: 3 },
      figure('READ', ({ reads }) => reads),
      figure('WRITE', ({ writes }) => writes),
      figure('EDIT', ({ edits }) => edits),
      figure('VERSIONS', ({ versions }) => versions.length),
      {
        heading: 'PROMPTS',
        cell: ({ prompts }) => ranges(prompts),
        from: PROMPTS_FROM,
        shrink: 'end',
        maxWidth: PROMPTS_WIDTH,
        color: color.dim,
      },
    ],
    files,
    screen,
  );
  const changed = files.filter(({ writes, edits }) => writes + edits > 0).length;
  return [
    ...table,
    '',
    `${counted(files.length, 'file')} · ${grouped(changed)} changed · changes by shell commands are not known`,
  ];
}

/** Returns the versions of a file below its path, as lines. */
export async function versionLines({ path, versions }: TouchedFile, screen: Screen): Promise<string[]> {
  const name = shortPath(path, screen.home);
  if (versions.length === 0) return [name, 'No version can be reconstructed.'];
  const { color, now } = screen;
  const table = await renderTable<FileVersion>(
    [
      { heading: 'VERSION', align: 'right', cell: ({ version }) => grouped(version) },
      {
        heading: 'WHEN',
        cell: ({ timestamp }) => (timestamp === null ? '–' : dayAndTime(timestamp, now)),
        color: color.dim,
      },
      { heading: 'SIZE', align: 'right', cell: ({ bytes }) => formatSize(bytes) },
      { heading: 'FROM', cell: originOf, shrink: 'end' },
    ],
    versions,
    screen,
  );
  return [name, ...table];
}

/** Returns the origin of a version: `after Edit in prompt 12`, `before prompt 3 (file history)`. */
function originOf({ source, state, tool, prompt, agentId }: FileVersion): string {
  const where = prompt === null ? '' : `prompt ${grouped(prompt)}`;
  if (source === 'history') return `${where === '' ? '' : `before ${where} `}(file history)`;
  const by = agentId === null ? '' : ` by subagent ${oneLine(agentId)}`;
  return `${state} ${tool ?? 'tool'}${where === '' ? '' : ` in ${where}`}${by}`;
}

/** Returns numbers as ranges: `1-3, 7`. */
function ranges(numbers: readonly number[]): string {
  const parts: [first: number, last: number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}
