import type { Size } from '../../../tui/host.js';

/** Positions of the parts of the picker on a screen. */
export interface Layout {
  /** Columns and rows of the list. */
  listWidth: number;
  listHeight: number;
  /** Lines of a session: 1 or 2. */
  itemHeight: 1 | 2;
  /** Columns and rows of the preview; null if it is not shown. */
  preview: { at: 'right' | 'below'; width: number; height: number } | null;
  /** Lines above and below the list, with the query and the keys. */
  hasRules: boolean;
  hasFooter: boolean;
}

const RIGHT_FROM = 90;
const MIN_ROWS_RIGHT = 10;
const MIN_ROWS_BELOW = 26;
const MIN_COLUMNS_BELOW = 20;
const RULES_FROM = 8;
const FOOTER_FROM = 5;
const TWO_LINES_FROM = 14;
const LIST_SHARE = 0.55;
const BELOW_SHARE = 0.4;

/** Lays out the picker. The smallest screens have the query and the list alone. */
export function layoutOf({ columns, rows }: Size, wantsPreview: boolean): Layout {
  const hasRules = rows >= RULES_FROM;
  const hasFooter = rows >= FOOTER_FROM;
  const room = Math.max(0, rows - 1 - (hasFooter ? 1 : 0) - (hasRules ? 2 : 0));
  const right = wantsPreview && columns >= RIGHT_FROM && rows >= MIN_ROWS_RIGHT;
  const below = wantsPreview && !right && rows >= MIN_ROWS_BELOW && columns >= MIN_COLUMNS_BELOW;
  const belowHeight = below ? Math.floor(room * BELOW_SHARE) : 0;
  const listWidth = right ? Math.floor(columns * LIST_SHARE) : columns;
  const listHeight = room - (below ? belowHeight + 1 : 0);
  return {
    listWidth,
    listHeight,
    itemHeight: listHeight >= TWO_LINES_FROM ? 2 : 1,
    preview: right
      ? { at: 'right', width: columns - listWidth - 3, height: room }
      : below
        ? { at: 'below', width: columns - 2, height: belowHeight }
        : null,
    hasRules,
    hasFooter,
  };
}

/** Returns true if a screen has room for the preview. */
export function canPreview(size: Size): boolean {
  return layoutOf(size, true).preview !== null;
}
