import { keyOf } from '../../retention/trash/find-trashed.js';
import type { Recovered } from '../../retention/restore/recover.js';
import type { TrashedSession } from '../../retention/trash/manifest.js';
import type { TrashEntry } from '../../retention/trash/trash-entry.js';
import { heldBytes } from '../../retention/trash/trash.js';
import { formatMoment } from './text/age.js';
import { counted } from './text/number.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { ageColumn, idColumn, projectColumn, sizeColumn, titleColumn } from './session-columns.js';
import { renderTable } from './text/table.js';
import { joinFitting } from './text/wrap.js';

const SHORT_ID = 8;
/** Width from which PROJECT is shown. */
const PROJECT_FROM = 70;

/**
 * Returns a trashed session as a line for pipes: id, trashedAt, heldBytes, footprintBytes, cwd, title, key, and the
 * config dir if there are several.
 */
export function trashedLine(entry: TrashEntry, withConfigDir = false): string {
  const { configDir, id, trashedAt, footprintBytes, cwd, title } = entry.session;
  return tabbed([
    id,
    trashedAt,
    heldBytes([entry]),
    footprintBytes,
    cwd,
    title,
    keyOf(entry),
    ...(withConfigDir ? [configDir] : []),
  ]);
}

/** One session in the trash; the first `idLength` characters of its id are unique. */
export interface TrashItem {
  entry: TrashEntry;
  idLength: number;
}

/**
 * Returns the table of trashed sessions and its footer, as lines. SIZE is the size in the trash; `restore` is the
 * command that restores a session.
 */
export async function trashLines(items: readonly TrashItem[], screen: Screen, restore: string): Promise<string[]> {
  const table = await renderTable<TrashItem>(
    [
      idColumn(screen, ({ entry, idLength }) => entry.session.id.slice(0, idLength)),
      ageColumn('TRASHED', screen, ({ entry }) => Date.parse(entry.session.trashedAt)),
      titleColumn(screen, ({ entry }) => entry.session),
      { ...projectColumn<TrashItem>(screen, ({ entry }) => entry.session), from: PROJECT_FROM },
      sizeColumn(screen, ({ entry }) => heldBytes([entry])),
    ],
    items,
    screen,
  );
  const held = items.reduce((sum, { entry }) => sum + heldBytes([entry]), 0);
  const before = items.reduce((sum, { entry }) => sum + entry.session.footprintBytes, 0);
  const totals = [
    counted(items.length, 'session'),
    `${formatSize(held)}, before they were moved ${formatSize(before)}`,
    `bring back with ${restore} <id>`,
  ];
  return [...table, '', ...joinFitting(totals, screen.width)];
}

/** Returns all details of a trashed session, as lines; `restore` is the command that restores one. */
export function trashedPage(entry: TrashEntry, home: string, restore: string): string[] {
  const { session } = entry;
  const { id, cwd, projectDir, trashedAt, lastActivityAt, footprintBytes, files, reasons, roots } = session;
  const why = reasons.map(({ code, detail }) => (detail === null ? code : `${code} (${oneLine(detail)})`)).join(', ');
  const facts: [string, string][] = [
    ['id', id],
    ['folder', shortPath(cwd ?? projectDir, home)],
    ['activity', lastActivityAt === null ? 'unknown' : formatMoment(Date.parse(lastActivityAt))],
    ['trashed', `${formatMoment(Date.parse(trashedAt))} by ${oneLine(session.pruneId)}: ${why}`],
    [
      'size',
      `${formatSize(footprintBytes)} in ${counted(files, 'file')}, ${formatSize(heldBytes([entry]))} in the trash`,
    ],
    ['stored in', shortPath(entry.folder, home)],
    ...[entry.notes.damage, entry.notes.refusal].flatMap((note): [string, string][] =>
      note === null ? [] : [['note', oneLine(note)]],
    ),
  ];
  const paths = roots.flatMap(({ configDir, path, nodes }) =>
    nodes
      .filter(({ kind }) => kind !== 'folder')
      .map((node) => `  ${shortPath([configDir, path, node.path].filter((part) => part !== '').join('/'), home)}`),
  );
  return [
    trashedTitle(session),
    '',
    ...facts.map(([name, text]) => `  ${name.padEnd(9)} ${text}`),
    '',
    ...paths,
    '',
    `Restore: ${restore} ${keyOf(entry)}`,
  ];
}

/** Returns a trashed session's title, or `(no title)`. */
function trashedTitle({ title }: TrashedSession): string {
  const text = oneLine(title ?? '');
  return text === '' ? '(no title)' : text;
}

/** Returns a trashed session for a sentence: `3f2a91c0 Fix prune race`. */
export function trashedName(session: TrashedSession): string {
  return `${session.id.slice(0, SHORT_ID)} ${trashedTitle(session)}`;
}

/** Returns a sentence about a session that an interrupted run had left half moved. */
export function recoveredLine({ id, title, outcome, error }: Recovered): string {
  const name = `${id.slice(0, SHORT_ID)} ${oneLine(title ?? '') || '(no title)'}`;
  switch (outcome) {
    case 'put-back':
      return `${name} is back at its original path.`;
    case 'in-trash':
      return error === null ? `${name} is in the trash.` : `${name} stays in the trash: ${oneLine(error)}.`;
    case 'restored':
      return `${name} is restored.`;
    case 'deleted':
      return `${name} is deleted permanently.`;
    case 'failed':
      return `${name} is still half moved: ${oneLine(error ?? 'unknown error')}.`;
    case 'pending':
      return `${name} is half moved.`;
    default:
      return outcome satisfies never;
  }
}
