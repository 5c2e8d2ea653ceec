import type { CheckpointRow, CheckpointsReport, StateFileRecord, StateReport } from '../../checkpoints/report.js';
import { formatMoment } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable, type Cell } from './text/table.js';
import { joinFitting } from './text/wrap.js';

const MIN_TEXT = 12;
const SHORT_UUID = 8;
const MINUS = '\u2212';

/**
 * Returns a checkpoint as a line for pipes: prompt, message uuid, timestamp, files, insertions, deletions, unknown
 * files, text.
 */
export function checkpointLine(row: CheckpointRow): string {
  const { prompt, messageUuid, timestamp, files, insertions, deletions, unknownFiles, text } = row;
  return tabbed([prompt, messageUuid, timestamp, files.length, insertions, deletions, unknownFiles, text]);
}

/** Returns the table of a session's checkpoints and its footer, as lines. `name` identifies the session in commands. */
export async function checkpointLines(
  { checkpoints }: CheckpointsReport,
  name: string,
  screen: Screen,
): Promise<string[]> {
  const { color, now } = screen;
  const dimmed = ({ active }: CheckpointRow, text: string): Cell => ({ text, color: active ? String : color.dim });
  const table = await renderTable<CheckpointRow>(
    [
      {
        heading: 'PROMPT',
        align: 'right',
        cell: (row) => dimmed(row, row.prompt === null ? row.messageUuid.slice(0, SHORT_UUID) : String(row.prompt)),
      },
      {
        heading: 'WHEN',
        cell: ({ timestamp }) => (timestamp === null ? '' : momentOf(Date.parse(timestamp), now)),
        color: color.dim,
      },
      { heading: 'FILES', align: 'right', cell: (row) => dimmed(row, grouped(row.files.length)) },
      { heading: 'CHANGE', cell: (row) => dimmed(row, changeOf(row)) },
      {
        heading: 'FIRST WORDS',
        cell: (row) => dimmed(row, oneLine(row.text)),
        shrink: 'end',
        minWidth: MIN_TEXT,
      },
    ],
    checkpoints,
    screen,
  );
  const last = checkpoints.findLast(({ prompt, active }) => prompt !== null || active);
  const to = last?.prompt ?? last?.messageUuid.slice(0, SHORT_UUID) ?? '<uuid>';
  const footer = [
    counted(checkpoints.length, 'checkpoint'),
    `files: ${screen.invocation} checkpoints ${name} --at ${to}`,
    `restore: ${screen.invocation} rewind ${name} --to ${to} -n`,
  ];
  return [...table, '', ...joinFitting(footer, screen.width)];
}

/** Returns the time without its year, if that is the current one. */
function momentOf(moment: number, now: number): string {
  if (Number.isNaN(moment)) return '';
  const year = new Date(moment).getFullYear();
  return year === new Date(now).getFullYear() ? formatMoment(moment).replace(` ${year}`, '') : formatMoment(moment);
}

/** Returns `+44 −9`, and the number of files without line counts. */
function changeOf({ files, insertions, deletions, unknownFiles, untrackedChanges }: CheckpointRow): string {
  const hasLines = files.some(({ insertions: lines }) => lines !== null);
  const others = (['binary', 'large'] as const).flatMap((wanted) => {
    const count = files.filter(({ kind }) => kind === wanted).length;
    return count === 0 ? [] : [`${grouped(count)} ${wanted}`];
  });
  const unknown = unknownFiles === 0 ? [] : [`${grouped(unknownFiles)} unknown`];
  const untracked = untrackedChanges && files.length === 0 ? ['untracked'] : [];
  return [...(hasLines ? [linesText(insertions, deletions)] : []), ...others, ...unknown, ...untracked].join(', ');
}

/** Returns added and removed lines: `+44 −9`. */
export function linesText(insertions: number, deletions: number): string {
  return `+${grouped(insertions)} ${MINUS}${grouped(deletions)}`;
}

/** Returns a file of a state as a line for pipes: path, status, change, bytes, insertions, deletions, backup. */
export function stateFileLine({ path, status, change, bytes, insertions, deletions, backup }: StateFileRecord): string {
  return tabbed([path, status, change, bytes, insertions, deletions, backup]);
}

/** Returns the files of a state, or their differences, as lines. */
export async function stateLines(
  { checkpoint, against, files }: StateReport,
  { diff, isTerminal }: { diff: boolean; isTerminal: boolean },
  screen: Screen,
): Promise<string[]> {
  const nameOf = (one: { prompt: number | null; messageUuid: string }): string =>
    one.prompt === null ? `message ${one.messageUuid.slice(0, SHORT_UUID)}` : `prompt ${one.prompt}`;
  const heading =
    `Files as they were before ${nameOf(checkpoint)}, compared with ` +
    `${against === null ? 'now' : `those before ${nameOf(against)}`}:`;
  if (files.length === 0) return [`No tracked files before ${nameOf(checkpoint)}.`];
  if (diff) return files.flatMap((file) => diffLines(file, screen));
  const table = await renderTable<StateFileRecord>(
    [
      {
        heading: 'FILE',
        cell: ({ path }) => (path.startsWith('/') ? shortPath(path, screen.home) : sanitize(path)),
        shrink: 'start',
        minWidth: MIN_TEXT,
      },
      {
        heading: 'SIZE',
        align: 'right',
        cell: ({ status, bytes }) => (status === 'file' ? formatSize(bytes ?? 0) : status),
        color: screen.color.dim,
      },
      { heading: against === null ? 'NOW' : 'THEN', cell: stateChange },
    ],
    files,
    screen,
  );
  return [...(isTerminal ? [heading, ''] : []), ...table];
}

function stateChange({ change, insertions, deletions, kind }: StateFileRecord): string {
  if (change === 'same' || change === 'unknown') return change;
  const lines = insertions !== null && deletions !== null ? linesText(insertions, deletions) : (kind ?? '');
  return `${change} ${lines}`.trimEnd();
}

/** Returns a file as `git diff` shows it; nothing for an unchanged file. */
function diffLines(file: StateFileRecord, { color }: Screen): string[] {
  const path = sanitize(file.path);
  if (file.change === 'same') return [];
  if (file.change === 'unknown') return [color.dim(`${path}: not known: its copy, or the file itself, cannot be used`)];
  if (file.diff === null) return [`${file.kind === 'binary' ? 'Binary' : 'Large'} file ${path} differs`];
  const header = [
    `--- ${file.change === 'created' ? '/dev/null' : `a/${path}`}`,
    `+++ ${file.change === 'deleted' ? '/dev/null' : `b/${path}`}`,
  ].map((line) => color.bold(line));
  return [...header, ...file.diff.split('\n').map((line) => paintLine(sanitize(line), color))];
}

function paintLine(line: string, color: Screen['color']): string {
  if (line.startsWith('@@')) return color.cyan(line);
  if (line.startsWith('+')) return color.green(line);
  return line.startsWith('-') ? color.red(line) : line;
}
