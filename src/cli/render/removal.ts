import type { Kept, Reason, Removal, StayCode } from '../../retention/model.js';
import { formatAge } from './text/age.js';
import { folderText } from './folder-text.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { GAP_WIDTH, columnWidth, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd, cutStart } from './text/width.js';

const SHORT_ID = 8;
const COLUMNS: readonly Column[] = [
  { heading: 'ID' },
  { heading: 'ACTIVE' },
  { heading: 'SIZE', align: 'right' },
  { heading: 'PROJECT' },
  { heading: 'TITLE' },
];
const PROJECT_WIDTH = 24;
const MIN_TITLE = 8;

/** The table of sessions that are to go, as lines: what a name resolved to. */
export async function removalLines(removals: readonly Removal[], screen: Screen): Promise<string[]> {
  const { width, color, now } = screen;
  const fixed = removals.map((removal): string[] => [
    removal.id.slice(0, SHORT_ID),
    removal.lastActivityAt === null ? '–' : formatAge(Date.parse(removal.lastActivityAt), now),
    formatSize(removal.footprintBytes),
    cutStart(folderText(removal, screen), (screen.configDirNames?.size ?? 0) > 1 ? 2 * PROJECT_WIDTH : PROJECT_WIDTH),
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
  const rows = removals.map(({ title }, at): Cell[] => [
    ...(fixed[at] ?? []).map((text) => ({ text })),
    { text: cutEnd(oneLine(title ?? ''), room) },
  ]);
  return tableLines(COLUMNS, rows, color.dim);
}

/** Why a session that was asked for stays: `3f2a91c0 stays: live (pid 48213).` */
export function keptLine({ id, reasons }: Kept): string {
  return `${id.slice(0, SHORT_ID)} is kept: ${reasons.map(reasonText).join(', ')}.`;
}

/** Sessions of an applied plan that were not moved, and why. */
export function unmovedLines(removals: readonly Removal[]): string[] {
  return removals.flatMap(({ id, status, error }) => {
    const name = id.slice(0, SHORT_ID);
    if (status === 'changed') return [`${name} is kept: it changed meanwhile.`];
    if (status === 'protected') return [`${name} is kept: ${oneLine(error?.message ?? 'protected')}.`];
    return status === 'failed' ? [`${name} was not moved: ${oneLine(error?.message ?? 'unknown error')}.`] : [];
  });
}

function reasonText({ code, detail }: Reason<StayCode>): string {
  return detail === null ? code : `${code} (${oneLine(detail)})`;
}
