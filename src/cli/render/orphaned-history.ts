import type { OrphanedFile, OrphanedHistory } from '../../checkpoints/orphans/find-orphans.js';
import { shortId } from '../../claude/layout.js';
import { dayAndTime } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable } from './text/table.js';
import { joinFitting } from './text/wrap.js';

const MIN_PATH = 12;

/**
 * Returns a file as a line for pipes: session id, path, hash, number of copies, size and time of the newest copy, and
 * the path it was written to.
 */
export function orphanedFileLine({ sessionId }: OrphanedHistory, { path, hash, copies }: OrphanedFile): string {
  const [newest] = copies;
  return tabbed([
    sessionId,
    path,
    hash,
    copies.length,
    newest?.bytes ?? 0,
    newest?.modifiedAt ?? null,
    newest?.writtenTo ?? null,
  ]);
}

/** Returns the table of sessions, or with `isDetailed` of their files, and its footer, as lines. */
export async function orphanLines(
  orphans: readonly OrphanedHistory[],
  isDetailed: boolean,
  screen: Screen,
): Promise<string[]> {
  const table = isDetailed ? await fileTable(orphans, screen) : await sessionTable(orphans, screen);
  const files = orphans.flatMap((orphan) => orphan.files);
  const [only] = orphans.length === 1 ? orphans : [];
  const name = only === undefined ? '' : `${shortId(only.sessionId)} `;
  const command = `${screen.invocation} checkpoints ${name}--orphans`;
  const footer = [
    counted(files.length, 'file'),
    ...unknownOf(files),
    ...(isDetailed ? [] : ['files of one: ccsess checkpoints <session> --orphans']),
    `write them out: ${command} --to-dir <folder>`,
  ];
  return [...table, '', ...joinFitting(footer, screen.width)];
}

function unknownOf(files: readonly OrphanedFile[]): string[] {
  const unknown = files.filter(({ path }) => path === null).length;
  return unknown === 0 ? [] : [`${grouped(unknown)} of unknown path`];
}

function sessionTable(orphans: readonly OrphanedHistory[], screen: Screen): Promise<string[]> {
  const { color, now, home } = screen;
  return renderTable<OrphanedHistory>(
    [
      { heading: 'SESSION', cell: ({ sessionId }) => shortId(sessionId) },
      {
        heading: 'LAST COPY',
        cell: ({ lastCopyAt }) => (lastCopyAt === null ? '' : dayAndTime(lastCopyAt, now)),
        color: color.dim,
      },
      { heading: 'FILES', align: 'right', cell: ({ files }) => grouped(files.length) },
      { heading: 'SIZE', align: 'right', cell: ({ bytes }) => formatSize(bytes), color: color.dim },
      {
        heading: 'PATHS',
        cell: ({ files }) =>
          files.flatMap(({ path }) => (path === null ? [] : [shortPath(path, home)])).join(', ') || '(unknown)',
        shrink: 'end',
        minWidth: MIN_PATH,
      },
    ],
    orphans,
    screen,
  );
}

function fileTable(orphans: readonly OrphanedHistory[], screen: Screen): Promise<string[]> {
  const { color, now, home } = screen;
  const rows = orphans.flatMap(({ sessionId, files }) => files.map((file) => ({ sessionId, ...file })));
  const isOfSeveral = orphans.length > 1;
  return renderTable<(typeof rows)[number]>(
    [
      ...(isOfSeveral ? [{ heading: 'SESSION', cell: (row: (typeof rows)[number]) => shortId(row.sessionId) }] : []),
      {
        heading: 'FILE',
        cell: ({ path, hash }) =>
          path === null ? { text: `${hash} (unknown)`, color: color.dim } : shortPath(path, home),
        shrink: 'start',
        minWidth: MIN_PATH,
      },
      {
        heading: 'LAST COPY',
        cell: ({ copies: [newest] }) => (newest === undefined ? '' : dayAndTime(newest.modifiedAt, now)),
        color: color.dim,
      },
      { heading: 'COPIES', align: 'right', cell: ({ copies }) => grouped(copies.length) },
      { heading: 'SIZE', align: 'right', cell: ({ copies: [newest] }) => formatSize(newest?.bytes ?? 0) },
    ],
    rows,
    screen,
  );
}

/** Returns a sentence about the files that were written. */
export function writtenSentence(orphans: readonly OrphanedHistory[], toDir: string, home: string): string {
  const files = orphans.flatMap((orphan) => orphan.files);
  const copies = files.reduce((sum, file) => sum + file.copies.length, 0);
  const unknown = files.filter(({ path }) => path === null).length;
  const note = unknown === 0 ? '' : `; ${grouped(unknown)} of unknown path under their hashes in _unknown/`;
  const ofCopies = copies === 1 ? '1 copy' : `${grouped(copies)} copies`;
  return `Wrote ${counted(files.length, 'file')} (${ofCopies}) into ${shortPath(toDir, home)}${note}.`;
}
