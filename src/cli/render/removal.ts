import type { Kept, Reason, Removal, KeepCode } from '../../retention/model.js';
import type { PlannedItem } from './plan.js';
import { ageColumn, idColumn, projectColumn, sizeColumn, titleColumn } from './session-columns.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { renderTable } from './text/table.js';

const SHORT_ID = 8;

/** Returns the table of sessions to be removed, as the names were resolved. */
export function removalLines(items: readonly PlannedItem[], screen: Screen): Promise<string[]> {
  return renderTable<PlannedItem>(
    [
      idColumn(screen, ({ removal, idLength }) => removal.id.slice(0, idLength)),
      ageColumn('ACTIVE', screen, ({ removal: { lastActivityAt } }) =>
        lastActivityAt === null ? null : Date.parse(lastActivityAt),
      ),
      titleColumn(screen, ({ removal, isPrompt }) => ({ title: removal.title, isPrompt })),
      projectColumn(screen, ({ removal }) => removal),
      sizeColumn(screen, ({ removal }) => removal.footprintBytes),
    ],
    items,
    screen,
  );
}

/** Returns why a requested session is kept: `3f2a91c0 is kept: live (pid 48213).` */
export function keptLine({ id, reasons }: Kept): string {
  return `${id.slice(0, SHORT_ID)} is kept: ${reasons.map(reasonText).join(', ')}.`;
}

/** Returns lines about sessions of an applied plan that were not moved, with the reasons. */
export function unmovedLines(removals: readonly Removal[]): string[] {
  return removals.flatMap(({ id, status, error }) => {
    const name = id.slice(0, SHORT_ID);
    if (status === 'changed') return [`${name} is kept: it changed meanwhile.`];
    if (status === 'protected') return [`${name} is kept: ${oneLine(error?.message ?? 'protected')}.`];
    return status === 'failed' ? [`${name} was not moved: ${oneLine(error?.message ?? 'unknown error')}.`] : [];
  });
}

function reasonText({ code, detail }: Reason<KeepCode>): string {
  return detail === null ? code : `${code} (${oneLine(detail)})`;
}
