import { keyOf } from '../../retention/trash/find-trashed.js';
import type { Recovered } from '../../retention/restore/recover.js';
import type { TrashedSession } from '../../retention/trash/manifest.js';
import type { TrashEntry } from '../../retention/trash/trash-entry.js';
import { heldBytes } from '../../retention/trash/trash.js';
import { formatAge, formatMoment } from './text/age.js';
import { counted } from './text/number.js';
import { folderText } from './folder-text.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { GAP_WIDTH, columnWidth, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd, cutStart } from './text/width.js';

const SHORT_ID = 8;
const COLUMNS: readonly Column[] = [
  { heading: 'ID' },
  { heading: 'TRASHED' },
  { heading: 'SIZE', align: 'right' },
  { heading: 'PROJECT' },
  { heading: 'TITLE' },
];
const PROJECT_WIDTH = 24;
const MIN_TITLE = 8;

/** A trashed session as JSON shows it: docs/schema/trash.schema.json. */
export function trashedRecord(entry: TrashEntry): object {
  const { session } = entry;
  const {
    id,
    configDir,
    projectDir,
    cwd,
    title,
    kind,
    lastActivityAt,
    pruneId,
    trashedAt,
    footprintBytes,
    files,
    reasons,
  } = session;
  const about = {
    id,
    key: keyOf(entry),
    projectDir,
    cwd,
    title,
    kind,
    lastActivityAt,
    pruneId,
    trashedAt,
    footprintBytes,
  };
  return {
    schemaVersion: 1,
    configDir,
    ...about,
    heldBytes: heldBytes([entry]),
    files,
    reasons,
    damage: entry.notes.damage,
  };
}

/**
 * A trashed session as a line of a pipe: id, trashedAt, heldBytes, footprintBytes, cwd, title, key; maybe the config
 * dir.
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

/** The table of trashed sessions and its footer, as lines. SIZE is what each takes in the trash. */
export async function trashLines(entries: readonly TrashEntry[], screen: Screen): Promise<string[]> {
  const { width, color, now } = screen;
  const sizes = entries.map((entry) => heldBytes([entry]));
  const fixed = entries.map(({ session }, at): string[] => [
    session.id.slice(0, SHORT_ID),
    formatAge(Date.parse(session.trashedAt), now),
    formatSize(sizes[at] ?? 0),
    cutStart(folderText(session, screen), (screen.configDirNames?.size ?? 0) > 1 ? 2 * PROJECT_WIDTH : PROJECT_WIDTH),
  ]);
  const taken = COLUMNS.slice(0, -1).reduce(
    (sum, { heading }, at) =>
      sum +
      GAP_WIDTH +
      columnWidth(
        heading,
        fixed.map((cells) => cells[at] ?? ''),
      ),
    0,
  );
  const room = Math.max(MIN_TITLE, width - taken);
  const rows = entries.map(({ session }, at): Cell[] => [
    ...(fixed[at] ?? []).map((text) => ({ text })),
    { text: cutEnd(oneLine(session.title ?? ''), room) },
  ]);
  const held = sizes.reduce((sum, size) => sum + size, 0);
  const before = entries.reduce((sum, { session }) => sum + session.footprintBytes, 0);
  const footer = `${counted(entries.length, 'session')} · ${formatSize(held)}, before they were moved ${formatSize(before)} · back: ccsess restore <id>`;
  return [...(await tableLines(COLUMNS, rows, color.dim)), '', footer];
}

/** All there is to say of a trashed session, as lines. */
export function trashedPage(entry: TrashEntry, home: string): string[] {
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
  const places = roots.flatMap(({ configDir, path, nodes }) =>
    nodes
      .filter(({ kind }) => kind !== 'folder')
      .map((node) => `  ${shortPath([configDir, path, node.path].filter((part) => part !== '').join('/'), home)}`),
  );
  return [
    trashedTitle(session),
    '',
    ...facts.map(([name, text]) => `  ${name.padEnd(9)} ${text}`),
    '',
    ...places,
    '',
    `Back: ccsess restore ${keyOf(entry)}`,
  ];
}

/** A trashed session's title, or that it has none. */
function trashedTitle({ title }: TrashedSession): string {
  const text = oneLine(title ?? '');
  return text === '' ? '(no title)' : text;
}

/** A trashed session in a sentence: `3f2a91c0 Fix prune race`. */
export function trashedName(session: TrashedSession): string {
  return `${session.id.slice(0, SHORT_ID)} ${trashedTitle(session)}`;
}

/** A sentence about a session that an interrupted run had left half moved. */
export function recoveredLine({ id, title, outcome, error }: Recovered): string {
  const name = `${id.slice(0, SHORT_ID)} ${oneLine(title ?? '') || '(no title)'}`;
  switch (outcome) {
    case 'put-back':
      return `${name} is back in its place.`;
    case 'in-trash':
      return error === null ? `${name} is in the trash.` : `${name} stays in the trash: ${oneLine(error)}.`;
    case 'restored':
      return `${name} is restored.`;
    case 'deleted':
      return `${name} is deleted for good.`;
    case 'failed':
      return `${name} is still half moved: ${oneLine(error ?? 'unknown error')}.`;
    case 'pending':
      return `${name} is half moved.`;
    default:
      return outcome satisfies never;
  }
}
