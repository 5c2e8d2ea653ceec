import { Chalk } from 'chalk';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import type { ColorDepth } from '../../tui/frame/style.js';
import type { Screen } from '../../tui/screen.js';
import type { Context } from '../context.js';
import { oneLine } from '../render/text/sanitize.js';
import { createPriceLoader } from '../shared/costs.js';
import { shortIdOf } from '../shared/named-session.js';
import { showOnScreen } from '../shared/show/open-viewer.js';
import { laidOutScreen, pageHeader, viewerTitle } from '../shared/show/show-page.js';
import { costedRecord, findShown } from '../shared/show/shown.js';
import type { Viewed } from './services.js';

/** The screen of a picker, and what a reader may do there. */
export interface ViewerPlace {
  screen: Screen;
  colors: ColorDepth;
  canFork: boolean;
}

/**
 * Shows a conversation as `ccsess show` does, on a screen that is open already. Rejects only for errors of the program.
 */
export async function viewSession(
  row: SessionRow,
  index: SessionIndex,
  { screen, colors, canFork }: ViewerPlace,
  context: Context,
): Promise<Viewed> {
  try {
    const shown = findShown(index, row, null);
    const facts = await costedRecord(shown, await createPriceLoader(undefined), context);
    const { id, cwd } = facts.record;
    const conversation = {
      title: viewerTitle(facts.record, false) || shortIdOf(index, row),
      id,
      header: pageHeader({ shown, ...facts, isRedacted: false }),
      folders: { cwd, home: context.home },
      isRedacted: false,
    };
    const thread = { which: 'active', sidechains: false } as const;
    const mode = { tools: 'folded', thinking: false } as const;
    const request = { path: shown.path, thread, conversation, mode, start: 'end', follow: false, canFork } as const;
    const width = screen.size.columns;
    return await showOnScreen(request, () => screen, await laidOutScreen(width, new Chalk({ level: colors }), context));
  } catch (error) {
    if (error instanceof CcsessError || (error instanceof Error && 'code' in error))
      return { type: 'failed', text: oneLine(error.message) };
    throw error;
  }
}
